//! The phases of a plan.

use super::joined_or_dash;
use crate::render::screen::{Screen, TableCell};
use crate::render::words::or_dash;
use rpc::views::{PhaseView, PhasesOfPlan};

/// Draws the phases of a plan.
pub fn phases(screen: &Screen, view: &PhasesOfPlan) -> String {
    let rows: Vec<Vec<TableCell>> = view.phases.iter().map(row).collect();
    let header = ["PHASE", "IS", "CHANGE", "NEXT", "WAITS", "OPENED BY", "LOCKED BY", "FROZEN ALLOWS"];
    screen.table(&header, &rows, "The plan has no phases.")
}

fn row(view: &PhaseView) -> Vec<TableCell> {
    let phase = &view.phase;
    let needs = phase.requires.iter().map(|(key, state)| format!("{key} {state}"));
    let opens = needs.chain(phase.start.iter().map(ToString::to_string));
    vec![
        TableCell::text(&phase.key),
        TableCell::text(view.state),
        TableCell::number(or_dash(view.by)),
        TableCell::text(or_dash(view.next)),
        TableCell::number(or_dash(view.waiting)),
        TableCell::text(joined_or_dash(opens)),
        TableCell::text(joined_or_dash(&phase.exit)),
        TableCell::text(joined_or_dash(&phase.allows)),
    ]
}
