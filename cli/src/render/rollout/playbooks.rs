//! The playbooks of a plan.

use super::{due, joined_or_dash};
use crate::render::screen::{Screen, TableCell};
use crate::render::words::or_dash;
use rpc::views::{DrillView, PlaybookView, PlaybooksOfPlan};

/// Draws the playbooks of a plan.
pub fn playbooks(screen: &Screen, view: &PlaybooksOfPlan) -> String {
    let rows: Vec<Vec<TableCell>> = view.playbooks.iter().map(|playbook| row(screen, playbook)).collect();
    let header = ["PLAYBOOK", "OWNER", "SWITCHES OFF", "GOES BACK TO", "DRILL", "IN", "LAST", "GOOD UNTIL"];
    screen.table(&header, &rows, "The plan has no playbooks.")
}

fn row(screen: &Screen, view: &PlaybookView) -> Vec<TableCell> {
    let playbook = &view.playbook;
    let drill = view.drill.as_ref();
    let until = drill.and_then(|drill| drill.due.as_ref());
    vec![
        TableCell::text(&playbook.domain),
        TableCell::text(&playbook.owner),
        TableCell::text(joined_or_dash(&playbook.disables)),
        TableCell::text(or_dash(playbook.profile.as_ref())),
        TableCell::text(or_dash(playbook.drill.map(|rules| format!("every {}", rules.every)))),
        TableCell::text(or_dash(playbook.drill.map(|rules| rules.window))),
        TableCell::text(or_dash(drill.map(last))),
        TableCell::text(or_dash(until.map(|until| due(screen, until)))),
    ]
}

/// The last drill, and whether it counts.
fn last(drill: &DrillView) -> String {
    if drill.is_stale { format!("{}, {}", drill.state, drill.said) } else { drill.said.clone() }
}
