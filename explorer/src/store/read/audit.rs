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

/// A part of the log. `before` is the number of a fact, see [`fact_id`]; none begins with the newest.
///
/// # Errors
/// The database cannot be read.
pub async fn audit(
    index: &Index,
    query: &AuditQuery,
    before: Option<u64>,
    size: u32,
) -> Result<AuditAnswer, FoldError> {
    let mut conditions = vec!["id < $1".to_owned()];
    let mut cells: Vec<Cell> = vec![before.unwrap_or(u64::MAX).into()];
    let columns: [(&str, Option<Cell>); 4] = [
        ("kind", query.kind.as_deref().map(Cell::from)),
        ("account", query.account.map(|account| account.to_string().into())),
        ("build_hash", query.build_hash.map(|hash| hash.to_string().into())),
        ("proposal_id", query.proposal_id.map(Cell::from)),
    ];
    for (column, cell) in columns {
        if let Some(cell) = cell {
            cells.push(cell);
            conditions.push(format!("{column}=${}", cells.len()));
        }
    }
    match query.outcome {
        Some(Outcome::Refused) => conditions.push("refused=1".into()),
        Some(Outcome::Granted) => conditions.push("refused=0".into()),
        None => {}
    }
    let sql = format!("SELECT * FROM facts WHERE {} ORDER BY id DESC LIMIT {}", conditions.join(" AND "), size + 1);
    let rows = cells.into_iter().fold(sqlx::query(AssertSqlSafe(sql)), bind).fetch_all(&index.pool).await?;
    let (size, more) = (size as usize, rows.len() > size as usize);
    let entries: Vec<AuditEntry> = rows.iter().take(size).map(entry).collect::<Result<_, _>>()?;
    let last = entries.last().filter(|_| more).map(|entry| format!("{}.{}", entry.height, entry.index));
    let head = index.head().await?;
    Ok(AuditAnswer {
        entries,
        next: last,
        verified_height: head.at.height,
        verified_hash: head.hash,
        genesis_hash: index.genesis_hash,
    })
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
