//! Validators: who decides blocks and with how much, and what each node runs.

pub mod answer;
pub mod fold;
pub mod page;
pub mod read;
mod serve;
#[cfg(test)]
mod tests;

pub use serve::routes;

use crate::store::table::tables;

/// The name under which punishments are counted.
const OFFENCE_COUNT: &str = "offences";
/// The name under which epochs are counted in which nothing that validators sign is punished.
const UNENFORCED_COUNT: &str = "unenforced";

/// The tables.
pub const SCHEMA: &str = include_str!("tables.sql");

tables! {
    /// Validator sets, and whom the rule of a quorum elects.
    ELECTIONS = "elections", 1 of ["epoch", "validators", "candidates", "sealer"];
    /// Power.
    POWERS = "powers", 2 of ["validator", "epoch", "power"];
    /// What validators were punished for.
    OFFENCES = "offences", 2 of ["validator", "epoch", "recorded", "offence"];
    /// The epochs in which nothing that validators sign is punished.
    UNENFORCED = "unenforced", 1 of ["epoch", "recorded"];
    /// Who is jailed, or was.
    JAILED = "jailed", 1 of ["validator", "until"];
    /// What nodes run.
    RUNNING = "running", 1 of ["node", "build_hash"];
    /// When nodes last said something.
    HEARD = "heard", 1 of ["node", "at"];
    /// What nodes last said that they run and know.
    ADVERTISED = "advertised", 1 of ["node", "height", "said"];
}
