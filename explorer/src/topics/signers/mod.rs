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
    ROSTERS = "rosters", 1 of ["version", "record"];
}

/// The name of the latest release's threshold in `meta`.
const APPLIED_THRESHOLD: &str = "applied_threshold";
