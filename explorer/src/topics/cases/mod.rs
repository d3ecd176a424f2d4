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
    CASES = "cases", 1 of ["id", "plan", "kind", "step", "is_open", "turns", "opened", "entry"];
    /// What happened to them.
    TURNS = "case_turns", 2 of ["case_id", "number", "turn"];
    /// In which quarters incidents were open.
    QUARTERS = "incident_quarters", 3 of ["plan", "quarter", "case_id"];
}

/// The list of cases of a kind at a step: of a plan, or of all.
fn step_list(kind: CaseKind, plan: Option<&str>, step: CaseStep) -> String {
    // No name has an asterisk or a slash in it.
    format!("cases/{kind}/{}/{step}", plan.unwrap_or("*"))
}

/// The list of cases of a kind that are open, or of those that are over: of a plan, or of all.
fn half_list(kind: CaseKind, plan: Option<&str>, is_open: bool) -> String {
    let half = if is_open { "+" } else { "-" };
    format!("cases/{kind}/{}/{half}", plan.unwrap_or("*"))
}
