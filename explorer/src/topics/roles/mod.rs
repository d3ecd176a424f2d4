//! Roles: who may do what in a plan, who has each role, and who had it.

pub mod answer;
pub mod fold;
pub mod page;
pub mod read;
mod serve;
#[cfg(test)]
mod tests;

pub use serve::routes;

use crate::store::table::tables;
use roles::RoleKey;

/// The tables.
pub const SCHEMA: &str = include_str!("tables.sql");

tables! {
    /// Roles of plans.
    ROLES = "roles", 2 of ["plan", "role", "version", "gone", "grants"];
    /// Who has them, and had them.
    MEMBERS = "members", 4 of ["plan", "role", "account", "version", "until", "held", "stay"];
}

/// Under which name the members of now are found.
fn held_name(key: &RoleKey) -> String {
    // No name has a slash in it.
    format!("{}/{}", key.plan, key.role)
}
