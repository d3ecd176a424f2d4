//! Who built a release from source.

use super::screen::{Cell, Screen, date};
use super::words::or_dash;
use rpc::views::RebuildView;

/// Draws the builders; nothing when there are none.
pub fn rebuilds(screen: &Screen, count: u64, rebuilds: &[RebuildView]) -> String {
    if rebuilds.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<Cell>> = rebuilds
        .iter()
        .map(|RebuildView { builder, rebuild }| {
            vec![
                Cell::hash(builder),
                Cell::text(date(rebuild.at.time)),
                Cell::text(or_dash(rebuild.source_commit.as_ref())),
                Cell::hash(or_dash(rebuild.source_hash)),
            ]
        })
        .collect();
    let table = screen.table(&["BUILDER", "ATTESTED", "COMMIT", "SOURCE HASH"], &rows, "");
    let said = format!("{count} built the same bytes from source, by their own word.");
    format!("\nIndependent rebuilds\n{table}{}", screen.line(&said))
}
