//! What nodes advertise.

use super::joined_or_dash;
use crate::render::names;
use crate::render::screen::{Screen, TableCell, grouped, percent};
use crate::render::words::or_dash;
use rpc::views::{FleetMatch, FleetNode, RolloutFleet};

/// Draws a fleet.
pub fn fleet(screen: &Screen, view: &RolloutFleet) -> String {
    let mut fields = vec![
        ("Plan", view.plan.to_string()),
        ("Epoch", view.epoch.to_string()),
        ("Stands", or_dash(view.stage.as_ref())),
        ("As it is", share(&view.current)),
    ];
    if let (Some(next), Some(stage)) = (&view.next, &view.next_stage) {
        fields.push(("Ready", format!("for {stage}: {}", share(next))));
    }
    fields.push(("Bundle", share(&view.bundle)));
    if !view.drifting_flags.is_empty() {
        fields.push(("Off profile", joined_or_dash(&view.drifting_flags)));
    }
    let rows: Vec<Vec<TableCell>> = view.nodes.iter().map(|node| row(view, node)).collect();
    let header = ["NODE", "POWER", "EPOCH", "CHANNEL", "CURRENT", "READY", "BUNDLE", "HOLDS BACK", "KNOWS NOT"];
    format!("{}\n{}", screen.fields(&fields), screen.table(&header, &rows, "No candidates."))
}

fn share(of: &FleetMatch) -> String {
    format!("{} of the power, {} of {} nodes", percent(of.power, of.total), of.nodes, of.of)
}

fn row(view: &RolloutFleet, node: &FleetNode) -> Vec<TableCell> {
    let yes = |is: bool| if is { "yes" } else { "no" };
    vec![
        names::cell(&view.described, &node.account),
        TableCell::number(grouped(node.power)),
        TableCell::number(or_dash(node.epoch)),
        TableCell::text(or_dash(node.advertised.as_ref().map(|said| &said.channel))),
        TableCell::text(yes(node.is_current)),
        TableCell::text(node.is_ready.map_or("-", yes)),
        TableCell::text(yes(node.has_bundle)),
        TableCell::text(joined_or_dash(&node.held)),
        TableCell::text(joined_or_dash(&node.unknown)),
    ]
}
