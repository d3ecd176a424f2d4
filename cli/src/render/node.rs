//! A node, as its operator sees it.

use super::screen::{Screen, TableCell, date};
use super::words::or_dash;
use rpc::views::{Artifact, Health};

/// Draws how a node is.
pub fn health(screen: &Screen, view: &Health) -> String {
    let state = if view.ok { "follows the chain" } else { "does not follow the chain" };
    let votes = if view.validating { "votes" } else { "does not vote" };
    let fields = screen.fields(&[
        ("Node", format!("{state}, {votes}")),
        ("Height", format!("{}, {}", view.height, screen.time(view.block_time))),
        ("Peers", view.peers.to_string()),
        ("Waiting", format!("{} transactions", view.pool_transactions)),
    ]);
    let warnings: String = view.warnings.iter().map(|warning| screen.line(&format!("warning: {warning}"))).collect();
    fields + &warnings
}

/// Draws the release artifacts of a node.
pub fn artifacts(screen: &Screen, artifacts: &[Artifact]) -> String {
    let rows: Vec<Vec<TableCell>> = artifacts
        .iter()
        .map(|artifact| {
            vec![
                TableCell::hash(artifact.hash),
                TableCell::number(or_dash(artifact.size)),
                TableCell::text(artifact.held_since.map_or_else(|| "not held".into(), date)),
                TableCell::number(or_dash(artifact.activated_epoch)),
                TableCell::text(if artifact.served { "yes" } else { "no" }),
                TableCell::text(or_dash(artifact.pinned.as_ref())),
            ]
        })
        .collect();
    let header = ["RELEASE", "BYTES", "SINCE", "EPOCH", "GIVEN TO PEERS", "PINNED"];
    screen.table(&header, &rows, "The node holds no release artifacts.")
}
