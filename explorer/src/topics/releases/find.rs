//! Releases that a search is for.

use crate::answers::Match;
use crate::store::{Index, QueryError};
use sqlx::Row as _;
use sqlx::any::AnyRow;

fn found(row: &AnyRow) -> Match {
    let hash: &str = row.get("build_hash");
    Match::new("release", hash, format!("/releases/{hash}"))
}

/// The release with a build.
pub(crate) async fn found_by_hash(index: &Index, hash: &str) -> Result<Option<Match>, QueryError> {
    let row = index.one("SELECT build_hash FROM release_history WHERE build_hash=$1", vec![hash.into()]).await?;
    Ok(row.as_ref().map(found))
}

/// The account whose releases there are.
pub(crate) async fn found_proposer(index: &Index, key: &str) -> Result<Option<Match>, QueryError> {
    let row = index.one("SELECT 1 FROM release_lists WHERE list=$1 LIMIT 1", vec![key.into()]).await?;
    Ok(row.map(|_| Match::new("account", key, format!("/releases?proposer={key}"))))
}

/// The releases whose builds begin with some digits.
pub(crate) async fn found_by_beginning(index: &Index, text: &str) -> Result<Vec<Match>, QueryError> {
    // Everything that begins with the text stands between the text and the text with a letter behind all digits.
    let key = vec![text.into(), format!("{text}g").into()];
    let sql = "SELECT build_hash FROM release_history WHERE build_hash >= $1 AND build_hash < $2 \
               ORDER BY build_hash LIMIT 20";
    Ok(index.all(sql, key).await?.iter().map(found).collect())
}

/// The releases of a version, the latest first.
pub(crate) async fn found_by_version(index: &Index, version: &str) -> Result<Vec<Match>, QueryError> {
    let sql = "SELECT build_hash FROM release_history WHERE version=$1 ORDER BY ordinal DESC LIMIT 20";
    Ok(index.all(sql, vec![version.into()]).await?.iter().map(found).collect())
}
