//! The audit log: every fact, refusals included, by what it is about.

use super::{Index, all, typed};
use crate::answers::{AuditAnswer, AuditEntry};
use crate::fold::work::{FoldError, parsed};
use crate::fold::{fact_id, fact_place};
use crate::queries::{AuditQuery, Outcome};
use crate::store::table::{Cell, bind, natural};
use primitives::{Epoch, Height, Timestamp};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

/// How many facts one question looks at, at most: a filter that nearly nothing passes must not read the whole log.
const WINDOW: u32 = 10_000;

/// What a question asks: the facts of one index, and which of them.
struct Asked {
    /// The condition that an index answers.
    first: String,
    /// What is asked of each fact besides.
    rest: String,
    /// The values, `$1` being the end of the part.
    cells: Vec<Cell>,
}

impl Asked {
    /// What names the fewest facts goes first.
    fn of(query: &AuditQuery, before: Option<u64>) -> Self {
        let columns: [(&str, Option<Cell>); 4] = [
            ("proposal_id", query.proposal_id.map(Cell::from)),
            ("build_hash", query.build_hash.map(|hash| hash.to_string().into())),
            ("account", query.account.map(|account| account.to_string().into())),
            ("kind", query.kind.as_deref().map(Cell::from)),
        ];
        let mut cells: Vec<Cell> = vec![before.unwrap_or(u64::MAX).into()];
        let mut conditions = Vec::new();
        for (column, cell) in columns {
            if let Some(cell) = cell {
                cells.push(cell);
                conditions.push(format!("{column}=${}", cells.len()));
            }
        }
        conditions.extend(query.outcome.map(|outcome| match outcome {
            Outcome::Refused => "refused=1".into(),
            Outcome::Granted => "refused=0".to_owned(),
        }));
        let mut conditions = conditions.into_iter();
        let first = conditions.next().map(|first| format!(" AND {first}")).unwrap_or_default();
        let rest: Vec<String> = conditions.collect();
        let rest = if rest.is_empty() { String::new() } else { format!(" WHERE {}", rest.join(" AND ")) };
        Self { first, rest, cells }
    }

    /// The facts that are looked at.
    fn window(&self, columns: &str, most: u32) -> String {
        let first = &self.first;
        format!("(SELECT {columns} FROM facts WHERE id < $1{first} ORDER BY id DESC LIMIT {most}) looked_at")
    }
}

/// A part of the log. `before` is the number of a fact, see [`fact_id`]; none begins with the newest. Where filters leave
/// little, a part may have fewer entries than asked for, and more after it.
///
/// # Errors
/// The database cannot be read.
pub async fn audit(
    index: &Index,
    query: &AuditQuery,
    before: Option<u64>,
    size: u32,
) -> Result<AuditAnswer, FoldError> {
    audit_within(index, query, before, size, WINDOW).await
}

/// The same, looking at another number of facts at most.
///
/// # Errors
/// The database cannot be read.
pub async fn audit_within(
    index: &Index,
    query: &AuditQuery,
    before: Option<u64>,
    size: u32,
    window: u32,
) -> Result<AuditAnswer, FoldError> {
    let asked = Asked::of(query, before);
    let facts = match asked.rest.as_str() {
        "" => format!("facts WHERE id < $1{}", asked.first),
        rest => format!("{}{rest}", asked.window("*", window)),
    };
    let sql = format!("SELECT * FROM {facts} ORDER BY id DESC LIMIT {}", size + 1);
    let rows = asked.cells.iter().cloned().fold(sqlx::query(AssertSqlSafe(sql)), bind).fetch_all(&index.pool).await?;
    let (size, more) = (size as usize, rows.len() > size as usize);
    let entries: Vec<AuditEntry> = rows.iter().take(size).map(entry).collect::<Result<_, _>>()?;
    let next = match entries.last().filter(|_| more) {
        Some(last) => Some(fact_id(last.height.0, last.index)),
        None if asked.rest.is_empty() => None,
        None => looked_through(index, asked, window).await?,
    };
    let head = index.head().await?;
    Ok(AuditAnswer {
        entries,
        next: next.map(fact_place).map(|(height, place)| format!("{height}.{place}")),
        verified_height: head.at.height,
        verified_hash: head.hash,
        genesis_hash: index.genesis_hash,
    })
}

/// Where a question stopped looking before it had seen everything; none when it has.
async fn looked_through(index: &Index, asked: Asked, window: u32) -> Result<Option<u64>, FoldError> {
    let sql = format!("SELECT count(id), min(id) FROM {}", asked.window("id", window));
    // Values that the window does not ask for would have no type for the database.
    let used = 1 + usize::from(asked.first.contains('$'));
    let cells = asked.cells.into_iter().take(used);
    let row = cells.fold(sqlx::query(AssertSqlSafe(sql)), bind).fetch_one(&index.pool).await?;
    let all = natural(row.get(0)) < u64::from(window);
    Ok(row.get::<Option<i64>, _>(1).filter(|_| !all).map(natural))
}

/// The first facts of a block, in order.
pub(super) async fn of_block(index: &Index, height: Height, most: i64) -> Result<Vec<AuditEntry>, FoldError> {
    let sql = "SELECT * FROM facts WHERE id >= $1 AND id < $2 ORDER BY id LIMIT $3";
    let key = vec![fact_id(height.0, 0).into(), fact_id(height.0 + 1, 0).into(), Cell::Int(Some(most))];
    all(&index.pool, sql, key).await?.iter().map(entry).collect()
}

/// A fact of a row.
pub(super) fn entry(row: &AnyRow) -> Result<AuditEntry, FoldError> {
    let (height, index) = fact_place(natural(row.get("id")));
    let account: Option<&str> = row.get("account");
    let build: Option<&str> = row.get("build_hash");
    Ok(AuditEntry {
        height: Height(height),
        index,
        epoch: Epoch(natural(row.get("epoch"))),
        time: Timestamp(natural(row.get("time"))),
        kind: row.get("kind"),
        refused: row.get::<i64, _>("refused") == 1,
        sentence: row.get("sentence"),
        account: account.map(|account| typed("an account", account)).transpose()?,
        build_hash: build.map(|hash| typed("a build", hash)).transpose()?,
        proposal_id: row.get::<Option<i64>, _>("proposal_id").map(natural),
        fact: parsed("a fact", row.get("fact"))?,
    })
}

/// The number of the fact that `height.index` names; none when it is no such name.
pub fn cursor(text: &str) -> Option<u64> {
    let (height, index) = text.split_once('.')?;
    let (height, index): (u64, u64) = (height.parse().ok()?, index.parse().ok()?);
    (height < 1 << 39 && index < 1 << crate::fold::PLACE_BITS).then(|| fact_id(height, index))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::table::int;

    #[test]
    fn a_fact_has_one_number_and_one_name() {
        assert_eq!(cursor("12.3").map(fact_place), Some((12, 3)));
        assert_eq!(["", "12", "12.", ".3", "x.1", "-1.2", "99999999999999999.0", "1.99999999"].map(cursor), [None; 8]);
        assert!(fact_id(12, 3) < fact_id(12, 4) && fact_id(12, u64::from(u16::MAX)) < fact_id(13, 0));
        assert!(int(fact_id((1 << 39) - 1, 0)) < i64::MAX);
    }
}
