//! What can go wrong between the node and its disk.

use primitives::{BlockHash, Height, StateRoot};
use state::tree::TreeError;
use std::io;
use std::path::{Path, PathBuf};

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
    /// The system did not let it be read or written; what was not read is not known to be wrong.
    #[error("the store cannot be read or written: {said}; {remedy}")]
    Io {
        /// The file, and what the system said.
        said: String,
        /// What mends that.
        remedy: &'static str,
    },
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
    /// A hash of a block that this store was too late to keep.
    #[error(
        "this store does not have the hash of block {height}: it has those from {from} on, because an older version of this software \
         forgot the others; move its folder away, and start this home anew from a snapshot of a node that keeps all, or from genesis"
    )]
    HashForgotten {
        /// The height asked for.
        height: Height,
        /// The first height whose hash is there.
        from: Height,
    },
    /// There is a store where one was to be imported.
    #[error("there is a store at {path} already; import into a home without one, or remove it first")]
    Occupied {
        /// The directory.
        path: PathBuf,
    },
    /// An import was cut short, or is under way.
    #[error(
        "an import into {path} did not end; make it again, or remove the folder if the store is to begin from genesis"
    )]
    Unfinished {
        /// The directory.
        path: PathBuf,
    },
    /// Entries to import that are not in order.
    #[error("the entries to import are not in the order of the SHA-256 of their keys, or a key comes twice")]
    Unordered,
    /// Too few hashes of blocks to import, or too many.
    #[error(
        "of the hashes of the {height} blocks before height {height} there are {found}, or more than these; take another snapshot"
    )]
    HashCount {
        /// The height to import.
        height: Height,
        /// How many there were.
        found: Height,
    },
    /// A hash to import that is another block's.
    #[error("the hash of block {0} to import is not that of the block that was decided; take another snapshot")]
    HashOfAnother(Height),
    /// The state tree refused.
    #[error(transparent)]
    Tree(TreeError),
}

impl DbError {
    /// What the system answered about a file.
    pub(crate) fn system(file: &Path, error: &io::Error) -> Self {
        Self::refused(format!("{}: {error}", file.display()), error)
    }

    fn refused(said: String, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull(said),
            _ => Self::Io { said, remedy: files::remedy(error) },
        }
    }

    /// Whether something that was read is wrong. All else may be asked again, or is another store than the one that was meant.
    pub fn is_damage(&self) -> bool {
        !matches!(
            self,
            Self::Locked { .. }
                | Self::Missing { .. }
                | Self::Foreign { .. }
                | Self::Newer { .. }
                | Self::Older { .. }
                | Self::DiskFull(_)
                | Self::Io { .. }
                | Self::ReadOnly
                | Self::OtherGenesis { .. }
                | Self::HashForgotten { .. }
                | Self::Occupied { .. }
                | Self::Unfinished { .. }
        )
    }

    /// What RocksDB says, of a kind that it names itself.
    pub(super) fn said(kind: rocksdb::ErrorKind, said: String) -> Self {
        match system_error(&said) {
            // A directory without any store is `Missing` before RocksDB is asked, so this is a file that its own list names.
            Some(error) if error.kind() == io::ErrorKind::NotFound => Self::Damaged(said),
            Some(error) => Self::refused(said, &error),
            None if kind == rocksdb::ErrorKind::Corruption => Self::Damaged(said),
            None => Self::Io { remedy: files::remedy(&io::Error::other("")), said },
        }
    }
}

/// The highest number that is tried for an error of the system; none has a higher one.
const MOST_ERRNO: i32 = 133;

/// The system's error, which RocksDB puts at the end of what it says, behind the file and in the words of `strerror`. No word before
/// that counts, such as one of a path.
fn system_error(said: &str) -> Option<io::Error> {
    (1..=MOST_ERRNO).map(io::Error::from_raw_os_error).find(|error| {
        let told = error.to_string();
        let words = told.rsplit_once(" (os error").map_or(told.as_str(), |(words, _)| words);
        said.trim_end().strip_suffix(words).is_some_and(|before| before.ends_with(": "))
    })
}

impl From<rocksdb::Error> for DbError {
    fn from(error: rocksdb::Error) -> Self {
        Self::said(error.kind(), error.into_string())
    }
}

impl From<TreeError> for DbError {
    fn from(error: TreeError) -> Self {
        match error {
            TreeError::Read(error) => match error.downcast::<Self>() {
                Ok(error) => *error,
                Err(error) => Self::Damaged(error.to_string()),
            },
            error @ (TreeError::Missing(_) | TreeError::Value(_)) => Self::Damaged(error.to_string()),
            error => Self::Tree(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rocksdb::ErrorKind;

    #[test]
    fn o05_rocksdb_ends_with_the_system_s_own_words_and_no_word_of_a_path_counts() {
        let said = |kind, text: &str| DbError::said(kind, text.into());
        let file = "/No space left on device/lock/db/000012.sst";
        for (words, mends) in [
            ("Permission denied", "owner"),
            ("Read-only file system", "mount"),
            ("Input/output error", "disk"),
            ("Too many open files", "LimitNOFILE"),
        ] {
            for (kind, begins) in [
                (ErrorKind::IOError, "IO error: While open a file for random read"),
                (ErrorKind::InvalidArgument, "Invalid argument: Found options incompatible with filesystem: IO error"),
                (ErrorKind::Corruption, "Corruption: IO error"),
            ] {
                let error = said(kind, &format!("{begins}: {file}: {words}"));
                let told = error.to_string();
                assert!(matches!(error, DbError::Io { .. }) && !error.is_damage(), "{told}");
                assert!(told.contains(words) && told.contains(file) && told.contains(mends), "{told}");
            }
        }
        let (none, left) = ("No such file or directory", "No space left on device");
        let full = said(ErrorKind::IOError, &format!("IO error: {left}: While appending to file: /db/1.log: {left}"));
        assert!(matches!(full, DbError::DiskFull(_)) && !full.is_damage(), "{full}");
        let gone = said(ErrorKind::IOError, &format!("IO error: {none}: While open: {file}: {none}"));
        assert!(gone.is_damage(), "its own list names the file: {gone}");
        assert!(said(ErrorKind::Corruption, &format!("Corruption: block checksum mismatch in {file}")).is_damage());
        let unknown = said(ErrorKind::IOError, "IO error: While lock file: /Permission denied/lock");
        assert!(!unknown.is_damage() && !unknown.to_string().contains("owner"), "{unknown}");
    }
}
