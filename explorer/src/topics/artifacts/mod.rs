//! Artifacts: what of an application can be promoted, what it is taken for, where it stood, and what it is needed for.

pub mod answer;
pub mod fold;
pub mod page;
pub mod pins;
pub mod query;
pub mod read;
mod serve;
#[cfg(test)]
mod tests;

pub use serve::routes;

use crate::store::table::tables;
use artifacts::ArtifactStanding;

/// The tables.
pub const SCHEMA: &str = include_str!("tables.sql");

tables! {
    /// What plans ask of artifacts.
    RULES = "artifact_rules", 1 of ["plan", "rules"];
    /// Artifacts.
    ARTIFACTS = "artifacts", 2 of ["plan", "digest", "height", "name", "standing", "kept_of", "artifact"] keeping 2;
    /// What stands in the stages of plans.
    STAGES = "artifact_stages", 2 of ["plan", "stage", "stands", "stood"];
}

/// The list of the artifacts of a plan, of a standing or all, by the blocks that registered them.
fn artifact_list(plan: &str, standing: Option<ArtifactStanding>) -> String {
    // No name has an asterisk or a slash in it.
    let standing = standing.map_or_else(|| "*".into(), |standing| standing.to_string());
    format!("artifacts/{plan}/{standing}")
}
