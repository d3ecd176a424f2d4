//! Who built a release from source.

use super::names;
use super::screen::{Screen, TableCell, date};
use super::words::or_dash;
use rpc::views::{Descriptions, RebuildView};

/// Draws the builders; nothing when there are none.
pub fn rebuilds(screen: &Screen, described: &Descriptions, count: u64, rebuilds: &[RebuildView]) -> String {
    if rebuilds.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<TableCell>> = rebuilds
        .iter()
        .map(|RebuildView { builder, rebuild }| {
            vec![
                names::cell(described, builder),
                TableCell::text(date(rebuild.at.time)),
                TableCell::text(or_dash(rebuild.source_commit.as_ref())),
                TableCell::hash(or_dash(rebuild.source_hash)),
            ]
        })
        .collect();
    let table = screen.table(&["BUILDER", "ATTESTED", "COMMIT", "SOURCE HASH"], &rows, "");
    let said = format!("{count} built the same bytes from source, by their own word.");
    format!("\nIndependent rebuilds\n{table}{}", screen.line(&said))
}
