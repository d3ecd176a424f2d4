//! The head row, its header, the headers before it, what the log has of them, and the root they end in.

use super::{Damage, hashes};
use crate::db::columns::Column;
use crate::db::{DbError, StoredHead, View};
use primitives::{Height, StateRoot};
use rocksdb::{IteratorMode, ReadOptions};
use state::tree::{TreeError, TreePlace};

/// Follows the parents from the head, at most `most` of them, down to the first height that is kept.
pub fn check(view: &View<'_>, head: StoredHead, most: u64) -> Result<u64, Damage> {
    let version = head.height.0;
    let node = view.tree(false).stored_node(&TreePlace::root(version))?.ok_or(TreeError::NoRoot(version))?;
    let tree = StateRoot(node.hash());
    let root = |expected, by| Damage::Root { height: head.height, expected, by, found: tree };
    if head.state_root != tree {
        return Err(root(head.state_root, "the head row"));
    }
    let earliest = view.earliest()?;
    // A log without any row is told of by itself.
    let logged_from = view.log_from()?.unwrap_or(Height(u64::MAX));
    let (mut height, mut named, mut by) = (head.height, head.hash, "the head row");
    for checked in 0..most {
        let header = view.header(height)?.filter(|header| header.height == height).ok_or(Damage::Header(height))?;
        if header.hash() != named {
            return Err(Damage::Hash { height, found: header.hash(), named, by });
        }
        hashes::named(view, logged_from, height, named)?;
        if height == head.height && header.state_root != tree {
            return Err(root(header.state_root, "its header"));
        }
        if height <= earliest {
            return Ok(checked.saturating_add(1));
        }
        (height, named, by) = (height.minus(1), header.parent, "the header after it");
    }
    Ok(most)
}

/// Reads every row that no other check reads, so that RocksDB compares the checksum of every block of every file.
pub fn read_all(view: &View<'_>) -> Result<(), Damage> {
    let rest =
        [Column::Meta, Column::Stale, Column::Headers, Column::Bodies, Column::Records, Column::Indexes, Column::Tree];
    for column in rest {
        let mut options = ReadOptions::default();
        options.fill_cache(false);
        options.set_total_order_seek(true);
        for row in view.snapshot.iterator_cf_opt(view.inner.column(column), options, IteratorMode::Start) {
            row.map_err(DbError::from)?;
        }
    }
    Ok(())
}
