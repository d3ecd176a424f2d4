//! Rollouts: plans, what changed under them and what came of it, what flags serve, and which nodes are ready.

pub mod answer;
pub(crate) mod clock;
pub mod fold;
mod notes;
pub mod page;
pub mod query;
pub mod read;
mod retrospective;
mod serve;
#[cfg(test)]
mod tests;

pub use serve::routes;

use crate::store::table::tables;

/// The tables.
pub const SCHEMA: &str = include_str!("tables.sql");

tables! {
    /// Plans.
    PLANS = "plans", 1 of ["plan", "version", "retired", "of_node", "head"];
    /// Their versions.
    VERSIONS = "plan_versions", 2 of ["plan", "version", "installed"];
    /// The stages that stand.
    STANDINGS = "standings", 2 of ["plan", "stage", "standing"];
    /// Changes.
    CHANGES = "changes", 1 of
        ["id", "plan", "state", "live", "kind", "submitter", "artifact", "turns", "change", "progress", "stop", "map", "milestone"];
    /// What changes are for.
    MILESTONES = "milestones", 2 of ["plan", "milestone", "latest"];
    /// What happened to them.
    TURNS = "change_turns", 2 of ["change_id", "number", "plan", "time", "mark", "turn"];
    /// Who said what.
    STATEMENTS = "statements", 4 of ["plan", "key", "about", "speaker", "height", "stated"];
    /// How far phases have come.
    PHASES = "phase_standings", 2 of ["plan", "phase", "standing"];
    /// How playbooks were tried.
    DRILLS = "drills", 2 of ["playbook", "height", "plan", "time", "drill"];
    /// What restarted soaks.
    MARKS = "soak_marks", 3 of ["plan", "stage", "signal", "at"];
    /// Flags.
    FLAGS = "flags", 2 of ["plan", "key", "of_plan", "retired", "flag"];
    /// What is set of them.
    SETTINGS = "flag_settings", 3 of ["plan", "key", "path", "setting"];
    /// How they were moved.
    MOVES = "flag_moves", 3 of ["plan", "key", "number", "time", "moved"];
    /// What they served where, and in which stage.
    SPANS = "flag_spans", 4 of
        ["plan", "key", "path", "from_time", "from_height", "to_time", "quarter", "stage", "variants", "open_of"];
    /// Who is in segments.
    SEGMENTS = "segments", 2 of ["plan", "name", "members"];
}

/// The name of the number of the latest move of a flag, in `meta`.
const LATEST_MOVE: &str = "latest_flag_move";

/// The list of changes: of a plan, or of all; in a state, or in whichever.
fn change_list(plan: Option<&str>, state: Option<&str>) -> String {
    // No name has an asterisk or a slash in it.
    format!("changes/{}/{}", plan.unwrap_or("*"), state.unwrap_or("*"))
}

/// The name under which the drills of a playbook are kept.
fn playbook_name(plan: &str, domain: &str) -> String {
    format!("{plan}/{domain}")
}
