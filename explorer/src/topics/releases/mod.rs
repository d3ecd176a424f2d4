//! Releases: which builds governance approved, where they stand, and how far nodes have come with them.

pub mod answer;
pub(crate) mod find;
pub mod fold;
pub mod installs;
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
    /// Approved builds, without their installs, which are counted apart.
    RELEASES = "release_history", 1 of
        ["ordinal", "build_hash", "proposal_id", "proposer", "sequence", "activated_epoch", "activated_time", "status",
         "version", "platform", "signature_threshold", "quorum_met", "changes_epoch", "verdict", "minimum_until", "entry"]
        keeping 6;
    /// The least number of a release that may run.
    MINIMUM = "release_minimum", 1 of ["id", "minimum", "since"];
    /// The order of builds in lists.
    LISTS = "release_lists", 2 of ["list", "place", "activated_epoch", "ordinal"];
    /// Receipts.
    INSTALLS = "installs", 2 of
        ["build_hash", "node", "place", "first_height", "first_epoch", "first_time", "last_height", "last_epoch",
         "last_time", "count"]
        keeping 4;
    /// Stages.
    STAGES = "stages", 2 of ["build_hash", "node", "number", "stage", "reason", "height", "epoch", "time"] keeping 1;
    /// How many nodes stand at each stage.
    STAGE_NODES = "stage_nodes", 1 of ["build_hash", "nodes"];
}
