//! The tree of blocks: the hash of each block as the rest of the store has it, none missing, each node over what is below it, and the root
//! that the state has.

use super::Damage;
use crate::db::columns::{Column, log_key};
use crate::db::hashes::LogGrowth;
use crate::db::{DbError, StoredHead, View};
use primitives::{BlockHash, Height};
use rocksdb::{DB, DBIteratorWithThreadMode, Direction, IteratorMode, ReadOptions};

/// Checks the hash of the head, and that of each of the newest `most` ends of epochs and of its parent. Those of the headers that are kept
/// are checked where headers are followed.
pub fn check(view: &View<'_>, head: StoredHead, most: u64) -> Result<(), Damage> {
    let Some(first) = view.log_from()? else { return Err(damage(0, 0, "is missing")) };
    if view.earliest()? < first {
        return Err(damage(0, first.0.saturating_sub(1), "is missing"));
    }
    named(view, first, head.height, head.hash)?;
    let length = view.genesis()?.ok_or(DbError::NoGenesis)?.chain.epoch_length;
    for end in view.epoch_ends(head.height.minus(length.saturating_mul(most))) {
        let (height, header) = end.map(|end| (end.height(), end.header))?;
        named(view, first, height, header.hash())?;
        named(view, first, height.minus(1), header.parent)?;
    }
    Ok(())
}

/// Requires the hash of a block to be this one, if the store keeps it.
pub fn named(view: &View<'_>, first: Height, height: Height, hash: BlockHash) -> Result<(), Damage> {
    if height < first {
        return Ok(());
    }
    match view.block_hash(height)? {
        Some(found) if found == hash => Ok(()),
        Some(_) => Err(damage(0, height.0, "is the hash of another block")),
        None => Err(damage(0, height.0, "is missing")),
    }
}

/// Checks every row: that none is missing, that there are no others, and that each node is that over what is below it.
pub fn check_all(view: &View<'_>, head: StoredHead) -> Result<(), Damage> {
    let Some(first) = view.log_from()? else { return Err(damage(0, 0, "is missing")) };
    let mut levels = Levels { view, rows: Vec::new() };
    let mut growth = LogGrowth::default();
    let mut height = first;
    while height <= head.height {
        let hash = levels.take(0, height.0)?;
        for (level, index, node) in growth.take(height, BlockHash(hash)) {
            if levels.take(level, index)? != node.0 {
                return Err(damage(level, index, "is not the node over what is below it"));
            }
        }
        height = height.next();
    }
    levels.end()
}

/// Requires the rows to make the tree of blocks that the state has. It is for when the rest of the store was found in order.
pub fn require_tree(view: &View<'_>, head: StoredHead) -> Result<(), Damage> {
    match view.tree_apart(head.height)? {
        Some(size) => Err(Damage::LogTree { size }),
        None => Ok(()),
    }
}

fn damage(level: u8, index: u64, what: &'static str) -> Damage {
    Damage::LogRow { level, index, what }
}

type Rows<'a> = DBIteratorWithThreadMode<'a, DB>;

/// The rows of each level, in order.
struct Levels<'a> {
    view: &'a View<'a>,
    rows: Vec<Rows<'a>>,
}

impl<'a> Levels<'a> {
    fn of_level(&self, level: u8) -> Rows<'a> {
        let mut options = ReadOptions::default();
        options.fill_cache(false);
        options.set_readahead_size(1 << 20);
        let from = log_key(level, 0);
        let mode = IteratorMode::From(&from, Direction::Forward);
        self.view.snapshot.iterator_cf_opt(self.view.inner.column(Column::Log), options, mode)
    }

    /// The next row of a level, which has to be of this number. A level is first asked for once all below it were.
    fn take(&mut self, level: u8, index: u64) -> Result<[u8; 32], Damage> {
        if self.rows.len() == usize::from(level) {
            let rows = self.of_level(level);
            self.rows.push(rows);
        }
        let missing = || damage(level, index, "is missing");
        let row = self.rows.get_mut(usize::from(level)).ok_or_else(missing)?.next();
        let (key, row) = row.transpose().map_err(DbError::from)?.ok_or_else(missing)?;
        if *key != log_key(level, index) {
            return Err(missing());
        }
        row.as_ref().try_into().map_err(|_| damage(level, index, "is no hash"))
    }

    /// Requires that there are no other rows than those that were taken.
    fn end(mut self) -> Result<(), Damage> {
        let levels = u8::try_from(self.rows.len()).unwrap_or(u8::MAX);
        let above = self.of_level(levels);
        self.rows.push(above);
        for (level, mut rows) in (0..=levels).zip(self.rows) {
            let Some((key, _)) = rows.next().transpose().map_err(DbError::from)? else { continue };
            let found =
                key.split_first().and_then(|(of, index)| Some((*of, u64::from_be_bytes(index.try_into().ok()?))));
            match found {
                Some((of, index)) if of == level || level == levels => {
                    return Err(damage(of, index, "is of no block here"));
                }
                Some(_) => {}
                None => return Err(damage(level, 0, "has no key of a level and a number")),
            }
        }
        Ok(())
    }
}
