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

/// The tables.
pub const SCHEMA: &str = include_str!("tables.sql");

tables! {
    /// Blocks.
    BLOCKS = "blocks", 0 of
        ["height", "hash", "epoch", "time", "proposer", "facts", "refused", "round", "precommits", "header"];
}
