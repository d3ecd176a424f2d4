//! Proposals: what is proposed, how votes stand, and what became of it.

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
    /// Proposals.
    PROPOSALS = "proposals", 1 of
        ["id", "place", "status", "kind", "build_hash", "proposer", "tally", "total", "proposal"];
    /// Ballots.
    BALLOTS = "ballots", 2 of ["proposal_id", "voter", "number", "ballot"] keeping 1;
    /// Delegated stake that votes for itself.
    OVERRIDDEN = "overridden", 2 of ["proposal_id", "validator", "amount"];
    /// What was sealed and is known.
    REVEALED = "revealed", 1 of ["proposal_id", "manifest"];
    /// The power that holds each build which is voted on.
    HELD_POWER = "held_power", 2 of ["proposal_id", "build_hash", "held"];
    /// Who is counted in it, and since which block.
    HOLDERS = "holders", 3 of ["proposal_id", "build_hash", "node", "height"];
}

/// How many places there are in the list of all proposals: for those that are open, for those that wait, and for the others.
const PLACES: u64 = 3;

/// The list of proposals of a status.
fn status_list(status: &str) -> String {
    format!("proposals/{status}")
}

/// The list of proposals of a place.
fn place_list(place: u64) -> String {
    format!("proposals/place/{place}")
}
