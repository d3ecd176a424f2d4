//! Who built a build again from source.

use crate::store::column::{parsed, typed};
use crate::store::table::natural;
use crate::store::{Index, QueryError};
use primitives::BuildHash;
use rpc::views::{MOST_PER_PAGE, RebuildView};
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// How many built it, and the first of them.
///
/// # Errors
/// The database cannot be read.
pub async fn rebuilds(index: &Index, hash: &BuildHash) -> Result<(u64, Vec<RebuildView>), QueryError> {
    let last = "SELECT number FROM rebuilds WHERE build_hash=$1 ORDER BY number DESC LIMIT 1";
    // Numbers have no gaps.
    let count = index.one(last, vec![hash.to_string().into()]).await?.map_or(0, |row| natural(row.get(0)));
    let sql = "SELECT builder, rebuild FROM rebuilds WHERE build_hash=$1 ORDER BY number LIMIT $2";
    let rows = index.all(sql, vec![hash.to_string().into(), u64::from(MOST_PER_PAGE).into()]).await?;
    let rebuild = |row: &AnyRow| -> Result<RebuildView, QueryError> {
        Ok(RebuildView { builder: typed("a builder", row.get(0))?, rebuild: parsed("a rebuild", row.get(1))? })
    };
    let first: Result<Vec<_>, _> = rows.iter().map(rebuild).collect();
    Ok((count, first?))
}
