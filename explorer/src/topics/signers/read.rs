//! Who signs releases, and who did.

use super::APPLIED_THRESHOLD;
use super::answer::SignersAnswer;
use crate::answers::Match;
use crate::store::column::parsed;
use crate::store::question::{meta, offset};
use crate::store::table::natural;
use crate::store::{Index, QueryError};
use releases::RosterRecord;
use rpc::views::{PageOf, ReleaseSigners};
use sqlx::Row as _;

/// The signers now, and every roster there ever was; none before genesis is in the index.
///
/// # Errors
/// The database cannot be read.
pub async fn signers(index: &Index, page: u64, page_size: u32) -> Result<Option<SignersAnswer>, QueryError> {
    let sql = "SELECT version, record FROM rosters ORDER BY version DESC LIMIT 1";
    let Some(row) = index.one(sql, Vec::new()).await? else { return Ok(None) };
    let record: RosterRecord = parsed("a roster", row.get("record"))?;
    let sql = "SELECT record FROM rosters ORDER BY version DESC LIMIT $1 OFFSET $2";
    let range = vec![u64::from(page_size).into(), natural(offset(page, page_size)).into()];
    let entries = index.all(sql, range).await?;
    let entries: Result<Vec<_>, _> = entries.iter().map(|row| parsed("a roster", row.get(0))).collect();
    let threshold = meta(index.readers(), APPLIED_THRESHOLD).await?.unwrap_or(record.roster.threshold);
    let current = ReleaseSigners::new(record, threshold, index.head().await?.at.epoch);
    let history = PageOf { total: current.roster, page, page_size, entries: entries? };
    Ok(Some(SignersAnswer { current, history }))
}

/// Every roster there ever was, the latest first. They are few and short.
pub(crate) async fn rosters(index: &Index) -> Result<Vec<RosterRecord>, QueryError> {
    let rows = index.all("SELECT record FROM rosters ORDER BY version DESC", Vec::new()).await?;
    let records: Result<Vec<_>, _> = rows.iter().map(|row| parsed("a roster", row.get(0))).collect();
    Ok(records?)
}

/// The signer with a key, of any roster, for a search.
pub(crate) async fn found_by_key(index: &Index, key: &str) -> Result<Option<Match>, QueryError> {
    // Rosters are few and short.
    let like = format!("%\"{key}\"%");
    let row = index.one("SELECT 1 FROM rosters WHERE record LIKE $1 LIMIT 1", vec![like.into()]).await?;
    Ok(row.map(|_| Match::new("signer", key, format!("/signers#s-{key}"))))
}
