//! Writing a block: computed once, checked against its header, and stored by one synced batch.

use super::columns::{Column, Stale, block_key, height_key, meta, transaction_key, value_key};
use super::hashes::LogGrowth;
use super::hops::Hops;
use super::nodes::TreeRows;
use super::open::{Access, Inner};
use super::{DbError, Store, StoredHead, prune};
use ledger::{Commit, Storage};
use light::SignedHeader;
use parity_scale_codec::Encode;
use primitives::{BlockHash, Height, StateRoot};
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use rocksdb::WriteBatch;
use runtime::{Block, Certificate, Fact, Genesis, Header, Record};
use state::tree::{TreePlace, TreeUpdate};
use state::{Backend, Writes};
use std::sync::{LazyLock, MutexGuard, PoisonError};

/// How many threads change the tree at once: more than there are cores, because where a state is larger than memory most of their time goes by
/// waiting for the disk, which is asked by as many as there are threads.
const SEEKERS: usize = 8;

/// Those of the process; whoever prepares a block does it with those of all else where the system gives none.
static SEEKING: LazyLock<Option<ThreadPool>> = LazyLock::new(|| {
    ThreadPoolBuilder::new().num_threads(SEEKERS).thread_name(|one| format!("tree-{one}")).build().ok()
});

/// A block's writes with the tree they make: computed on one head, to be committed on the same.
#[derive(Debug, Clone)]
pub struct Prepared {
    base: Option<StoredHead>,
    writes: Writes,
    update: TreeUpdate,
}

impl Prepared {
    /// The state root after the writes: what the header commits to.
    pub fn root(&self) -> StateRoot {
        self.update.root
    }

    /// The height that the writes make.
    pub fn height(&self) -> Height {
        Height(self.update.version)
    }

    /// The writes.
    pub fn writes(&self) -> &Writes {
        &self.writes
    }
}

impl Store {
    /// Computes the state root that `writes` give on top of the head. Stores nothing; on an empty store this is genesis.
    pub fn prepare(&self, writes: Writes) -> Result<Prepared, DbError> {
        let base = self.view().head()?;
        let version = base.map_or(0, |head| head.height.next().0);
        let rows = TreeRows { inner: &self.0, snapshot: None, newest: true };
        let update = || state::tree::update(&rows, &writes, version);
        let update = SEEKING.as_ref().map_or_else(update, |threads| threads.install(update))?;
        Ok(Prepared { base, writes, update })
    }

    /// Stores the beginning of a chain in an empty store. Call [`Genesis::check`] first.
    pub fn commit_genesis(&self, genesis: &Genesis) -> Result<StoredHead, DbError> {
        let _writing = self.writer()?;
        if let Some(head) = self.view().head()? {
            return Err(DbError::GenesisExists(head.height));
        }
        let prepared = self.prepare(genesis.writes())?;
        let mut batch = Batch { inner: &self.0, rows: WriteBatch::default() };
        batch.put(Column::Meta, meta::GENESIS, genesis.encode());
        let Record { header, facts } = genesis.record(prepared.root());
        let head = batch.block(&Block { header, last_commit: None, transactions: Vec::new() }, None, &facts);
        batch.log(&mut LogGrowth::default(), head.height, head.hash);
        self.write(batch, head, prepared)
    }

    /// Stores the block after the head, durably, or changes nothing.
    pub fn commit(&self, commit: Commit<'_, Prepared>) -> Result<StoredHead, DbError> {
        let _writing = self.writer()?;
        let view = self.view();
        let last = view.head()?.ok_or(DbError::NoGenesis)?;
        check(last, &commit)?;

        let mut batch = Batch { inner: &self.0, rows: WriteBatch::default() };
        let head = batch.block(commit.block, Some(commit.certificate), commit.facts);
        batch.log(&mut LogGrowth::of(&view, head.height)?, head.height, head.hash);
        if let Some(validators) = commit.epoch_end {
            let (header, certificate) = (commit.block.header.clone(), commit.certificate.clone());
            let end = SignedHeader { header, certificate, validators };
            batch.epoch_end(&end);
            Hops::of(&view)?.extend(&end).into_iter().for_each(|hop| batch.hop(hop));
        }
        prune::step(&view, &mut batch, head.height)?;
        self.write(batch, head, commit.prepared)
    }

    pub(super) fn writer(&self) -> Result<MutexGuard<'_, ()>, DbError> {
        if self.0.access == Access::ReadOnly {
            return Err(DbError::ReadOnly);
        }
        // The guarded value is empty: a thread that panicked while holding it left nothing half-done.
        Ok(self.0.writing.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn write(&self, mut batch: Batch<'_>, head: StoredHead, prepared: Prepared) -> Result<StoredHead, DbError> {
        batch.put(Column::Meta, meta::HEAD, head.encode());
        batch.state(&prepared.writes);
        batch.tree(&prepared.update);
        batch.values(prepared.writes, &prepared.update);
        self.0.db.write_opt(batch.rows, &Inner::synced())?;
        self.0.nodes.take(prepared.update);
        Ok(head)
    }
}

impl Storage for Store {
    type Prepared = Prepared;
    type Error = DbError;

    fn state(&self) -> Box<dyn Backend + '_> {
        Box::new(self.view())
    }

    fn certificate(&self, height: Height) -> Result<Option<Certificate>, DbError> {
        self.view().certificate(height)
    }

    fn block_hash(&self, height: Height) -> Result<Option<BlockHash>, DbError> {
        self.view().block_hash(height)
    }

    fn prepare(&self, writes: Writes) -> Result<(StateRoot, Prepared), DbError> {
        let prepared = Store::prepare(self, writes)?;
        Ok((prepared.root(), prepared))
    }

    fn commit(&mut self, commit: Commit<'_, Prepared>) -> Result<(), DbError> {
        Store::commit(self, commit).map(|_| ())
    }
}

/// Whether a block may follow `last`.
fn check(last: StoredHead, commit: &Commit<'_, Prepared>) -> Result<(), DbError> {
    let Header { height, parent, state_root, .. } = commit.block.header;
    if height != last.height.next() {
        return Err(DbError::NotNext { head: last.height, found: height });
    }
    if parent != last.hash {
        return Err(DbError::Parent { height, head: last.hash, found: parent });
    }
    if commit.prepared.base != Some(last) {
        return Err(DbError::Outdated);
    }
    let writes = commit.prepared.root();
    if state_root != writes {
        return Err(DbError::Root { height, header: state_root, writes });
    }
    Ok(())
}

/// Rows that are written together.
pub(super) struct Batch<'a> {
    pub inner: &'a Inner,
    pub rows: WriteBatch,
}

impl Batch<'_> {
    pub fn put(&mut self, column: Column, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) {
        self.rows.put_cf(self.inner.column(column), key, value);
    }

    pub fn delete(&mut self, column: Column, key: impl AsRef<[u8]>) {
        self.rows.delete_cf(self.inner.column(column), key);
    }

    /// The block and what leads to it. Returns the head that it makes.
    pub fn block(&mut self, block: &Block, certificate: Option<&Certificate>, facts: &[Fact]) -> StoredHead {
        let Header { height, state_root, .. } = block.header;
        let (at, hash) = (height_key(height), block.hash());
        self.put(Column::Headers, at, (&block.header, certificate).encode());
        self.put(Column::Bodies, at, (&block.last_commit, &block.transactions).encode());
        self.put(Column::Records, at, facts.encode());
        self.put(Column::Indexes, block_key(&hash), height.encode());
        for (place, transaction) in (0u32..).zip(&block.transactions) {
            self.put(Column::Indexes, transaction_key(&transaction.hash()), (height, place).encode());
        }
        StoredHead { height, hash, state_root }
    }

    /// The last block of an epoch, with who decided it.
    pub fn epoch_end(&mut self, end: &SignedHeader) {
        self.put(Column::Epochs, height_key(end.header.height), end.encode());
    }

    pub fn state(&mut self, writes: &Writes) {
        let column = self.inner.column(Column::State);
        for (key, value) in writes {
            match value {
                Some(value) => self.rows.put_cf(column, key, value),
                None => self.rows.delete_cf(column, key),
            }
        }
    }

    fn tree(&mut self, update: &TreeUpdate) {
        self.nodes(update);
        let stale =
            Stale { nodes: update.stale.iter().map(TreePlace::bytes).collect(), written: update.key_hashes.clone() };
        self.put(Column::Stale, height_key(Height(update.version)), stale.encode());
    }

    pub fn nodes(&mut self, update: &TreeUpdate) {
        let column = self.inner.column(Column::Tree);
        let rows = update.nodes.par_iter().map(|(place, node)| (place.bytes(), node.encode()));
        let mut rows = rows.collect::<Vec<_>>();
        rows.par_sort_unstable();
        for (place, node) in rows {
            self.rows.put_cf(column, place, node);
        }
    }

    fn values(&mut self, writes: Writes, update: &TreeUpdate) {
        let column = self.inner.column(Column::Values);
        for (key, row) in value_rows(writes, update) {
            self.rows.put_cf(column, key, row);
        }
    }
}

/// The rows of values that writes make, in the order of their keys.
pub(super) fn value_rows(writes: Writes, update: &TreeUpdate) -> impl Iterator<Item = ([u8; 40], Vec<u8>)> {
    let mut rows = update.key_hashes.iter().zip(writes).collect::<Vec<_>>();
    rows.sort_unstable_by_key(|(hash, _)| **hash);
    rows.into_iter().map(|(hash, (key, value))| {
        let row = value.map(|value| (key, value));
        (value_key(hash, update.version), row.encode())
    })
}
