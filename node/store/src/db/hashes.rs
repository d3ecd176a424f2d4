//! The hash of every block, and the nodes of the tree of blocks over them (ROLLOUTS 9): what proves an old block to whoever has a newer
//! one, and what the chain itself is given when it takes up its tree again. It is kept from genesis on, whatever the gates say, and
//! nothing of it is ever pruned: 32 bytes a block, and as many again for the nodes.
//!
//! Leaf `i` of the tree is made of height and hash of block `i`, so level 0 has the hashes of blocks, as they are. A node is stored
//! once all leaves below it are there, and never changes.

use super::columns::{Column, log_key};
use super::commit::Batch;
use super::{DbError, View};
use primitives::{BlockHash, Digest, Height};
use rocksdb::{Direction, IteratorMode};
use state::State;
use std::ops::Range;
use tlog::{BlockLeaf, Hashes, node_hash, root_at};
use witnesses::queries;

/// Rows that are read at once, at most: those of a tile.
pub const MOST_LOG_ROWS: u64 = 256;

/// A node of the tree of blocks: its level, its number on that, and its hash.
pub type LogNode = (u8, u64, Digest);

/// The tree of blocks while it grows: the nodes that wait for their neighbour, the highest first.
#[derive(Debug, Clone, Default)]
pub struct LogGrowth {
    open: Vec<LogNode>,
}

impl LogGrowth {
    /// The tree over the blocks below a height, to go on from. What a store [was too late to keep](DbError::HashForgotten) is not waited
    /// for.
    ///
    /// # Errors
    /// When a node is missing otherwise: what would grow without it could not be told from what was forgotten.
    pub fn of(view: &View<'_>, next: Height) -> Result<Self, DbError> {
        let mut growth = Self::default();
        for level in (0..u64::BITS).rev().filter(|level| (next.0 >> level) & 1 == 1) {
            let index = (next.0 >> level).saturating_sub(1);
            let level = u8::try_from(level).unwrap_or(u8::MAX);
            match view.node(level, index) {
                Ok(hash) => growth.open.push((level, index, hash)),
                Err(DbError::HashForgotten { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(growth)
    }

    /// Takes the next block. Gives the nodes above its leaf that it completes, the lowest first.
    pub fn take(&mut self, height: Height, block: BlockHash) -> Vec<LogNode> {
        let mut completed = Vec::new();
        let mut newest: LogNode = (0, height.0, leaf(height, block));
        while let Some(left) = self.open.pop_if(|left| is_neighbour(left, &newest)) {
            let (level, index, right) = newest;
            newest = (level.saturating_add(1), index >> 1, node_hash(&left.2, &right));
            completed.push(newest);
        }
        self.open.push(newest);
        completed
    }
}

/// Whether two nodes are the halves of one.
fn is_neighbour(left: &LogNode, right: &LogNode) -> bool {
    left.0 == right.0 && right.1 & 1 == 1 && left.1.saturating_add(1) == right.1
}

fn leaf(height: Height, block: BlockHash) -> Digest {
    BlockLeaf { height, block }.hash()
}

impl Batch<'_> {
    /// The hash of a block, and the nodes that it completes.
    pub fn log(&mut self, growth: &mut LogGrowth, height: Height, block: BlockHash) {
        self.put(Column::Log, log_key(0, height.0), block.0);
        for (level, index, hash) in growth.take(height, block) {
            self.put(Column::Log, log_key(level, index), hash.0);
        }
    }
}

impl View<'_> {
    /// The hash of a block, also of one whose height was pruned; none of one that is not committed yet.
    ///
    /// # Errors
    /// [`DbError::HashForgotten`] for one of those that an older version of this software has forgotten.
    pub fn block_hash(&self, height: Height) -> Result<Option<BlockHash>, DbError> {
        if let Some(hash) = self.log_row(0, height.0)? {
            return Ok(Some(BlockHash(hash)));
        }
        if self.head()?.is_none_or(|head| head.height < height) { Ok(None) } else { Err(self.lost(0, height.0)?) }
    }

    /// The first height whose hash is here; none before genesis. It is above 0 only where an older version of this software has pruned.
    pub fn log_from(&self) -> Result<Option<Height>, DbError> {
        let first = log_key(0, 0);
        let mode = IteratorMode::From(&first, Direction::Forward);
        let row = self.snapshot.iterator_cf(self.inner.column(Column::Log), mode).next().transpose()?;
        Ok(row.and_then(|(key, _)| match key.split_first() {
            Some((0, index)) => index.first_chunk().map(|index| Height(u64::from_be_bytes(*index))),
            _ => None,
        }))
    }

    /// The hashes of some blocks, of heights that follow one another.
    ///
    /// # Errors
    /// When one of them is not here; see [`block_hash`](Self::block_hash).
    pub fn block_hashes(&self, from: Height, count: u64) -> Result<Vec<BlockHash>, DbError> {
        Ok(self.log_rows(0, from.0, count)?.into_iter().map(BlockHash).collect())
    }

    /// Nodes of one level of the tree of blocks, one after the other: what a tile is made of. At most [`MOST_LOG_ROWS`].
    ///
    /// # Errors
    /// When one of them is not here; see [`block_hash`](Self::block_hash).
    pub fn log_nodes(&self, level: u8, from: u64, count: u64) -> Result<Vec<Digest>, DbError> {
        let rows = self.log_rows(level, from, count.min(MOST_LOG_ROWS))?.into_iter();
        if level > 0 {
            return Ok(rows.map(Digest).collect());
        }
        Ok((from..).zip(rows).map(|(height, hash)| leaf(Height(height), BlockHash(hash))).collect())
    }

    /// Holds the hashes against the tree of blocks that the state after the block of a height has. Gives the size of that tree where it is
    /// not the one they make, or has blocks that are not there yet. None where it is, where the state has none, and where an older version
    /// of this software [has forgotten](DbError::HashForgotten) some of them.
    ///
    /// # Errors
    /// When a hash is missing that nobody has forgotten.
    pub fn tree_apart(&self, height: Height) -> Result<Option<u64>, DbError> {
        let Some(log) = queries::log(&State::over(self)) else { return Ok(None) };
        let size = log.frontier.size();
        if size > height.0 {
            return Ok(Some(size));
        }
        match root_at(self, size) {
            Ok(root) => Ok((root != log.frontier.root()).then_some(size)),
            Err(DbError::HashForgotten { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The heights whose hashes came with a snapshot and are not in the tree of blocks that the state has: nobody vouches for all of them
    /// until it takes them up. None of a store that is of no snapshot, or whose state has the tree over them.
    pub fn unvouched(&self) -> Result<Option<Range<u64>>, DbError> {
        let Some(imported) = self.imported()? else { return Ok(None) };
        let size = queries::log(&State::over(self)).map_or(0, |log| log.frontier.size());
        Ok((size < imported.0).then_some(size..imported.0))
    }

    fn log_rows(&self, level: u8, from: u64, count: u64) -> Result<Vec<[u8; 32]>, DbError> {
        let first = log_key(level, from);
        let mode = IteratorMode::From(&first, Direction::Forward);
        let mut rows = self.snapshot.iterator_cf(self.inner.column(Column::Log), mode);
        let mut found = Vec::new();
        for index in (from..).take(usize::try_from(count).unwrap_or(usize::MAX)) {
            match rows.next().transpose()? {
                Some((key, row)) if *key == log_key(level, index) => found.push(hash_of(level, index, &row)?),
                _ => return Err(self.lost(level, index)?),
            }
        }
        Ok(found)
    }

    fn log_row(&self, level: u8, index: u64) -> Result<Option<[u8; 32]>, DbError> {
        let row = self.snapshot.get_cf(self.inner.column(Column::Log), log_key(level, index))?;
        row.map(|row| hash_of(level, index, &row)).transpose()
    }

    /// A node, if it is stored.
    pub(super) fn stored_node(&self, level: u8, index: u64) -> Result<Option<Digest>, DbError> {
        let row = self.log_row(level, index)?;
        Ok(row.map(|hash| if level == 0 { leaf(Height(index), BlockHash(hash)) } else { Digest(hash) }))
    }

    /// Why a row is not here.
    fn lost(&self, level: u8, index: u64) -> Result<DbError, DbError> {
        let head = self.head()?.ok_or(DbError::NoGenesis)?.height;
        let (first, last) = below(level, index);
        Ok(match self.log_from()? {
            _ if last > head => DbError::Future { height: last, head },
            Some(from) if first < from => DbError::HashForgotten { height: first, from },
            _ => DbError::Damaged(format!("the log column lacks a row of block {first}")),
        })
    }
}

impl Hashes for View<'_> {
    type Error = DbError;

    fn node(&self, level: u8, index: u64) -> Result<Digest, DbError> {
        match self.stored_node(level, index)? {
            Some(hash) => Ok(hash),
            None => Err(self.lost(level, index)?),
        }
    }
}

/// The first and the last leaf below a node; of one that no tree has, leaves that no chain has.
fn below(level: u8, index: u64) -> (Height, Height) {
    let leaf = |index: u64| 1u64.checked_shl(level.into()).and_then(|leaves| index.checked_mul(leaves));
    let last = leaf(index.saturating_add(1)).map_or(u64::MAX, |after| after.saturating_sub(1));
    (Height(leaf(index).unwrap_or(u64::MAX)), Height(last))
}

fn hash_of(level: u8, index: u64, row: &[u8]) -> Result<[u8; 32], DbError> {
    let damaged = || DbError::Damaged(format!("row {index} of level {level} of column log is no hash"));
    row.try_into().map_err(|_| damaged())
}
