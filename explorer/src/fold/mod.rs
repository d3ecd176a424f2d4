//! Folding blocks into the index: what every topic needs to write what an event says.
//!
//! What an event writes is of its topic; the match that sends each event to one stands beside the list of topics, and
//! an event that is added to the chain does not compile until it has its arm. A fold reads and writes rows by
//! [`IndexRows`](crate::store::rows::IndexRows), which a database has, and a test has in memory.

mod draft;
#[cfg(test)]
pub(crate) mod testing;
mod writer;

pub use draft::BlockDraft;
pub use writer::BlockWriter;

use crate::store::QueryError;
use crate::store::column::MalformedColumn;
use primitives::Height;

/// Why a block did not get into the index. Nothing of it is kept.
#[derive(Debug, thiserror::Error)]
pub enum FoldError {
    /// The database refused.
    #[error("the index cannot be written: {0}; check the disk, or the database server")]
    Database(#[from] sqlx::Error),
    /// The index does not end where the last block was written: the database is an older copy of itself, or somebody else wrote.
    #[error(
        "the index ends with block {found}, and block {expected} was written to it last; it is gone on with from where it ends"
    )]
    Moved {
        /// The block that was written last.
        expected: Height,
        /// The newest block in the index.
        found: Height,
    },
    /// What is in the index does not fit the block.
    #[error("the index does not fit the chain ({0}); make it anew with --rebuild")]
    Damaged(String),
}

impl From<QueryError> for FoldError {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Database(error) => error.into(),
            QueryError::Malformed(error) => error.into(),
            QueryError::NoPosition => FoldError::Damaged("it has no position".into()),
        }
    }
}

impl From<MalformedColumn> for FoldError {
    fn from(error: MalformedColumn) -> Self {
        FoldError::Damaged(error.to_string())
    }
}
