//! Accounts: what they say of themselves, as a part of whatever names them, with no URL of its own.

pub mod fold;
pub mod page;
pub mod read;
#[cfg(test)]
mod tests;

use crate::store::table::tables;

/// The tables.
pub const SCHEMA: &str = include_str!("tables.sql");

tables! {
    /// What accounts say of themselves.
    DESCRIPTIONS = "descriptions", 1 of ["account", "description"];
}
