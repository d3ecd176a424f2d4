//! What the chain began with: a block like any other, but that nobody decided it.

use super::work::{FoldError, Work};
use super::{Head, fold};
use primitives::{Height, Moment};
use runtime::{Genesis, Record};
use state::tree::MemoryTree;

/// The name of the genesis in `meta`.
pub const GENESIS: &str = "genesis";

/// Begins an index.
///
/// # Errors
/// The database refuses.
pub async fn begin(mut work: Work<'_>, genesis: &Genesis) -> Result<(), FoldError> {
    work.set_meta(GENESIS, genesis);
    let (head, record) = first(genesis)?;
    fold(work, head, &record, None, false).await
}

/// The position before the first block.
///
/// # Errors
/// A genesis whose state has no root, which no chain can have begun with.
pub fn genesis_head(genesis: &Genesis) -> Result<Head, FoldError> {
    Ok(first(genesis)?.0)
}

fn first(genesis: &Genesis) -> Result<(Head, Record), FoldError> {
    let root = MemoryTree::default().commit(&genesis.writes());
    let root = root.map_err(|error| FoldError::Damaged(format!("genesis has no state: {error}")))?;
    let record = genesis.record(root);
    let at = Moment::of(Height(0), genesis.time, genesis.chain.epoch_length);
    Ok((Head { at, hash: record.header.hash() }, record))
}
