//! Who signs releases, and who did.

use super::APPLIED_THRESHOLD;
use super::answer::SignersAnswer;
use crate::answers::Match;
use crate::store::column::parsed;
use crate::store::question::{meta, on_pages_before};
use crate::store::{Index, QueryError};
use primitives::Moment;
use releases::{RosterRecord, SignedUnder};
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
    // Versions have no gaps, so a page is a range of them.
    let sql = "SELECT record FROM rosters WHERE version<=$1 ORDER BY version DESC LIMIT $2";
    let last = record.roster.version.saturating_sub(on_pages_before(page, page_size));
    let entries = index.all(sql, vec![last.into(), u64::from(page_size).into()]).await?;
    let entries: Result<Vec<_>, _> = entries.iter().map(|row| parsed("a roster", row.get(0))).collect();
    let threshold = meta(index.readers(), APPLIED_THRESHOLD).await?.unwrap_or(record.roster.threshold);
    let current = ReleaseSigners::new(record, threshold, index.head().await?.at.epoch);
    let history = PageOf { total: current.roster, page, page_size, entries: entries? };
    Ok(Some(SignersAnswer { current, history }))
}

/// The roster that a proposal was made under: the one that counted then, beside the one that took its place.
pub(crate) async fn signed_under(index: &Index, made: Moment) -> Result<SignedUnder, QueryError> {
    let sql = "SELECT record FROM rosters WHERE version <= 1 + \
               (SELECT version FROM rosters WHERE since<=$1 ORDER BY since DESC, version DESC LIMIT 1) \
               ORDER BY version DESC LIMIT 2";
    let rows = index.all(sql, vec![made.height.0.into()]).await?;
    let records: Result<Vec<RosterRecord>, _> = rows.iter().map(|row| parsed("a roster", row.get(0))).collect();
    SignedUnder::find(records?, made).ok_or(QueryError::NoPosition)
}

/// The signer with a key, of any roster, for a search.
pub(crate) async fn found_by_key(index: &Index, key: &str) -> Result<Option<Match>, QueryError> {
    let row = index.one("SELECT 1 FROM signer_keys WHERE key=$1", vec![key.into()]).await?;
    Ok(row.map(|_| Match::new("signer", key, format!("/signers#s-{key}"))))
}
