//! What can go wrong between the node and its disk.

use primitives::{BlockHash, Height, StateRoot};
use state::tree::TreeError;
use std::path::PathBuf;

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// Another process has the store open for writing.
    #[error("the store at {path} is in use by another process; stop that node first, or open the store read-only")]
    Locked {
        /// The directory.
        path: PathBuf,
    },
    /// There is nothing to read.
    #[error("there is no store at {path}; check the home directory, or start the node once to create it")]
    Missing {
        /// The directory.
        path: PathBuf,
    },
    /// The directory holds a database that no node wrote.
    #[error("the database at {path} is not a node's store; choose another directory")]
    Foreign {
        /// The directory.
        path: PathBuf,
    },
    /// A newer version of this software wrote the store.
    #[error(
        "the store at {path} has schema {found}, this build reads up to schema {need}; run the build that wrote it, or restore the \
         backup made before that build was started"
    )]
    Newer {
        /// The directory.
        path: PathBuf,
        /// What the store says.
        found: u32,
        /// What this build reads and writes.
        need: u32,
    },
    /// An older version of this software wrote the store, and it is open for reading alone.
    #[error(
        "the store at {path} has schema {found}, this build reads schema {need}; start the node once with `the-block start`, which \
         brings the store up to date"
    )]
    Older {
        /// The directory.
        path: PathBuf,
        /// What the store says.
        found: u32,
        /// What this build reads and writes.
        need: u32,
    },
    /// Stored bytes are not the bytes that were written.
    #[error("the store is damaged: {0}; restore this node from a snapshot or from its peers")]
    Damaged(String),
    /// No space left.
    #[error(
        "the disk that holds the store is full ({0}); free some space and start the node again, nothing was half-written"
    )]
    DiskFull(String),
    /// The disk, or its permissions.
    #[error("the store cannot be read or written: {0}")]
    Io(String),
    /// A write through a read-only store.
    #[error("the store was opened read-only")]
    ReadOnly,
    /// A block came before genesis.
    #[error("the store is empty; commit genesis first")]
    NoGenesis,
    /// The store was made from another genesis.
    #[error(
        "the database was made from another genesis than {file}; give this network a home of its own, or restore the \
         genesis file it was made from"
    )]
    OtherGenesis {
        /// The genesis file.
        file: PathBuf,
    },
    /// A second genesis.
    #[error("the store already holds a chain, whose head is block {0}")]
    GenesisExists(Height),
    /// A block out of order.
    #[error("block {found} cannot be committed after block {head}")]
    NotNext {
        /// The head.
        head: Height,
        /// The height of the refused block.
        found: Height,
    },
    /// A block of another chain.
    #[error("block {height} names {found} as its parent, but the head is {head}")]
    Parent {
        /// The height of the refused block.
        height: Height,
        /// The head's hash.
        head: BlockHash,
        /// The parent that the block names.
        found: BlockHash,
    },
    /// A block whose execution gave another state.
    #[error("block {height} commits to state root {header}, but its writes give {writes}")]
    Root {
        /// The height of the refused block.
        height: Height,
        /// The root in the header.
        header: StateRoot,
        /// The root that the writes give.
        writes: StateRoot,
    },
    /// The writes were prepared on another head than the one they are to be committed on.
    #[error("the writes were prepared on another head; prepare them again")]
    Outdated,
    /// A height that is not kept.
    #[error("height {height} was pruned; this node keeps heights from {earliest} on, ask an archive node")]
    Pruned {
        /// The height asked for.
        height: Height,
        /// The first height that is kept.
        earliest: Height,
    },
    /// A height that does not exist yet.
    #[error("height {height} is not committed yet; the head is {head}")]
    Future {
        /// The height asked for.
        height: Height,
        /// The head.
        head: Height,
    },
    /// There is a store where one was to be imported.
    #[error("there is a store at {path} already; import into a home without one, or remove it first")]
    Occupied {
        /// The directory.
        path: PathBuf,
    },
    /// Entries to import that are not in order.
    #[error("the entries to import are not in the order of the SHA-256 of their keys, or a key comes twice")]
    Unordered,
    /// The state tree refused.
    #[error(transparent)]
    Tree(TreeError),
}

impl From<rocksdb::Error> for DbError {
    fn from(error: rocksdb::Error) -> Self {
        let text = error.to_string();
        match error.kind() {
            rocksdb::ErrorKind::Corruption => Self::Damaged(text),
            // A directory without any store is `Missing` before RocksDB is asked, so this is a file that its own list names.
            rocksdb::ErrorKind::IOError if text.contains("No such file") => Self::Damaged(text),
            _ if text.contains("No space left on device") || text.contains("NoSpace") => Self::DiskFull(text),
            _ => Self::Io(text),
        }
    }
}

impl From<TreeError> for DbError {
    fn from(error: TreeError) -> Self {
        match error {
            TreeError::Read(error) => match error.downcast::<Self>() {
                Ok(error) => *error,
                Err(error) => Self::Damaged(error.to_string()),
            },
            error @ TreeError::Missing(_) => Self::Damaged(error.to_string()),
            error => Self::Tree(error),
        }
    }
}
