//! The audit log: every fact, refusals included, and what each is about.

pub mod answer;
pub mod export;
pub mod fold;
pub mod integrity;
mod kept;
pub mod page;
mod proof;
pub mod query;
pub mod read;
mod retention;
mod serve;
#[cfg(test)]
mod tests;
mod turns;

pub use serve::routes;

use crate::store::table::tables;

/// The tables.
pub const SCHEMA: &str = include_str!("tables.sql");

tables! {
    /// The log.
    FACTS = "facts", 0 of [
        "id", "epoch", "time", "kind", "refused", "account", "tx", "sentence", "fact", "severity", "downgrade", "class",
        "plan", "scope", "role", "action", "code", "change_id", "case_id"
    ];
    /// What facts are about.
    SUBJECTS = "subjects", 2 of ["subject", "fact_id"];
    /// Those of them that are turns in a life.
    TURNS = "turns", 2 of ["subject", "fact_id"];
    /// What has records kept, whatever their time is.
    HOLDS = "legal_holds", 1 of ["case_id", "plan", "scope", "from_height", "released"];
    /// For how long plans have records kept.
    RETENTIONS = "retentions", 1 of ["plan", "of_node", "spans"];
}

/// The name under which facts are counted that somebody would have had count for less.
const DOWNGRADES: &str = "severity_downgrades";

/// How many bits of a fact's number are its place in the block.
pub const PLACE_BITS: u32 = 24;

/// The number of a fact: by height, then by place.
pub fn fact_id(height: u64, index: u64) -> u64 {
    height.saturating_mul(1 << PLACE_BITS).saturating_add(index)
}

/// Height and place of a numbered fact.
pub fn fact_place(id: u64) -> (u64, u64) {
    (id >> PLACE_BITS, id & ((1 << PLACE_BITS) - 1))
}
