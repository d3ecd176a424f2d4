//! The tree's nodes: in memory where they are hot, on disk otherwise.

use super::DbError;
use super::columns::{Column, ValueRow, decode, value_key};
use super::open::Inner;
use quick_cache::{Weighter, sync::Cache};
use rocksdb::{DB, DBPinnableSlice, Direction, IteratorMode, ReadOptions, SnapshotWithThreadMode};
use sha2::{Digest, Sha256};
use state::StateEntry;
use state::tree::{Nodes, TreeError, TreeHistory, TreeNode, TreePlace, TreeUpdate, Version};

/// Committed nodes. A node never changes, so the cache is never wrong; it is only more or less full.
pub struct NodeCache(Cache<TreePlace, TreeNode, Weight>);

/// Bytes that a node takes in memory, with its place in the cache.
#[derive(Clone)]
struct Weight;

impl Weighter<TreePlace, TreeNode> for Weight {
    fn weight(&self, _: &TreePlace, node: &TreeNode) -> u64 {
        (node.size() + 2 * size_of::<(TreePlace, TreeNode)>()) as u64
    }
}

impl NodeCache {
    /// A cache of so many bytes.
    pub fn new(bytes: u64) -> Self {
        // Most nodes are branches over two or three leaves, just above the ground.
        const USUAL: u64 = 700;
        Self(Cache::with_weighter(usize::try_from(bytes / USUAL).unwrap_or(usize::MAX).max(16), bytes, Weight))
    }

    pub fn insert(&self, place: TreePlace, node: TreeNode) {
        self.0.insert(place, node);
    }

    /// Brings the cache to the height that was just committed.
    pub fn take(&self, update: TreeUpdate) {
        for place in &update.stale {
            self.0.remove(place);
        }
        for (place, node) in update.nodes {
            self.0.insert(place, node);
        }
    }
}

/// Reads the tree, as it is now or as a snapshot has it.
pub struct TreeRows<'a> {
    pub inner: &'a Inner,
    pub snapshot: Option<&'a SnapshotWithThreadMode<'a, DB>>,
    /// Whether the newest tree is read: the next block will read its nodes again, so that they are worth keeping, and its values are those
    /// of the state itself.
    pub newest: bool,
}

impl TreeRows<'_> {
    fn row(&self, column: Column, key: &[u8]) -> Result<Option<DBPinnableSlice<'_>>, DbError> {
        let column = self.inner.column(column);
        Ok(match self.snapshot {
            Some(snapshot) => snapshot.get_pinned_cf(column, key)?,
            None => self.inner.db.get_pinned_cf(column, key)?,
        })
    }

    /// The node as it is stored, whatever the cache says.
    pub fn stored_node(&self, place: &TreePlace) -> Result<Option<TreeNode>, DbError> {
        let row = self.row(Column::Tree, &place.bytes())?;
        row.map(|row| decode(Column::Tree, &format_args!("{place:?}"), &row)).transpose()
    }

    /// What a key was at a version.
    pub fn stored_value(&self, key: &[u8], version: Version) -> Result<Option<Vec<u8>>, DbError> {
        if self.newest {
            return Ok(self.row(Column::State, key)?.map(|row| row.to_vec()));
        }
        Ok(self.value_row(version, &Sha256::digest(key).into())?.map(|(_, value)| value))
    }

    /// The newest value row of a key hash, at most as new as `version`.
    pub fn value_row(&self, version: Version, key_hash: &[u8; 32]) -> Result<ValueRow, DbError> {
        let column = self.inner.column(Column::Values);
        let from = value_key(key_hash, version);
        let mode = IteratorMode::From(&from, Direction::Reverse);
        let mut options = ReadOptions::default();
        options.set_iterate_lower_bound(key_hash.to_vec());
        let row = match self.snapshot {
            Some(snapshot) => snapshot.iterator_cf_opt(column, options, mode).next(),
            None => self.inner.db.iterator_cf_opt(column, options, mode).next(),
        };
        match row.transpose()? {
            Some((_, row)) => decode(Column::Values, &hex::encode(key_hash), &row),
            None => Ok(None),
        }
    }
}

impl Nodes for TreeRows<'_> {
    fn node(&self, place: &TreePlace) -> Result<Option<TreeNode>, TreeError> {
        if let Some(node) = self.inner.nodes.0.get(place) {
            return Ok(Some(node));
        }
        let node = self.stored_node(place).map_err(|error| TreeError::Read(error.into()))?;
        if let (true, Some(node)) = (self.newest, &node) {
            self.inner.nodes.insert(*place, node.clone());
        }
        Ok(node)
    }
}

impl TreeHistory for TreeRows<'_> {
    fn entry(&self, key_hash: &[u8; 32], version: Version) -> Result<Option<StateEntry>, TreeError> {
        self.value_row(version, key_hash).map_err(|error| TreeError::Read(error.into()))
    }

    fn value(&self, key: &[u8], version: Version) -> Result<Option<Vec<u8>>, TreeError> {
        self.stored_value(key, version).map_err(|error| TreeError::Read(error.into()))
    }
}
