//! Whether what is stored fits together; asked at startup, before anything is believed.

mod epochs;
mod hashes;
mod history;
mod sample;
mod whole;

use super::{DbError, Store, StoredHead};
use primitives::{BlockHash, Height, StateRoot};
use state::tree::printable;

/// Ends of epochs that are looked at where the state is only sampled.
const SAMPLED_EPOCHS: u64 = 64;

/// How much of the state is compared with the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Every row of the state, every node of its tree, and every stored block: reads the whole store once, and the state some times more
    /// where it is large. Takes about 64 bytes of memory for every key, 256 MiB for up to 67 million of them, and some microseconds of
    /// each core.
    Whole,
    /// At most so many keys, spread evenly over the state, each followed to the root; for states too large to read at
    /// every start. A row that is not among them is not looked at.
    Sample(usize),
}

/// What was found to be in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// The newest block; `None` for an empty store.
    pub head: Option<StoredHead>,
    /// Blocks whose header names the one before it.
    pub headers: u64,
    /// Keys whose value is the one that the tree commits to.
    pub keys: u64,
}

/// The first disagreement.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// The store cannot be read.
    #[error(transparent)]
    Unreadable(#[from] DbError),
    /// A block that should be there is not.
    #[error("the header of block {0} is missing or does not decode")]
    Header(Height),
    /// A header is another than the one that is named.
    #[error("block {height} has hash {found}, but {by} names {named}")]
    Hash {
        /// The height.
        height: Height,
        /// The hash of the header that is stored.
        found: BlockHash,
        /// The hash it should have.
        named: BlockHash,
        /// Who says so.
        by: &'static str,
    },
    /// The head's header, the head row and the tree have different roots.
    #[error("after block {height} the state root is {expected} by {by}, but {found} by the tree")]
    Root {
        /// The height.
        height: Height,
        /// The root that is committed to.
        expected: StateRoot,
        /// Where that is said.
        by: &'static str,
        /// The root of the tree.
        found: StateRoot,
    },
    /// A node of the tree is missing or another than its parent says.
    #[error("the state tree is broken at path {path:?} (version {version})")]
    Node {
        /// The nibbles from the root, as hex digits.
        path: String,
        /// The height that wrote the node.
        version: u64,
    },
    /// A value is another than the one that the tree commits to.
    #[error("the {column} column gives key {} a value that the state root does not commit to", printable(key))]
    Value {
        /// Where the value stands.
        column: &'static str,
        /// The key.
        key: Vec<u8>,
    },
    /// The last block of an epoch is missing, or is not what was decided.
    #[error("block {height}, the last of its epoch, {what} in the epochs column")]
    EpochEnd {
        /// The height.
        height: Height,
        /// What is wrong, as it follows its name.
        what: &'static str,
    },
    /// Trust takes another hop, or none.
    #[error("hop {0} of the hops column is not the one that trust takes on its way from genesis")]
    Hop(u64),
    /// A row of the tree of blocks is missing, or is another than the chain makes it.
    #[error("row {index} of level {level} of the log column {what}")]
    LogRow {
        /// The level; 0 is that of the hashes of blocks.
        level: u8,
        /// The number on that; on level 0 the height.
        index: u64,
        /// What is wrong, as it follows its name.
        what: &'static str,
    },
    /// The hashes of blocks are not those that the state has a tree over.
    #[error("the first {size} blocks by the log column do not make the tree that the state has over them")]
    LogTree {
        /// The blocks in the tree.
        size: u64,
    },
    /// A key is stored that the tree does not have.
    #[error("the {column} column has key {}, which the state root does not commit to", printable(key))]
    Extra {
        /// Where the key stands.
        column: &'static str,
        /// The key.
        key: Vec<u8>,
    },
    /// The tree has a key that is not stored.
    #[error("the {column} column lacks a key that the state root commits to: {key}")]
    Lost {
        /// Where the key is missing.
        column: &'static str,
        /// The key as text, or its SHA-256 where nothing else is left of it.
        key: String,
    },
}

impl From<rocksdb::Error> for Damage {
    fn from(error: rocksdb::Error) -> Self {
        Self::Unreadable(error.into())
    }
}

impl From<state::tree::TreeError> for Damage {
    fn from(error: state::tree::TreeError) -> Self {
        Self::Unreadable(error.into())
    }
}

impl Store {
    /// Checks that the head, its header, the chain of headers before it, the ends of epochs, the tree of blocks, the state tree and
    /// the state agree, and names the first disagreement. At most `headers` headers are followed.
    pub fn verify(&self, extent: Extent, headers: u64) -> Result<Verified, Damage> {
        self.verify_within(extent, headers, whole::MOST_AT_ONCE)
    }

    /// The same, with so many keys of the state in memory at once where all are compared.
    pub(super) fn verify_within(&self, extent: Extent, headers: u64, most_at_once: u64) -> Result<Verified, Damage> {
        let view = self.view();
        let Some(head) = view.head()? else { return Ok(Verified { head: None, headers: 0, keys: 0 }) };
        let headers = history::check(&view, head, headers)?;
        let keys = match extent {
            Extent::Whole => {
                epochs::check(&view, head, u64::MAX)?;
                epochs::check_hops(&view)?;
                hashes::check(&view, head, u64::MAX)?;
                hashes::check_all(&view, head)?;
                history::read_all(&view)?;
                whole::check(&view, head, most_at_once)?
            }
            Extent::Sample(keys) => {
                epochs::check(&view, head, SAMPLED_EPOCHS)?;
                hashes::check(&view, head, SAMPLED_EPOCHS)?;
                sample::check(&view, head, keys)?
            }
        };
        hashes::require_tree(&view, head)?;
        Ok(Verified { head: Some(head), headers, keys })
    }
}
