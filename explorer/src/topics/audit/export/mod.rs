//! The audit log as other systems take it (REQ-154): a row for each fact, in the order of the log.
//!
//! An export is whole or fails: what would be too much is refused before the first row, and a stream that breaks off ends without its
//! end, which every reader of HTTP notices.

mod csv;
mod ocsf;
mod row;

use csv::HEAD as CSV_HEAD;
pub use row::ExportRow;

use super::query::{ExportFormat, ExportQuery};
use super::read::{Asked, entry, within};
use super::retention::RetentionRules;
use super::{fact_id, fact_place};
use crate::serve::Problem;
use crate::store::table::{SqlValue, natural};
use crate::store::{Index, QueryError};
use axum::http::StatusCode;
use bytes::Bytes;
use futures::stream::{self, Stream};
use sqlx::{AssertSqlSafe, Row as _};
use std::io;
use std::ops::Range;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// How many facts one export looks at, at most.
pub const MOST_LOOKED_AT: u64 = 200_000;
/// How many facts are read at once.
const BATCH: u32 = 500;
/// How long an export may take, with whoever reads it.
const BUDGET: Duration = Duration::from_secs(300);

impl ExportFormat {
    /// The media type.
    pub fn content_type(self) -> &'static str {
        match self {
            ExportFormat::Json => "application/json",
            ExportFormat::Csv => "text/csv; charset=utf-8; header=present",
            ExportFormat::Ocsf => "application/x-ndjson",
        }
    }

    /// The end of the name of a file.
    pub fn extension(self) -> &'static str {
        match self {
            ExportFormat::Json => "json",
            ExportFormat::Csv => "csv",
            ExportFormat::Ocsf => "ocsf.ndjson",
        }
    }

    /// What comes before the first row.
    fn begin(self) -> &'static str {
        match self {
            ExportFormat::Json => "[",
            ExportFormat::Csv => CSV_HEAD,
            ExportFormat::Ocsf => "",
        }
    }

    /// A row, of which it is said whether it is the first.
    fn row(self, row: &ExportRow<'_>, is_first: bool) -> String {
        match self {
            ExportFormat::Json => format!("{}\n{}", if is_first { "" } else { "," }, row.json()),
            ExportFormat::Csv => csv::line(row),
            ExportFormat::Ocsf => format!("{}\n", row.event()),
        }
    }

    /// What comes after the last row.
    fn end(self) -> &'static str {
        match self {
            ExportFormat::Json => "\n]\n",
            ExportFormat::Csv | ExportFormat::Ocsf => "",
        }
    }
}

/// An export that may begin: it is known to be no more than one may be.
pub(super) struct Export {
    index: Index,
    format: ExportFormat,
    asked: Asked,
    rules: RetentionRules,
    until: Instant,
    stage: Stage,
    /// A place among those who export at once.
    _place: oneshot::Sender<()>,
}

enum Stage {
    Begins,
    Goes { is_first: bool },
    Ended,
}

impl Export {
    /// An export of what is asked for.
    ///
    /// # Errors
    /// More facts would be looked at than one export may, and a database that cannot be read.
    pub async fn of(index: &Index, query: &ExportQuery, place: OwnedSemaphorePermit) -> Result<Self, Problem> {
        let asked = query.as_audit();
        let facts = within(index, &asked, None).await?;
        let looked_at = count(index, &facts).await?;
        if looked_at > MOST_LOOKED_AT {
            let detail = format!(
                "E_BUDGET: the time asked for has {looked_at} facts, and one export looks at {MOST_LOOKED_AT} at most; ask for a shorter \
                 time with from and to, and for the next one after it"
            );
            return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail));
        }
        Ok(Self {
            index: index.clone(),
            format: query.format,
            asked: Asked::of(&asked, facts),
            rules: RetentionRules::default(),
            until: Instant::now() + BUDGET,
            stage: Stage::Begins,
            _place: held(place),
        })
    }

    /// The bytes, a part at a time.
    pub fn stream(self) -> impl Stream<Item = io::Result<Bytes>> + Send + use<> {
        stream::try_unfold(self, |mut export| async move {
            let part = export.part().await.map_err(|error| {
                tracing::warn!(%error, "an export broke off");
                io::Error::other(error.to_string())
            })?;
            Ok::<_, io::Error>(part.map(|part| (Bytes::from(part), export)))
        })
    }

    async fn part(&mut self) -> Result<Option<String>, ExportError> {
        if Instant::now() > self.until {
            return Err(ExportError::TooSlow);
        }
        match self.stage {
            Stage::Begins => {
                self.stage = Stage::Goes { is_first: true };
                Ok(Some(self.format.begin().to_owned()))
            }
            Stage::Goes { is_first } => self.rows(is_first).await.map(Some),
            Stage::Ended => Ok(None),
        }
    }

    async fn rows(&mut self, is_first: bool) -> Result<String, ExportError> {
        let sql = self.asked.forward(BATCH);
        let rows = self.index.readers().all(AssertSqlSafe(sql), self.asked.cells()).await.map_err(QueryError::from)?;
        let mut entries = rows.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
        self.rules.fill(&self.index, &mut entries).await?;
        let Some(last) = entries.last() else {
            self.stage = Stage::Ended;
            return Ok(self.format.end().to_owned());
        };
        self.asked.begin_after(fact_id(last.height.0, last.index));
        self.stage = Stage::Goes { is_first: false };
        let rows = entries.iter().enumerate();
        Ok(rows.map(|(place, entry)| self.format.row(&ExportRow::of(entry), is_first && place == 0)).collect())
    }
}

/// Holds a place until what is given back is dropped, and no longer than an export may take: nobody asks anything of one whose reader has
/// stopped reading, and it must not keep others from theirs.
fn held(place: OwnedSemaphorePermit) -> oneshot::Sender<()> {
    let (holds, ended) = oneshot::channel();
    tokio::spawn(async move {
        let _ = tokio::time::timeout(BUDGET, ended).await;
        drop(place);
    });
    holds
}

/// Why an export breaks off.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    /// The index did not answer.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// Whoever reads it, or the database, is too slow.
    #[error("E_BUDGET: it took more than {} s; ask for a shorter time", BUDGET.as_secs())]
    TooSlow,
}

/// How many facts there are by their numbers, by what blocks say.
async fn count(index: &Index, facts: &Range<u64>) -> Result<u64, QueryError> {
    let height = |id: u64| SqlValue::from(fact_place(id).0);
    // The last number is the first of a block that is not asked for, or none that a block has. A server sums to a decimal, which is
    // asked for as a whole number.
    let sql = "SELECT CAST(sum(facts) AS BIGINT) FROM \
               (SELECT facts FROM blocks WHERE height >= $1 AND height < $2 AND facts > 0 LIMIT $3) counted";
    let key = vec![height(facts.start), height(facts.end), (MOST_LOOKED_AT + 1).into()];
    let row = index.one(sql, key).await?;
    let sum = row.and_then(|row| row.get::<Option<i64>, _>(0));
    Ok(sum.map_or(0, natural))
}

#[cfg(test)]
mod tests;
