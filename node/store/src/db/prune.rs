//! Forgetting old heights, as far as the network has its nodes do that: the gate `pruning` (ROLLOUTS 11), and what is open or held under
//! plans (ROLLOUTS 9).

use super::columns::{Column, Stale, ValueRow, block_key, decode, height_key, meta, transaction_key, value_key};
use super::commit::Batch;
use super::open::Inner;
use super::{DbError, Keep, Store, View};
use flags::Gate;
use parity_scale_codec::Encode;
use primitives::Height;
use rocksdb::{Direction, IteratorMode, ReadOptions, WriteBatch};

/// Heights forgotten with one block: more than one, so that a shorter policy catches up, and few, so that a block stays
/// quick.
const HEIGHTS_PER_BLOCK: u64 = 2;

/// Heights forgotten in one write when a shorter policy is caught up with at once; blocks are committed in between.
const HEIGHTS_PER_WRITE: u64 = 64;

/// From so many heights on, their space is given back at once; RocksDB does it by and by for fewer.
const WORTH_COMPACTING: u64 = 1_000;

/// What was forgotten at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pruned {
    /// The first height that was kept before.
    pub before: Height,
    /// The first height that is kept now.
    pub earliest: Height,
}

impl Store {
    /// Forgets everything that the policy no longer keeps, as after it was made shorter, and gives the space back. Commits go
    /// on meanwhile; `go_on` is asked between two steps, and ends it early. Nothing is done where nothing is left over, and while
    /// the gate `pruning` is off.
    pub fn catch_up(&self, go_on: impl Fn() -> bool) -> Result<Option<Pruned>, DbError> {
        let before = self.view().earliest()?;
        while go_on() && self.forget_some()? {}
        let earliest = self.view().earliest()?;
        if earliest == before {
            return Ok(None);
        }
        if earliest.0.saturating_sub(before.0) >= WORTH_COMPACTING {
            self.0.compact_before(earliest, go_on);
        }
        Ok(Some(Pruned { before, earliest }))
    }

    /// Whether the policy is to forget, and the gate `pruning` is off for this node, so that nothing is forgotten.
    pub fn keeps_against_policy(&self) -> bool {
        self.0.settings.keep != Keep::Everything && !self.view().is_on_here(Gate::Pruning)
    }

    /// Forgets the oldest heights that are left over; whether there were any.
    fn forget_some(&self) -> Result<bool, DbError> {
        let _writing = self.writer()?;
        let view = self.view();
        let Some(head) = view.head()? else { return Ok(false) };
        let mut batch = Batch { inner: &self.0, rows: WriteBatch::default() };
        let some = forget(&view, &mut batch, head.height, HEIGHTS_PER_WRITE)?;
        if some {
            self.0.db.write_opt(batch.rows, &Inner::synced())?;
        }
        Ok(some)
    }
}

impl Inner {
    /// Rewrites the files that hold what was forgotten, a part at a time.
    fn compact_before(&self, earliest: Height, go_on: impl Fn() -> bool) {
        let until = height_key(earliest);
        for column in [Column::Headers, Column::Bodies, Column::Records, Column::Stale, Column::Tree] {
            if go_on() {
                self.db.compact_range_cf(self.column(column), None::<&[u8]>, Some(&until));
            }
        }
        // These are in the order of hashes, so what was forgotten is everywhere.
        for first in 0..=u8::MAX {
            for (column, prefix) in
                [(Column::Values, &b""[..]), (Column::Indexes, b"tx/"), (Column::Indexes, b"block/")]
            {
                if go_on() {
                    let (from, to) = ([prefix, &[first]].concat(), [prefix, &[first], &[0xff; 40]].concat());
                    self.db.compact_range_cf(self.column(column), Some(from), Some(to));
                }
            }
        }
    }
}

/// Forgets what the policy no longer keeps once `head` is committed, in the batch that commits it. By the gate as it stood before
/// that block: it acts from the next one on.
pub(super) fn step(view: &View<'_>, batch: &mut Batch<'_>, head: Height) -> Result<(), DbError> {
    forget(view, batch, head, HEIGHTS_PER_BLOCK).map(|_| ())
}

/// Forgets at most `most` heights that the policy does not keep with this head; whether there were any.
fn forget(view: &View<'_>, batch: &mut Batch<'_>, head: Height, most: u64) -> Result<bool, DbError> {
    let Keep::Last(kept) = view.inner.settings.keep else { return Ok(false) };
    if !view.is_on_here(Gate::Pruning) {
        return Ok(false);
    }
    // One more than asked for: what the block of `head` replaces is in the batch, and cannot be read from the view yet.
    let first_kept = head.minus(kept.max(1));
    // What a hold or an open incident needs stays, whatever the policy says (REQ-155).
    let first_kept = view.kept_from().map_or(first_kept, |held| first_kept.min(held));
    let earliest = view.earliest()?;
    let until = first_kept.min(earliest.plus(most));
    let mut height = earliest;
    while height < until {
        block(view, batch, height)?;
        tree(view, batch, height)?;
        height = height.next();
    }
    if height > earliest {
        batch.put(Column::Meta, meta::EARLIEST, height.encode());
    }
    Ok(height > earliest)
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
