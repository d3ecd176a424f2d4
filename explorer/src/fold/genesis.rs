//! What the chain began with: a block like any other, but that nobody decided it.

use super::work::{FoldError, Work};
use super::{Head, fold};
use primitives::{Height, Moment};
use runtime::{Genesis, Record};
use sqlx::AnyConnection;
use state::tree::MemoryTree;

/// The name of the genesis in `meta`.
pub const GENESIS: &str = "genesis";

/// Begins an index.
///
/// # Errors
/// The database refuses, or the genesis has a state without a root, which no chain can have begun with.
pub async fn begin(connection: &mut AnyConnection, genesis: &Genesis) -> Result<(), FoldError> {
    let (head, record) = first(genesis)?;
    let mut work = Work::new(connection, head.at);
    work.set_meta(GENESIS, genesis);
    fold(work, head, &record, None, false).await
}

/// The position before the first block, and what happened there.
fn first(genesis: &Genesis) -> Result<(Head, Record), FoldError> {
    let root = MemoryTree::default().commit(&genesis.writes());
    let root = root.map_err(|error| FoldError::Damaged(format!("genesis has no state: {error}")))?;
    let record = genesis.record(root);
    let at = Moment::of(Height(0), genesis.time, genesis.chain.epoch_length);
    Ok((Head { at, hash: record.header.hash() }, record))
}
