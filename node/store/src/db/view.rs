//! Reading: the store as it was at one moment.

use super::DbError;
use super::columns::{Column, block_key, decode, height_key, meta, transaction_key};
use super::nodes::TreeRows;
use super::open::Inner;
use crate::is_on_here;
use flags::Gate;
use parity_scale_codec::{Decode, Encode};
use primitives::{BlockHash, Height, StateRoot, TransactionHash};
use rocksdb::{DB, Direction, IteratorMode, SnapshotWithThreadMode};
use runtime::{Block, Certificate, Fact, Genesis, Header, Record, Transaction};
use state::{Backend, State, StateEntry, StateProof};
use std::path::Path;

/// The newest block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct StoredHead {
    /// Its height; 0 for genesis.
    pub height: Height,
    /// The hash of its header.
    pub hash: BlockHash,
    /// The root of the state after it.
    pub state_root: StateRoot,
}

/// The store at one moment. As a [`Backend`] it is the state after the head.
///
/// A view keeps old rows from being cleaned up; do not hold one for longer than a question takes.
pub struct View<'a> {
    pub(super) inner: &'a Inner,
    pub(super) snapshot: SnapshotWithThreadMode<'a, DB>,
}

impl<'a> View<'a> {
    pub(super) fn new(inner: &'a Inner) -> Self {
        Self { inner, snapshot: inner.db.snapshot() }
    }

    fn row(&self, column: Column, key: impl AsRef<[u8]>) -> Result<Option<Vec<u8>>, DbError> {
        Ok(self.snapshot.get_cf(self.inner.column(column), key)?)
    }

    pub(super) fn decoded<T: Decode>(&self, column: Column, key: &[u8]) -> Result<Option<T>, DbError> {
        self.row(column, key)?.map(|row| decode(column, &key.escape_ascii(), &row)).transpose()
    }

    /// The newest block; `None` before genesis.
    pub fn head(&self) -> Result<Option<StoredHead>, DbError> {
        self.decoded(Column::Meta, meta::HEAD)
    }

    /// What the chain began with; `None` before genesis.
    pub fn genesis(&self) -> Result<Option<Genesis>, DbError> {
        self.decoded(Column::Meta, meta::GENESIS)
    }

    /// Whether the chain has begun; if it has, it was with `genesis`, which is that of `file`.
    ///
    /// # Errors
    /// [`DbError::OtherGenesis`] when it began with another one.
    pub fn began_with(&self, genesis: &Genesis, file: &Path) -> Result<bool, DbError> {
        match self.genesis()? {
            Some(stored) if stored != *genesis => Err(DbError::OtherGenesis { file: file.to_owned() }),
            stored => Ok(stored.is_some()),
        }
    }

    /// The first height whose block, record and proofs are kept. 0 as long as nothing was pruned.
    pub fn earliest(&self) -> Result<Height, DbError> {
        Ok(self.decoded(Column::Meta, meta::EARLIEST)?.unwrap_or_default())
    }

    /// The height of the snapshot that the store began with; none where it began with genesis.
    pub fn imported(&self) -> Result<Option<Height>, DbError> {
        self.decoded(Column::Meta, meta::IMPORTED)
    }

    fn header_row(&self, height: Height) -> Result<Option<(Header, Option<Certificate>)>, DbError> {
        self.decoded(Column::Headers, &height_key(height))
    }

    /// The header of a block.
    pub fn header(&self, height: Height) -> Result<Option<Header>, DbError> {
        Ok(self.header_row(height)?.map(|(header, _)| header))
    }

    /// The precommits that decided a block; nobody decided genesis.
    pub fn certificate(&self, height: Height) -> Result<Option<Certificate>, DbError> {
        Ok(self.header_row(height)?.and_then(|(_, certificate)| certificate))
    }

    /// A block.
    pub fn block(&self, height: Height) -> Result<Option<Block>, DbError> {
        let Some(header) = self.header(height)? else { return Ok(None) };
        let body: Option<(Option<Certificate>, Vec<Transaction>)> =
            self.decoded(Column::Bodies, &height_key(height))?;
        Ok(body.map(|(last_commit, transactions)| Block { header, last_commit, transactions }))
    }

    /// What came of a block.
    pub fn record(&self, height: Height) -> Result<Option<Record>, DbError> {
        let Some(header) = self.header(height)? else { return Ok(None) };
        let facts: Option<Vec<Fact>> = self.decoded(Column::Records, &height_key(height))?;
        Ok(facts.map(|facts| Record { header, facts }))
    }

    /// Where a transaction is: its height, and its place in the block from 0.
    pub fn height_of_transaction(&self, hash: &TransactionHash) -> Result<Option<(Height, u32)>, DbError> {
        self.decoded(Column::Indexes, &transaction_key(hash))
    }

    /// The height of a block.
    pub fn height_of_block(&self, hash: &BlockHash) -> Result<Option<Height>, DbError> {
        self.decoded(Column::Indexes, &block_key(hash))
    }

    /// Proves what `key` was after the block at `height`, for any height that is kept.
    pub fn proof(&self, key: &[u8], height: Height) -> Result<StateProof, DbError> {
        let head = self.require_kept(height)?;
        Ok(state::tree::prove(&self.tree(height == head.height), key, height.0)?)
    }

    /// Whether a gate is on for the node of this store, in the state after the head.
    pub fn is_on_here(&self, gate: Gate) -> bool {
        is_on_here(&State::over(self), gate, self.inner.account.get())
    }

    /// The first height that an open incident or a hold has kept here, in the state after the head (ROLLOUTS 8, 9); nothing of an
    /// application's plan has, unless [it was said so](super::Store::keeps_for).
    pub fn kept_from(&self) -> Option<Height> {
        let plans = self.inner.plans.get().map(Vec::as_slice).unwrap_or_default();
        cases::queries::keep_from(&State::over(self), plans)
    }

    pub(super) fn tree(&self, newest: bool) -> TreeRows<'_> {
        TreeRows { inner: self.inner, snapshot: Some(&self.snapshot), newest }
    }
}

/// How the message begins of a process that stops because the system did not let it read the state. Nothing in it is known to be
/// wrong, so it may be started again.
pub const UNREADABLE: &str = "chain state cannot be read";

/// There is no safe answer to a read that fails; the trait says so.
fn stop(error: impl Into<DbError>) -> ! {
    match error.into() {
        error if error.is_damage() => state::corrupt(&error.to_string()),
        error => panic!("{UNREADABLE}: {error}"),
    }
}

impl Backend for View<'_> {
    fn read(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.row(Column::State, key).unwrap_or_else(|error| stop(error))
    }

    fn scan<'a>(&'a self, prefix: &[u8], from: &[u8]) -> Box<dyn Iterator<Item = StateEntry> + 'a> {
        let (prefix, start) = (prefix.to_vec(), from.max(prefix).to_vec());
        let rows =
            self.snapshot.iterator_cf(self.inner.column(Column::State), IteratorMode::From(&start, Direction::Forward));
        Box::new(
            rows.map(|row| row.unwrap_or_else(|error| stop(error)))
                .take_while(move |(key, _)| key.starts_with(&prefix))
                .map(|(key, value)| (key.into_vec(), value.into_vec())),
        )
    }
}
