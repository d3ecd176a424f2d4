//! Cases: what strangers reported, what went wrong, what could go wrong, and what is held; each with how far it has come.

pub mod answer;
pub mod fold;
pub mod page;
pub mod query;
pub mod read;
mod serve;
#[cfg(test)]
mod tests;

pub use serve::routes;

use crate::pages::text::section_of;
use crate::store::table::tables;
use cases::{CaseKind, CaseStep};

/// The tables.
pub const SCHEMA: &str = include_str!("tables.sql");

tables! {
    /// Cases.
    CASES = "cases", 1 of ["id", "plan", "kind", "step", "is_open", "turns", "opened", "closed", "entry"];
    /// What happened to them.
    TURNS = "case_turns", 2 of ["case_id", "number", "turn"];
}

/// The name under which cases of a kind are counted: of a plan, or of all; at a step, or at whichever.
fn count_name(kind: CaseKind, plan: Option<&str>, step: Option<CaseStep>) -> String {
    // No name has an asterisk or a slash in it.
    let step = step.map_or_else(|| "*".into(), |step| step.to_string());
    format!("cases/{kind}/{}/{step}", plan.unwrap_or("*"))
}
