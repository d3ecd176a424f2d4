//! What presence is paid: who was there in which block, and what each epoch paid to whom.

pub mod answer;
pub mod fold;
pub mod page;
pub mod query;
pub mod read;
mod serve;
#[cfg(test)]
mod tests;

pub use serve::routes;

use crate::store::table::tables;

/// The tables.
pub const SCHEMA: &str = include_str!("tables.sql");

tables! {
    /// What epochs paid.
    EPOCHS = "reward_epochs", 1 of ["epoch", "paid_at", "payments", "leader", "witness", "pool"];
    /// What each validator was paid for an epoch.
    REWARDS = "rewards", 2 of ["epoch", "place", "account", "amount", "presence", "payment"];
    /// Who was there, by the block that brought the precommits for its parent.
    ATTENDED = "attended", 1 of ["height", "epoch", "present", "ms"];
}
