//! Whether the index is what it was written as (REQ-138, REQ-151): every block and every fact of it is read once, beside everything else,
//! and every block since as it comes. A database can be written to by others than this program; what they change does not hang together.

use super::answer::kept_sentence;
use super::fold::rank;
use super::{fact_id, fact_place};
use crate::audited::IndexAudit;
use crate::store::column::parsed;
use crate::store::table::natural;
use crate::store::{Index, IndexHead, QueryError};
use primitives::Height;
use rpc::views::AuditWalk;
use runtime::{Fact, Header, Record};
use serde::de::DeserializeOwned;
use sqlx::any::AnyRow;
use sqlx::{Any, Decode, Row as _, Type};
use state::Told as _;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::watch;

/// How many blocks are read at once.
const STEP: u64 = 64;
/// How long to wait before a database that did not answer is asked again.
const PAUSE: Duration = Duration::from_secs(10);

/// Reads the index until it is told to stop.
pub async fn watch(
    audit: IndexAudit,
    index: Index,
    mut head: watch::Receiver<IndexHead>,
    mut stopped: watch::Receiver<bool>,
) {
    loop {
        head.mark_unchanged();
        let more = match step(&audit, &index).await {
            Ok(more) => more,
            Err(error) => {
                tracing::warn!(%error, "the index cannot be looked through for now");
                tokio::select! {
                    () = tokio::time::sleep(PAUSE) => true,
                    _ = stopped.wait_for(|stop| *stop) => return,
                }
            }
        };
        if more && !*stopped.borrow() {
            tokio::task::yield_now().await;
            continue;
        }
        tokio::select! {
            changed = head.changed() => if changed.is_err() { return },
            _ = stopped.wait_for(|stop| *stop) => return,
        }
    }
}

/// Reads some more blocks; whether there are others.
///
/// # Errors
/// The database cannot be read.
pub async fn step(audit: &IndexAudit, index: &Index) -> Result<bool, QueryError> {
    let mut walk = audit.walk();
    let before = walk.answer();
    let newest = index.head().await?.at.height;
    if before.checked_to.is_some_and(|checked| checked > newest) {
        // The database stepped back, and what is written to it now is another part of the chain, or the same once more.
        walk = AuditWalk::default();
    }
    let from = walk.next().unwrap_or_default();
    let until = from.plus(STEP).min(newest.next());
    let sql = "SELECT height, hash, header FROM blocks WHERE height >= $1 AND height < $2 ORDER BY height";
    let blocks = index.all(sql, vec![from.0.into(), until.0.into()]).await?;
    let sql = "SELECT id, kind, refused, sentence, severity, fact FROM facts WHERE id >= $1 AND id < $2 ORDER BY id";
    let rows = index.all(sql, vec![fact_id(from.0, 0).into(), fact_id(until.0, 0).into()]).await?;
    let mut facts: BTreeMap<Height, Vec<&AnyRow>> = BTreeMap::new();
    for row in &rows {
        facts.entry(Height(fact_place(natural(row.get("id"))).0)).or_default().push(row);
    }
    for block in &blocks {
        take(&mut walk, block, &facts);
    }
    if let Some(missing) = walk.next().or(Some(from)).filter(|next| *next < until) {
        walk.breaks(missing, "it is missing in the index".into());
    }
    let more = until <= newest && !blocks.is_empty();
    if !more {
        walk.is_through();
    }
    let now = walk.answer();
    if let (None, Some(height), Some(what)) = (before.broken_at, now.broken_at, &now.broken_by) {
        tracing::error!(
            "the index is broken at block {height}: {what}; somebody else wrote to it, so make it anew with --rebuild"
        );
    }
    audit.set(walk);
    Ok(more)
}

/// Looks at a block with its facts.
fn take(walk: &mut AuditWalk, block: &AnyRow, facts: &BTreeMap<Height, Vec<&AnyRow>>) {
    let height = Height(natural(block.get("height")));
    let read = || -> Result<(Header, String), String> { Ok((typed(block, "header")?, cell(block, "hash")?)) };
    let (header, hash) = match read() {
        Ok(read) => read,
        Err(error) => return walk.breaks(height, error),
    };
    if header.height != height || header.hash().to_string() != hash {
        walk.breaks(height, format!("its header is that of block {} with hash {}", header.height, header.hash()));
    }
    let mut record = Record { header, facts: Vec::new() };
    for row in facts.get(&height).into_iter().flatten() {
        let (_, index) = fact_place(natural(row.get("id")));
        match typed::<Fact>(row, "fact").and_then(|fact| Ok((misfiled(row, &fact)?, fact))) {
            Ok((what, fact)) => {
                if let Some(what) = what {
                    walk.breaks(height, format!("its fact {index} {what}"));
                }
                record.facts.push(fact);
            }
            Err(error) => walk.breaks(height, format!("of its fact {index}, {error}")),
        }
    }
    walk.take(&record);
}

/// A cell of a row, in which others may have put what is of another kind.
fn cell<'r, T: Decode<'r, Any> + Type<Any>>(row: &'r AnyRow, column: &str) -> Result<T, String> {
    row.try_get(column).map_err(|error| format!("{column} cannot be read: {error}"))
}

/// A value that is kept as JSON.
fn typed<T: DeserializeOwned>(row: &AnyRow, column: &str) -> Result<T, String> {
    let text: &str = cell(row, column)?;
    parsed(column, text).map_err(|error| error.to_string())
}

/// What is filed about a fact otherwise than it says of itself.
fn misfiled(row: &AnyRow, fact: &Fact) -> Result<Option<String>, String> {
    let (kind, sentence): (String, String) = (cell(row, "kind")?, cell(row, "sentence")?);
    if kind != fact.kind() {
        return Ok(Some(format!("is filed as {kind}, and is {}", fact.kind())));
    }
    if (cell::<i64>(row, "refused")? == 1) != fact.outcome.is_err() {
        return Ok(Some("is filed as granted where it was refused, or the other way about".into()));
    }
    let severity = fact.severity();
    if natural(cell(row, "severity")?) != rank(severity) {
        return Ok(Some(format!("is filed as another severity than {severity}")));
    }
    let is_told = sentence == kept_sentence(fact);
    Ok((!is_told).then(|| "is told otherwise than it happened".into()))
}
