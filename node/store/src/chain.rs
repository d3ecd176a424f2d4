//! What questions about the chain are answered from: the store at one moment, with its bytes decoded.

use crate::db::{self, DbError, Store};
use light::SignedHeader;
use primitives::{BlockHash, Digest, Height, TransactionHash};
use rpc::{ChainView, Head, ReadError};
use runtime::{Block, Certificate, Genesis, Header, Record};
use state::{Backend, StateEntry, StateProof};
use std::path::Path;
use tlog::Hashes as _;

/// The store at one moment, with its bytes decoded.
pub struct StoreView<'a> {
    view: db::View<'a>,
    epoch_length: u64,
}

impl<'a> StoreView<'a> {
    /// A view of a store whose chain has epochs of `epoch_length` blocks.
    pub fn new(view: db::View<'a>, epoch_length: u64) -> Self {
        Self { view, epoch_length }
    }
}

impl Backend for StoreView<'_> {
    fn read(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.view.read(key)
    }

    fn scan<'a>(&'a self, prefix: &[u8], from: &[u8]) -> Box<dyn Iterator<Item = StateEntry> + 'a> {
        self.view.scan(prefix, from)
    }
}

impl ChainView for StoreView<'_> {
    fn head(&self) -> Result<Head, ReadError> {
        head_of(&self.view, self.epoch_length).map_err(failed)
    }

    fn earliest(&self) -> Result<Height, ReadError> {
        self.view.earliest().map_err(failed)
    }

    fn header(&self, height: Height) -> Result<Option<Header>, ReadError> {
        self.view.header(height).map_err(failed)
    }

    fn block(&self, height: Height) -> Result<Option<Block>, ReadError> {
        self.view.block(height).map_err(failed)
    }

    fn record(&self, height: Height) -> Result<Option<Record>, ReadError> {
        self.view.record(height).map_err(failed)
    }

    fn certificate(&self, height: Height) -> Result<Option<Certificate>, ReadError> {
        self.view.certificate(height).map_err(failed)
    }

    fn epoch_ends(&self, height: Height) -> Box<dyn Iterator<Item = Result<SignedHeader, ReadError>> + '_> {
        Box::new(self.view.epoch_ends(height.next()).map(|end| end.map_err(failed)))
    }

    fn epoch_end(&self, height: Height) -> Result<Option<SignedHeader>, ReadError> {
        self.view.epoch_end(height).map_err(failed)
    }

    fn hops(&self) -> Result<u64, ReadError> {
        self.view.hops().map_err(failed)
    }

    fn hop(&self, number: u64) -> Result<Option<SignedHeader>, ReadError> {
        self.view.hop(number).map_err(failed)
    }

    fn hop_above(&self, height: Height) -> Result<Option<u64>, ReadError> {
        self.view.hop_above(height).map_err(failed)
    }

    fn block_hash(&self, height: Height) -> Result<Option<BlockHash>, ReadError> {
        self.view.block_hash(height).map_err(failed)
    }

    fn log_node(&self, level: u8, index: u64) -> Result<Digest, ReadError> {
        self.view.node(level, index).map_err(failed)
    }

    fn proof(&self, key: &[u8], height: Height) -> Result<Option<StateProof>, ReadError> {
        match self.view.proof(key, height) {
            Ok(proof) => Ok(Some(proof)),
            Err(DbError::Pruned { .. } | DbError::Future { .. }) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    fn locate(&self, transaction: &TransactionHash) -> Result<Option<(Height, u32)>, ReadError> {
        self.view.height_of_transaction(transaction).map_err(failed)
    }
}

fn failed(error: DbError) -> ReadError {
    ReadError::Failed(error.to_string())
}

/// Reads the head of a store, or writes genesis into an empty one.
///
/// # Errors
/// When the store fails, or holds the chain of another genesis.
pub fn begin(store: &Store, genesis: &Genesis) -> Result<Head, DbError> {
    if !store.view().began_with(genesis, Path::new("config/genesis.json"))? {
        store.commit_genesis(genesis)?;
    }
    head_of(&store.view(), genesis.chain.epoch_length)
}

/// The head of a store that is not empty.
///
/// # Errors
/// When the store is empty, or its head has no header.
pub fn head_of(view: &db::View<'_>, epoch_length: u64) -> Result<Head, DbError> {
    let head = view.head()?.ok_or(DbError::NoGenesis)?;
    let header = view.header(head.height)?;
    let header = header.ok_or_else(|| DbError::Damaged(format!("the header of block {} is missing", head.height)))?;
    Ok(Head::new(header, epoch_length))
}
