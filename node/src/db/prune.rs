//! Forgetting old heights.

use super::columns::{Column, Stale, ValueRow, block_key, decode, height_key, meta, transaction_key, value_key};
use super::commit::Batch;
use super::{DbError, Keep, View};
use parity_scale_codec::Encode;
use primitives::Height;
use rocksdb::{Direction, IteratorMode, ReadOptions};

/// Heights forgotten with one block: more than one, so that a shorter policy catches up, and few, so that a block stays
/// quick.
const HEIGHTS_PER_BLOCK: u64 = 2;

/// Forgets what the policy no longer keeps once `head` is committed, in the batch that commits it.
pub(super) fn step(view: &View<'_>, batch: &mut Batch<'_>, head: Height) -> Result<(), DbError> {
    let Keep::Last(kept) = view.inner.settings.keep else { return Ok(()) };
    // One more than asked for: what the block of `head` replaces is in the batch, and cannot be read from the view yet.
    let first_kept = head.minus(kept.max(1));
    let earliest = view.earliest()?;
    let until = first_kept.min(earliest.plus(HEIGHTS_PER_BLOCK));
    let mut height = earliest;
    while height < until {
        block(view, batch, height)?;
        tree(view, batch, height)?;
        height = height.next();
    }
    if height > earliest {
        batch.put(Column::Meta, meta::EARLIEST, height.encode());
    }
    Ok(())
}

/// Forgets the block at `height` and what points to it.
fn block(view: &View<'_>, batch: &mut Batch<'_>, height: Height) -> Result<(), DbError> {
    let at = height_key(height);
    if let Some(block) = view.block(height)? {
        batch.delete(Column::Indexes, block_key(&block.hash()));
        for transaction in &block.transactions {
            batch.delete(Column::Indexes, transaction_key(&transaction.hash()));
        }
    }
    for column in [Column::Headers, Column::Bodies, Column::Records] {
        batch.delete(column, at);
    }
    Ok(())
}

/// Forgets the nodes and values that `height` used and the height after it does not.
fn tree(view: &View<'_>, batch: &mut Batch<'_>, height: Height) -> Result<(), DbError> {
    let after = height.next();
    let stale: Option<Stale> = view.decoded(Column::Stale, &height_key(after))?;
    let Some(stale) = stale else { return Ok(()) };
    for node in &stale.nodes {
        batch.delete(Column::Tree, node);
    }
    for hash in &stale.written {
        value(view, batch, hash, after)?;
    }
    batch.delete(Column::Stale, height_key(after));
    Ok(())
}

/// Forgets the values that a key had before `height`, and its removal at `height` if that is what was written.
fn value(view: &View<'_>, batch: &mut Batch<'_>, hash: &[u8; 32], height: Height) -> Result<(), DbError> {
    let mut options = ReadOptions::default();
    options.set_iterate_lower_bound(hash.to_vec());
    let from = value_key(hash, height.0);
    let mode = IteratorMode::From(&from, Direction::Reverse);
    for row in view.snapshot.iterator_cf_opt(view.inner.column(Column::Values), options, mode) {
        let (key, value) = row?;
        let removed = || Ok::<_, DbError>(decode::<ValueRow>(Column::Values, &hex::encode(hash), &value)?.is_none());
        if *key != from[..] || removed()? {
            batch.delete(Column::Values, key);
        }
    }
    Ok(())
}
