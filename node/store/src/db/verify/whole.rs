//! Every key: the state column, the tree's leaves and the values column say the same.

use super::Damage;
use crate::db::columns::{Column, ValueRow, decode};
use crate::db::{DbError, StoredHead, View};
use rayon::prelude::*;
use rocksdb::{IteratorMode, ReadOptions};
use state::tree::{Leaf, TreeChild, TreeNode, TreePlace, nibble, printable};
use std::iter::Peekable;
use std::ops::Range;

/// A SHA-256.
type Hash = [u8; 32];

/// How many keys of the state are held at once, in 64 bytes each: 256 MiB. Of more than sixteen times as many a sixteenth is.
pub const MOST_AT_ONCE: u64 = 1 << 22;
/// The ways down from the root, by the first digit of a key's hash.
const ALL_WAYS: Range<u8> = 0..16;

/// Compares everything; returns the number of keys. Where there are more keys than `most`, what lies down some of the ways from the root is
/// compared at a time, and the state is read again for each of these parts: no machine has more memory because a chain has grown.
pub fn check(view: &View<'_>, head: StoredHead, most: u64) -> Result<u64, Damage> {
    let root = view.tree(false).stored_node(&TreePlace::root(head.height.0))?;
    let there = root.map_or(0, |root| root.leaves());
    let parts = there.div_ceil(most.max(1)).clamp(1, 16).next_power_of_two();
    let width = 16 / parts as u8;
    let mut keys = 0;
    for first in ALL_WAYS.step_by(width.into()) {
        keys += part(view, head, &(first..first + width))?;
    }
    Ok(keys)
}

/// Compares what lies down some of the ways from the root; returns the number of keys.
fn part(view: &View<'_>, head: StoredHead, ways: &Range<u8>) -> Result<u64, Damage> {
    let mut state = hash_state(view, ways)?;
    state.par_sort_unstable();
    subtree(view, TreePlace::root(head.height.0), &head.state_root.0, ways, &state)?;
    values(view, ways, &state)?;
    Ok(state.len() as u64)
}

type Row = (Box<[u8]>, Box<[u8]>);

/// A column's rows, a few thousand at a time, so that all cores have work.
fn chunks<'a>(
    view: &'a View<'_>,
    column: Column,
    mut options: ReadOptions,
) -> impl Iterator<Item = Result<Vec<Row>, DbError>> + 'a {
    const ROWS: usize = 1 << 14;
    options.fill_cache(false);
    options.set_total_order_seek(true);
    options.set_readahead_size(2 << 20);
    let mut rows = view.snapshot.iterator_cf_opt(view.inner.column(column), options, IteratorMode::Start);
    std::iter::from_fn(move || match rows.by_ref().take(ROWS).collect::<Result<Vec<_>, _>>() {
        Ok(rows) if rows.is_empty() => None,
        rows => Some(rows.map_err(DbError::from)),
    })
}

fn hash_state(view: &View<'_>, ways: &Range<u8>) -> Result<Vec<Leaf>, Damage> {
    // What is of another part is not hashed whole.
    let is_in = |key: &[u8]| *ways == ALL_WAYS || ways.contains(&nibble(&Leaf::of(key, &[]).key, 0));
    let mut leaves = Vec::new();
    for rows in chunks(view, Column::State, ReadOptions::default()) {
        let rows = rows?;
        let of_part = rows.par_iter().filter(|(key, _)| is_in(key));
        leaves.par_extend(of_part.map(|(key, value)| Leaf::of(key, value)));
    }
    Ok(leaves)
}

/// Checks the nodes from `at` down some of its ways, whose parent says it hashes to `hash`, against the keys of the state below those.
fn subtree(view: &View<'_>, at: TreePlace, hash: &Hash, ways: &Range<u8>, keys: &[Leaf]) -> Result<(), Damage> {
    let broken = || Damage::Node { path: format!("{:?}", at.path), version: at.version };
    let node = view.tree(false).stored_node(&at)?.filter(|node| node.hash() == *hash).ok_or_else(broken)?;
    match &node {
        TreeNode::Null => keys.first().map_or(Ok(()), |extra| Err(extra_key(view, &extra.key))),
        TreeNode::Leaf(leaf) => leaf_alone(view, leaf, keys),
        TreeNode::Branch(branch) => {
            let depth = at.path.depth();
            if let Some(orphan) = keys.iter().find(|key| branch.child(nibble(&key.key, depth)).is_none()) {
                return Err(extra_key(view, &orphan.key));
            }
            let below = |(way, child): &(u8, &TreeChild)| {
                let keys = share(keys, depth, *way);
                match child {
                    TreeChild::Leaf { leaf, .. } => leaf_alone(view, leaf, keys),
                    TreeChild::Branch { version, hash, .. } => {
                        subtree(view, TreePlace { version: *version, path: at.path.child(*way) }, hash, &ALL_WAYS, keys)
                    }
                }
            };
            let children = branch.children().filter(|(way, _)| ways.contains(way)).collect::<Vec<_>>();
            if depth < 2 { children.par_iter().try_for_each(below) } else { children.iter().try_for_each(below) }?;
            // What the next block will read again: so the first blocks after a start are as quick as later ones.
            view.inner.nodes.insert(at, node);
            Ok(())
        }
    }
}

/// The keys that go the way of `wanted` at `depth`, of keys that agree before it.
fn share(keys: &[Leaf], depth: u8, wanted: u8) -> &[Leaf] {
    let way = |leaf: &Leaf| nibble(&leaf.key, depth);
    let (from, to) = (keys.partition_point(|key| way(key) < wanted), keys.partition_point(|key| way(key) <= wanted));
    &keys[from..to]
}

fn leaf_alone(view: &View<'_>, leaf: &Leaf, keys: &[Leaf]) -> Result<(), Damage> {
    if let Some(extra) = keys.iter().find(|key| key.key != leaf.key) {
        return Err(extra_key(view, &extra.key));
    }
    match keys.first() {
        None => Err(Damage::Lost { column: Column::State.name(), key: preimage(view, &leaf.key) }),
        Some(found) if found == leaf => Ok(()),
        Some(found) => Err(Damage::Value { column: Column::State.name(), key: state_key(view, &found.key) }),
    }
}

/// Checks that the newest value row of every key down some ways from the root is its value in the state, and that removed keys are removed.
fn values(view: &View<'_>, ways: &Range<u8>, state: &[Leaf]) -> Result<(), Damage> {
    let mut expected = state.iter().peekable();
    let mut newest: Option<Value> = None;
    for rows in chunks(view, Column::Values, hashes_of(ways)) {
        let rows = rows?.par_iter().map(Value::of).collect::<Result<Vec<_>, _>>()?;
        for row in rows {
            if let Some(before) = newest.take().filter(|before| before.hash != row.hash) {
                before.check(view, &mut expected)?;
            }
            newest = Some(row);
        }
    }
    if let Some(last) = newest {
        last.check(view, &mut expected)?;
    }
    match expected.next() {
        None => Ok(()),
        Some(leaf) => Err(lost_value(view, &leaf.key)),
    }
}

/// Reads the rows whose keys begin with hashes of keys down some ways from the root.
fn hashes_of(ways: &Range<u8>) -> ReadOptions {
    let mut options = ReadOptions::default();
    if ways.start > ALL_WAYS.start {
        options.set_iterate_lower_bound(vec![ways.start << 4]);
    }
    if ways.end < ALL_WAYS.end {
        options.set_iterate_upper_bound(vec![ways.end << 4]);
    }
    options
}

/// A value row: whose, and what it says.
struct Value {
    hash: Hash,
    written: Option<(Vec<u8>, Leaf)>,
}

impl Value {
    fn of((key, row): &Row) -> Result<Self, DbError> {
        let damaged = |what: &str| DbError::Damaged(format!("value row {} {what}", hex::encode(key)));
        let hash = *key.first_chunk().filter(|_| key.len() == 40).ok_or_else(|| damaged("has no height"))?;
        let row: ValueRow = decode(Column::Values, &hex::encode(key), row)?;
        let written = row.map(|(key, value)| {
            let leaf = Leaf::of(&key, &value);
            (key, leaf)
        });
        if written.as_ref().is_some_and(|(_, leaf)| leaf.key != hash) {
            return Err(damaged("names another key"));
        }
        Ok(Self { hash, written })
    }

    /// Takes the next expected key where this row is one.
    fn check<'a>(self, view: &View<'_>, expected: &mut Peekable<impl Iterator<Item = &'a Leaf>>) -> Result<(), Damage> {
        if let Some(leaf) = expected.next_if(|leaf| leaf.key < self.hash) {
            return Err(lost_value(view, &leaf.key));
        }
        let column = Column::Values.name();
        match (expected.next_if(|leaf| leaf.key == self.hash), self.written) {
            (Some(leaf), Some((_, found))) if *leaf == found => Ok(()),
            (Some(_), Some((key, _))) => Err(Damage::Value { column, key }),
            (Some(leaf), None) => Err(lost_value(view, &leaf.key)),
            (None, Some((key, _))) => Err(Damage::Extra { column, key }),
            (None, None) => Ok(()),
        }
    }
}

fn lost_value(view: &View<'_>, key: &Hash) -> Damage {
    Damage::Lost { column: Column::Values.name(), key: printable(&state_key(view, key)) }
}

fn extra_key(view: &View<'_>, key: &Hash) -> Damage {
    Damage::Extra { column: Column::State.name(), key: state_key(view, key) }
}

/// Looks through the state for the key that hashes to `hash`: slow, and only asked once, to name what is wrong.
fn state_key(view: &View<'_>, hash: &Hash) -> Vec<u8> {
    let rows = chunks(view, Column::State, ReadOptions::default()).flatten().flatten();
    let found = rows.map(|(key, _)| key).find(|key| Leaf::of(key, &[]).key == *hash);
    found.map_or_else(|| hash.to_vec(), Vec::from)
}

/// The key that hashes to `hash`, as text, from the values column; its hash when that does not know it.
fn preimage(view: &View<'_>, hash: &Hash) -> String {
    match view.tree(false).value_row(u64::MAX, hash) {
        Ok(Some((key, _))) => printable(&key),
        _ => format!("the one with SHA-256 {}", hex::encode(hash)),
    }
}
