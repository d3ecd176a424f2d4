//! How far a release has come on the nodes of the network.

use super::names;
use super::screen::{Screen, TableCell, date, grouped, percent};
use rpc::views::ReleaseDetail;

/// Draws the stages with their counts, then the nodes; nothing when no node has said anything.
pub fn uptake(screen: &Screen, detail: &ReleaseDetail) -> String {
    if detail.stages.is_empty() {
        return String::new();
    }
    format!("\nRollout\n{}\nNodes\n{}", stages(screen, detail), nodes(screen, detail))
}

fn stages(screen: &Screen, detail: &ReleaseDetail) -> String {
    let (uptake, total) = (&detail.uptake, detail.uptake.total_stake);
    let rows: Vec<Vec<TableCell>> = uptake
        .stages()
        .into_iter()
        .map(|(stage, count)| {
            vec![
                TableCell::text(stage),
                TableCell::number(count.nodes),
                TableCell::number(grouped(count.stake)),
                TableCell::number(percent(count.stake, total)),
            ]
        })
        .collect();
    let table = screen.table(&["STAGE", "NODES", "STAKE", "SHARE"], &rows, "");
    let (failed, share) = (grouped(uptake.failed_stake), percent(uptake.failed_stake, total));
    table + &screen.line(&format!("It failed on {failed} of {} stake, {share}.", grouped(total)))
}

fn nodes(screen: &Screen, detail: &ReleaseDetail) -> String {
    let rows: Vec<Vec<TableCell>> = detail
        .stages
        .iter()
        .map(|stage| {
            vec![
                names::cell(&detail.described, &stage.node),
                TableCell::text(stage.stage),
                TableCell::text(date(stage.at.time)),
                TableCell::text(stage.reason.as_ref().map(ToString::to_string).unwrap_or_default()),
            ]
        })
        .collect();
    let all: u64 = detail.uptake.stages().iter().map(|(_, count)| count.nodes).sum();
    let table = screen.table(&["NODE", "STAGE", "SINCE", "REASON"], &rows, "");
    match all.saturating_sub(rows.len() as u64) {
        0 => table,
        more => table + &screen.line(&format!("and {more} more that spoke of it before")),
    }
}
