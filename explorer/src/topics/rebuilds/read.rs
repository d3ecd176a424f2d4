//! Who built a build again from source.

use crate::store::column::{parsed, typed};
use crate::store::{Index, QueryError};
use primitives::BuildHash;
use rpc::views::{MOST_REBUILDS, RebuildView};
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// How many built it, and the first of them.
///
/// # Errors
/// The database cannot be read.
pub async fn rebuilds(index: &Index, hash: &BuildHash) -> Result<(u64, Vec<RebuildView>), QueryError> {
    let sql = "SELECT builder, rebuild FROM rebuilds WHERE build_hash=$1 ORDER BY height, builder";
    let rows = index.all(sql, vec![hash.to_string().into()]).await?;
    let count = rows.len() as u64;
    let rebuild = |row: &AnyRow| -> Result<RebuildView, QueryError> {
        Ok(RebuildView { builder: typed("a builder", row.get(0))?, rebuild: parsed("a rebuild", row.get(1))? })
    };
    let first: Result<Vec<_>, _> = rows.iter().take(MOST_REBUILDS).map(rebuild).collect();
    Ok((count, first?))
}
