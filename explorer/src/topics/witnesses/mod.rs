//! Who signs the tree of blocks beside the chain: witnesses, and the checkpoints that they cosigned.

pub mod answer;
pub mod fold;
pub mod page;
pub mod read;
mod serve;
#[cfg(test)]
mod tests;

pub use serve::routes;

use crate::store::table::tables;

/// The tables.
pub const SCHEMA: &str = include_str!("tables.sql");

tables! {
    /// Who is a witness, and was.
    WITNESSES = "witnesses", 1 of ["account", "name", "key", "since", "last_epoch", "retired"];
    /// The checkpoints that somebody cosigned.
    CHECKPOINTS = "checkpoints", 1 of ["epoch", "size", "root"];
    /// Who cosigned which.
    COSIGNATURES = "cosignatures", 2 of ["epoch", "witness", "height"];
}

/// The list of checkpoints, by their epochs.
const CHECKPOINT_LIST: &str = "checkpoints";
