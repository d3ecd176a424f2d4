//! The list of changes.

use super::{joined, place};
use crate::render::screen::{Screen, TableCell};
use crate::render::words::or_dash;
use rpc::views::{ChangeSummary, FoundPage};

/// Draws a page of changes.
pub fn changes(screen: &Screen, page: &FoundPage<ChangeSummary>) -> String {
    table(screen, &page.found.entries, "No changes.") + &crate::render::releases::rest_to_find(screen, page)
}

/// Draws changes.
pub(super) fn table(screen: &Screen, changes: &[ChangeSummary], none: &str) -> String {
    let header = ["CHANGE", "PLAN", "KIND", "ABOUT", "STANDS", "LIST", "POLL", "BY", "REASON"];
    let rows: Vec<Vec<TableCell>> = changes.iter().map(row).collect();
    screen.table(&header, &rows, none)
}

fn row(change: &ChangeSummary) -> Vec<TableCell> {
    vec![
        TableCell::number(change.id),
        TableCell::text(&change.plan),
        TableCell::text(change.kind),
        TableCell::text(about(change)),
        TableCell::text(change.label),
        TableCell::text(change.verdict),
        TableCell::text(or_dash(change.poll)),
        TableCell::text(or_dash(change.by.as_ref().map(|by| &by.role))),
        TableCell::text(&change.reason),
    ]
}

/// What a change is about: its stage, its flags and where.
pub(super) fn about(change: &ChangeSummary) -> String {
    let flags = joined(&change.flags);
    let at = joined(change.paths.iter().filter(|path| !path.is_root()).map(place));
    let parts = [or_dash(change.stage.as_ref()), flags, at];
    let said: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty() && *part != "-").collect();
    if said.is_empty() { "everywhere".into() } else { said.join(" at ") }
}
