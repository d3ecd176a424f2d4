//! Blocks: their headers, and who decided them.

pub mod answer;
pub mod fold;
pub mod page;
pub mod read;
mod serve;
#[cfg(test)]
mod tests;

pub use serve::routes;

use crate::store::table::tables;
use releases::Levels;
use runtime::Running;
use serde::{Deserialize, Serialize};

/// The tables.
pub const SCHEMA: &str = include_str!("tables.sql");

tables! {
    /// Blocks.
    BLOCKS = "blocks", 0 of
        ["height", "hash", "epoch", "time", "proposer", "facts", "refused", "round", "precommits", "header"];
}

/// The name of how long the chain has run, in `meta`.
const RUN: &str = "running";

/// How long the chain has run by the newest block, how much one block adds to that at most, in milliseconds, and up to which level the
/// chain has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ChainRun {
    running: Running,
    most_block_ms: u64,
    levels: Levels,
}
