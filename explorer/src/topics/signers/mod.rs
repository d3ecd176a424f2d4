//! Release signers: who they are, and who they were.

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
    /// Rosters.
    ROSTERS = "rosters", 1 of ["version", "since", "record"] keeping 1;
    /// Every key that was ever in one.
    SIGNER_KEYS = "signer_keys", 1 of ["key", "version"] keeping 1;
}

/// The name of the latest release's threshold in `meta`.
const APPLIED_THRESHOLD: &str = "applied_threshold";
