//! Where the index is kept: the database, its tables as rows are written to them, and questions to what is committed.
//!
//! What is in which table, and what is asked of it, is of the topics; here is what they all use.

pub mod column;
pub mod connections;
pub mod database;
#[cfg(test)]
pub(crate) mod memory;
pub mod question;
pub(crate) mod ranks;
pub mod rows;
pub mod table;
pub mod tenure;

pub use database::{Database, DatabaseError};
pub use question::{Index, QueryError, Readers};

use parity_scale_codec::{Decode, Encode};
use primitives::{BlockHash, ChainPosition};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The name of the position in `meta`.
pub const HEAD: &str = "head";

/// The name of the genesis in `meta`.
pub const GENESIS: &str = "genesis";

/// Where the index stands: everything that verifying the next block needs beside the validators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct IndexHead {
    /// The newest block; genesis is 0.
    pub at: ChainPosition,
    /// Its hash.
    pub hash: BlockHash,
}

/// Where the index is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexPlace {
    /// A SQLite file, made when it is not there.
    File(PathBuf),
    /// A PostgreSQL database.
    Server(String),
}

impl std::fmt::Display for IndexPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            IndexPlace::File(path) => path.display().fmt(f),
            // A password stands before the @, or behind the ?.
            IndexPlace::Server(url) => {
                let url = url.split('?').next().unwrap_or_default();
                f.write_str(url.rsplit_once('@').map_or(url, |(_, place)| place))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        for url in
            ["postgres://explorer:secret@db.example/explorer", "postgres://x@db.example/explorer?password=secret"]
        {
            assert_eq!(IndexPlace::Server(url.into()).to_string(), "db.example/explorer");
        }
    }
}
