//! Who built a build again from source: a part of what is shown of proposals and of releases, with no URL of its own.

pub mod fold;
pub mod page;
pub mod read;
#[cfg(test)]
mod tests;

use crate::store::table::tables;

/// The tables.
pub const SCHEMA: &str = include_str!("tables.sql");

tables! {
    /// Rebuilds.
    REBUILDS = "rebuilds", 2 of ["build_hash", "builder", "number", "rebuild"];
}
