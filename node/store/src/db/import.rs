//! Filling an empty store with the state of one height, such as a snapshot brings.
//!
//! Everything is written into a folder within the store's place and moved up at the end ([`Staged`]), so that a store is whole or is not
//! there. The tree is grown as the entries come, in the order of its leaves; what is in memory at any time is one call's entries.

use super::columns::{Column, meta};
use super::commit::{Batch, value_rows};
use super::hashes::LogGrowth;
use super::hops::Hops;
use super::nodes::TreeRows;
use super::sorted::SortedValues;
use super::staged::Staged;
use super::{Access, DbError, Settings, Store, StoredHead, View};
use crate::is_on_here;
use flags::Gate;
use light::SignedHeader;
use parity_scale_codec::Encode;
use primitives::{AccountId, BlockHash, Height, StateRoot};
use rocksdb::{FlushOptions, WriteBatch, WriteOptions};
use runtime::{Block, Certificate, Fact, Genesis};
use state::tree::{MemoryTree, Nodes, TreeError, TreeNode, TreePlace};
use state::{State, StateEntry, Writes};
use std::path::Path;

/// A store that is being filled. Dropped before [`finish`](Self::finish), it leaves nothing behind.
pub struct Import {
    // Dropped, and so closed, before their folder is removed.
    store: Store,
    values: SortedValues,
    staged: Staged,
    height: Height,
    hops: Hops,
    growth: LogGrowth,
    /// The block whose hash comes next.
    next_hash: Height,
    /// The hash of block 0.
    first: BlockHash,
    root: TreeNode,
    last: Option<[u8; 32]>,
    keys: u64,
}

/// What was imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    /// The head of the new store.
    pub head: StoredHead,
    /// The keys of its state.
    pub keys: u64,
}

impl Import {
    /// Begins to fill a store of the state after the block at `height`, from 1, to be at `path`.
    ///
    /// # Errors
    /// When something is there already, or cannot be written.
    pub fn begin(path: &Path, settings: Settings, genesis: &Genesis, height: Height) -> Result<Self, DbError> {
        let staged = Staged::new(path)?;
        let store = Store::open(staged.folder(), Access::Primary, settings)?;
        let hops = Hops::begin(genesis);
        let (growth, next_hash) = (LogGrowth::default(), Height(0));
        let first = genesis.header(MemoryTree::default().commit(&genesis.writes())?).hash();
        let (root, values) = (TreeNode::Null, SortedValues::within(staged.folder()));
        let import = Self { store, values, staged, height, hops, growth, next_hash, first, root, last: None, keys: 0 };
        let mut batch = import.batch();
        batch.put(Column::Meta, meta::GENESIS, genesis.encode());
        batch.put(Column::Meta, meta::EARLIEST, height.encode());
        batch.put(Column::Meta, meta::IMPORTED, height.encode());
        import.write(batch)?;
        Ok(import)
    }

    /// Adds the last block of the next epoch.
    pub fn epoch_end(&mut self, end: &SignedHeader) -> Result<(), DbError> {
        let hop = self.hops.extend(end);
        let mut batch = self.batch();
        batch.epoch_end(end);
        hop.into_iter().for_each(|hop| batch.hop(hop));
        self.write(batch)
    }

    /// Adds the hashes of the next blocks, from genesis to the one before the height.
    ///
    /// # Errors
    /// [`DbError::HashCount`] when there are more of them.
    pub fn hashes(&mut self, hashes: &[BlockHash]) -> Result<(), DbError> {
        let mut batch = Batch { inner: &self.store.0, rows: WriteBatch::default() };
        for hash in hashes {
            if self.next_hash >= self.height {
                return Err(DbError::HashCount { height: self.height, found: self.height });
            }
            batch.log(&mut self.growth, self.next_hash, *hash);
            self.next_hash = self.next_hash.next();
        }
        self.write(batch)
    }

    /// Requires the hashes to be all there, and to be those that genesis has, the ends of epochs name, and the block of the height.
    ///
    /// # Errors
    /// [`DbError::HashCount`], or [`DbError::HashOfAnother`] for the first that is another.
    pub fn require_hashes(&self, parent: BlockHash) -> Result<(), DbError> {
        if self.next_hash != self.height {
            return Err(DbError::HashCount { height: self.height, found: self.next_hash });
        }
        let view = self.store.view();
        let require = |height: Height, hash: BlockHash| match view.block_hash(height)? {
            Some(found) if found == hash => Ok(()),
            _ => Err(DbError::HashOfAnother(height)),
        };
        require(Height(0), self.first)?;
        for end in view.epoch_ends(Height(0)) {
            let end = end?;
            require(end.height().minus(1), end.header.parent)?;
            if end.height() < self.height {
                require(end.height(), end.header.hash())?;
            }
        }
        require(self.height.minus(1), parent)
    }

    /// The tree of blocks so far, and the state of the entries so far.
    pub fn view(&self) -> View<'_> {
        self.store.view()
    }

    /// Adds entries of the state. All of them, over all calls, come in the order of the SHA-256 of their keys.
    ///
    /// # Errors
    /// When they do not, or a key or a value is empty.
    pub fn entries(&mut self, entries: Vec<StateEntry>) -> Result<(), DbError> {
        let count = entries.len();
        let writes: Writes = entries.into_iter().map(|(key, value)| (key, Some(value))).collect();
        let rows = TreeRows { inner: &self.store.0, snapshot: None, newest: true };
        let growing = Growing { rows, before: TreePlace::root(self.height.minus(1).0), root: &self.root };
        let update = state::tree::update(&growing, &writes, self.height.0)?;
        let (first, last) = (update.key_hashes.iter().min().copied(), update.key_hashes.iter().max().copied());
        if writes.len() != count || (self.last.is_some() && first <= self.last) {
            return Err(DbError::Unordered);
        }
        let mut batch = self.batch();
        batch.state(&writes);
        batch.nodes(&update);
        self.write(batch)?;
        self.values.put(value_rows(writes, &update))?;
        let root = update.nodes.iter().find(|(place, _)| *place == TreePlace::root(self.height.0));
        self.root = root.map_or(TreeNode::Null, |(_, node)| node.clone());
        self.last = last.max(self.last);
        self.keys += count as u64;
        self.store.0.nodes.take(update);
        Ok(())
    }

    /// The root of the entries so far.
    pub fn root(&self) -> StateRoot {
        StateRoot(self.root.hash())
    }

    /// Whether the entries so far have a gate on for the node of an account.
    pub fn is_on_here(&self, gate: Gate, account: Option<&AccountId>) -> bool {
        is_on_here(&State::over(&self.store.view()), gate, account)
    }

    /// Makes `block` the head, puts everything on disk, and then the store in its place.
    ///
    /// # Errors
    /// When the block's root is not that of the entries, hashes are missing, or the disk fails; nothing is left then.
    pub fn finish(self, block: &Block, certificate: &Certificate, facts: &[Fact]) -> Result<Imported, DbError> {
        let (height, header, writes) = (block.header.height, block.header.state_root, self.root());
        if (height, header) != (self.height, writes) {
            return Err(DbError::Root { height, header, writes });
        }
        self.require_hashes(block.header.parent)?;
        let mut batch = self.batch();
        let head = batch.block(block, Some(certificate), facts);
        batch.log(&mut self.growth.clone(), head.height, head.hash);
        batch.put(Column::Meta, meta::HEAD, head.encode());
        self.write(batch)?;
        let columns = Column::ALL.map(|column| self.store.0.column(column));
        self.store.0.db.flush_cfs_opt(&columns, &FlushOptions::default())?;
        let Self { store, staged, values, keys, .. } = self;
        let taken = values.into_store(&store.0);
        drop(store);
        taken?;
        staged.keep()?;
        Ok(Imported { head, keys })
    }

    fn batch(&self) -> Batch<'_> {
        Batch { inner: &self.store.0, rows: WriteBatch::default() }
    }

    /// Writes without a log: what is half-written when the process dies is removed, not recovered.
    fn write(&self, batch: Batch<'_>) -> Result<(), DbError> {
        let mut options = WriteOptions::default();
        options.disable_wal(true);
        Ok(self.store.0.db.write_opt(batch.rows, &options)?)
    }
}

/// The tree as it has grown so far, under the name that a block's update looks for.
struct Growing<'a> {
    rows: TreeRows<'a>,
    before: TreePlace,
    root: &'a TreeNode,
}

impl Nodes for Growing<'_> {
    fn node(&self, place: &TreePlace) -> Result<Option<TreeNode>, TreeError> {
        if *place == self.before { Ok(Some(self.root.clone())) } else { self.rows.node(place) }
    }
}
