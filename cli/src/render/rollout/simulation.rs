//! What would come of a call.

use super::board::served;
use super::{actor, explanation, joined, moved, place};
use crate::render::screen::{Screen, TableCell};
use rpc::views::{RolloutSimulation, SimulatedFlag};

/// Draws a simulation: what is in the way first.
pub fn simulation(screen: &Screen, view: &RolloutSimulation) -> String {
    let answer = match view.refusals.len() {
        0 => "it would be granted".into(),
        1 => "it would be refused".into(),
        count => format!("it would be refused, for {count} reasons"),
    };
    let mut fields = vec![("Answer", answer), ("Plan", view.plan.to_string())];
    fields.extend(view.change.map(|change| ("Change", change.to_string())));
    fields.push(("Tried as", view.tried.as_ref().map_or_else(|| "nobody has the role".into(), actor)));
    fields.push(("In block", format!("{} or later, of epoch {}", view.at.height, view.at.epoch)));
    if !view.paths.is_empty() {
        fields.push(("Moves at", joined(view.paths.iter().map(place))));
    }
    if !view.nodes.is_empty() {
        fields.push(("Moves for", format!("{} candidates", view.nodes.len())));
    }
    let mut parts = vec![screen.fields(&fields)];
    if !view.refusals.is_empty() {
        parts.push(refusals(screen, view));
    }
    parts.extend(view.list.as_ref().map(|list| explanation::findings(screen, list)));
    parts.push(format!("Would move\n{}", moved::table(screen, &view.effects, "Nothing.")));
    parts.push(map(screen, view));
    parts.join("\n")
}

fn refusals(screen: &Screen, view: &RolloutSimulation) -> String {
    let rows =
        view.refusals.iter().map(|refused| vec![TableCell::text(&refused.code), TableCell::text(&refused.refusal)]);
    screen.table(&["CODE", "WHY NOT"], &rows.collect::<Vec<_>>(), "")
}

fn map(screen: &Screen, view: &RolloutSimulation) -> String {
    let row = |flag: &SimulatedFlag| {
        vec![
            TableCell::text(&flag.flag),
            TableCell::text(place(&flag.path)),
            TableCell::text(if flag.moves { "moves" } else { "stays" }),
            TableCell::text(served(&flag.before)),
            TableCell::text(served(&flag.after)),
        ]
    };
    let rows: Vec<Vec<TableCell>> = view.map.iter().map(row).collect();
    screen.table(&["FLAG", "WHERE", "", "SERVES", "WOULD SERVE"], &rows, "No flags.")
}
