//! One block's changes to the index: rows that wait, and builds whose entries are to be made anew.

use super::installs::Receipts;
use super::tables::*;
use crate::store::table::{Cell, Pending, Row, Table, bind, int, natural};
use primitives::{BuildHash, Epoch, Height, Moment, ProposalId, Timestamp};
use releases::{ApprovedRelease, MinimumSequence, Receipt};
use rpc::views;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row as _};
use std::collections::BTreeMap;

/// Why a block did not get into the index. Nothing of it is kept.
#[derive(Debug, thiserror::Error)]
pub enum FoldError {
    /// The database refused.
    #[error("the index cannot be written: {0}; check the disk, or the database server")]
    Database(#[from] sqlx::Error),
    /// What is in the index does not fit the block.
    #[error("the index does not fit the chain ({0}); make it anew with --rebuild")]
    Damaged(String),
}

/// What one block changes.
pub struct Work<'c> {
    pub(super) connection: &'c mut AnyConnection,
    pub(super) at: Moment,
    pending: Pending,
    pub(super) receipts: Receipts,
    counted: BTreeMap<String, i64>,
}

/// A value as JSON; chain types always have one.
pub fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| unreachable!("a chain type has no JSON: {error}"))
}

/// A value from JSON that this program wrote.
///
/// # Errors
/// Something else stands there.
pub fn parsed<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, FoldError> {
    serde_json::from_str(text).map_err(|error| FoldError::Damaged(format!("{what}: {error}")))
}

/// A text that is a value of a chain type, such as a hash or a status.
///
/// # Errors
/// Something else stands there.
pub fn typed<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, FoldError> {
    serde_json::from_value(text.into()).map_err(|error| FoldError::Damaged(format!("{what}: {error}")))
}

/// The inside of a JSON object.
pub(super) fn inside(object: String) -> String {
    let inside = object.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    inside.unwrap_or_default().to_owned()
}

impl<'c> Work<'c> {
    /// The work of the block at `at`.
    pub fn new(connection: &'c mut AnyConnection, at: Moment) -> Self {
        Self { connection, at, pending: Pending::default(), receipts: Receipts::default(), counted: BTreeMap::new() }
    }

    /// Has a row written.
    pub fn put(&mut self, table: &'static Table, row: Row) {
        self.pending.put(table, row);
    }

    /// Counts so many more of what has this name.
    pub fn count(&mut self, name: impl Into<String>, more: i64) {
        *self.counted.entry(name.into()).or_default() += more;
    }

    /// A row of the index as it is, with what this block has written so far.
    pub async fn row(&mut self, sql: &'static str, key: Vec<Cell>) -> Result<Option<AnyRow>, FoldError> {
        self.pending.flush(self.connection).await?;
        let query = key.into_iter().fold(sqlx::query(sql), bind);
        Ok(query.fetch_optional(&mut *self.connection).await?)
    }

    /// A value of [`META`].
    pub async fn meta<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<Option<T>, FoldError> {
        let row = self.row("SELECT value FROM meta WHERE name=$1", vec![name.into()]).await?;
        row.map(|row| parsed(name, row.get(0))).transpose()
    }

    /// Sets a value of [`META`].
    pub fn set_meta<T: Serialize>(&mut self, name: &'static str, value: &T) {
        self.put(&META, vec![name.into(), json(value).into()]);
    }

    /// Writes the rows that wait, so that statements see them.
    pub async fn flush(&mut self) -> Result<(), FoldError> {
        Ok(self.pending.flush(self.connection).await?)
    }

    /// The approved builds that a condition of ours names, with their ordinals.
    pub async fn releases(
        &mut self,
        condition: &'static str,
        key: Vec<Cell>,
    ) -> Result<Vec<(i64, ApprovedRelease)>, FoldError> {
        self.pending.flush(self.connection).await?;
        let sql = format!("SELECT ordinal, entry, installs FROM release_history WHERE {condition}");
        let query = key.into_iter().fold(sqlx::query(AssertSqlSafe(sql)), bind);
        let rows = query.fetch_all(&mut *self.connection).await?;
        rows.iter().map(|row| Ok((row.get("ordinal"), view_of(row)?.release))).collect()
    }

    /// Says anew of some approved builds where they stand, and whether they may run.
    pub async fn judge_again(&mut self, condition: &'static str, key: Vec<Cell>) -> Result<(), FoldError> {
        for (ordinal, release) in self.releases(condition, key).await? {
            self.write_release(ordinal, release).await?;
        }
        Ok(())
    }

    /// Changes an approved build, as the chain changes its own record of it.
    pub async fn change(
        &mut self,
        hash: &BuildHash,
        change: impl FnOnce(&mut ApprovedRelease),
    ) -> Result<(), FoldError> {
        let Some((ordinal, mut release)) = self.releases("build_hash=$1", vec![hash.to_string().into()]).await?.pop()
        else {
            return Err(FoldError::Damaged(format!("build {hash} is not in it")));
        };
        change(&mut release);
        self.write_release(ordinal, release).await
    }

    /// Writes an approved build: its row, its status where that is shown, and the epoch at which that changes by itself.
    pub async fn write_release(&mut self, ordinal: i64, release: ApprovedRelease) -> Result<(), FoldError> {
        let minimum = self.minimum_sequence().await?;
        let changes = next_change(&release, &minimum, self.at.epoch);
        let view = views::ReleaseView::new(release, &[], &minimum, self.at.epoch);
        let hash = view.release.build_hash;
        let row = release_row(ordinal, &view, changes);
        self.put(&RELEASES, row);
        if let Some(id) = view.release.proposal_id {
            let sql = "SELECT build_hash, status FROM proposals WHERE id=$1";
            let row = self.row(sql, vec![id.0.into()]).await?;
            // Of a release with many builds, its proposal stands where the build stands that it is named after.
            let named = row.filter(|row| row.get::<Option<String>, _>(0) == Some(hash.to_string()));
            if named.is_some_and(|row| row.get::<String, _>(1) != "passed") {
                self.proposal_status(id, view.status).await?;
            }
        }
        Ok(())
    }

    /// Moves a proposal to a status.
    pub async fn proposal_status(&mut self, id: ProposalId, status: views::DecisionStatus) -> Result<(), FoldError> {
        let row = self.row("SELECT status FROM proposals WHERE id=$1", vec![id.0.into()]).await?;
        let Some(row) = row else { return Err(FoldError::Damaged(format!("proposal {id} is not in it"))) };
        self.count(status_count(&row.get::<String, _>(0)), -1);
        self.count(status_count(&status.to_string()), 1);
        let place = match status {
            views::DecisionStatus::Open => 0,
            views::DecisionStatus::Passed => 1,
            _ => 2,
        };
        let query = sqlx::query("UPDATE proposals SET status=$1, place=$2 WHERE id=$3");
        query.bind(status.to_string()).bind(place).bind(int(id.0)).execute(&mut *self.connection).await?;
        Ok(())
    }

    /// The least number of a release that may run.
    pub async fn minimum_sequence(&mut self) -> Result<MinimumSequence, FoldError> {
        Ok(self.meta("minimum_sequence").await?.unwrap_or_default())
    }

    /// Writes the builds whose status, or verdict, changes with the epoch that has begun.
    pub async fn begin_epoch(&mut self, epoch: Epoch) -> Result<(), FoldError> {
        self.judge_again("changes_epoch <= $1", vec![epoch.0.into()]).await
    }

    /// Writes everything that waits.
    pub async fn finish(mut self) -> Result<(), FoldError> {
        self.pending.flush(self.connection).await?;
        std::mem::take(&mut self.receipts).write(self.connection).await?;
        for (name, more) in std::mem::take(&mut self.counted) {
            let sql = "INSERT INTO counts (name, count) VALUES ($1, $2) \
                       ON CONFLICT (name) DO UPDATE SET count = counts.count + excluded.count";
            sqlx::query(sql).bind(name).bind(more).execute(&mut *self.connection).await?;
        }
        Ok(())
    }
}

/// The name under which proposals of a status are counted.
pub fn status_count(status: &str) -> String {
    format!("proposals/{status}")
}

/// A receipt from its row.
pub fn receipt_of(row: &AnyRow) -> Receipt {
    let moment = |height, epoch, time| Moment {
        height: Height(natural(row.get(height))),
        epoch: Epoch(natural(row.get(epoch))),
        time: Timestamp(natural(row.get(time))),
    };
    Receipt {
        first: moment("first_height", "first_epoch", "first_time"),
        last: moment("last_height", "last_epoch", "last_time"),
        count: natural(row.get("count")),
    }
}

/// A build as the API shows it, from the two halves of its entry.
///
/// # Errors
/// Something else stands there.
pub fn view_of(row: &AnyRow) -> Result<views::ReleaseView, FoldError> {
    let (entry, installs): (&str, &str) = (row.get("entry"), row.get("installs"));
    parsed("a release", &format!("{{{entry},{installs}}}"))
}

/// The next epoch at whose start a build's status or verdict changes without anybody doing anything.
fn next_change(release: &ApprovedRelease, minimum: &MinimumSequence, now: Epoch) -> Option<Epoch> {
    let stop = release.stop(minimum).map(|stop| stop.epoch);
    [stop, release.manifest.end_of_support_epoch].into_iter().flatten().filter(|epoch| *epoch > now).min()
}

/// The row of an approved build, without its installs.
pub fn release_row(ordinal: i64, view: &views::ReleaseView, changes: Option<Epoch>) -> Row {
    let release = &view.release;
    let text = |text: &Option<primitives::Text<64>>| text.as_ref().map(|text| text.to_string());
    let mut entry = serde_json::to_value(view).unwrap_or_default();
    for name in ["install_times", "install_count", "last_install_ts"] {
        entry.as_object_mut().map(|entry| entry.remove(name));
    }
    vec![
        Cell::Int(Some(ordinal)),
        release.build_hash.to_string().into(),
        release.proposal_id.map(|id| id.0).into(),
        release.proposer.map(|who| who.to_string()).into(),
        release.sequence.into(),
        release.activated_epoch.0.into(),
        release.activated.map(|at| at.time.0).into(),
        view.status.to_string().into(),
        text(&release.manifest.version).into(),
        text(&release.target.platform).into(),
        u64::from(release.signature_threshold).into(),
        view.quorum_met.into(),
        changes.map(|epoch| epoch.0).into(),
        inside(json(&entry)).into(),
    ]
}
