//! Whether the audit log hangs together.

use super::screen::{Screen, TableCell};
use primitives::grouped;
use rpc::views::AuditIntegrity;

/// Draws what was found of the audit log.
pub fn audit(screen: &Screen, view: &AuditIntegrity) -> String {
    let log = match (view.broken_at, &view.broken_by, view.is_whole) {
        (Some(height), Some(what), _) => format!("broken at block {height}: {what}"),
        (Some(height), None, _) => format!("broken at block {height}"),
        (None, _, true) => "hangs together".into(),
        (None, _, false) => "hangs together as far as it was looked at".into(),
    };
    let looked = match (view.checked_from, view.checked_to) {
        (Some(from), Some(to)) => format!("blocks {from} to {to}"),
        _ => "nothing yet".into(),
    };
    let head = view.anchor_head.map_or_else(|| "none yet".into(), |head| head.hash.to_string());
    let fields = screen.fields(&[
        ("Log", log),
        ("Looked at", looked),
        ("Facts", grouped(view.total_entries)),
        ("Newest hash", head),
        ("Played down", grouped(view.severity_downgrade_count)),
    ]);
    if view.severity_downgrades.is_empty() {
        return fields;
    }
    let rows: Vec<Vec<TableCell>> = view
        .severity_downgrades
        .iter()
        .map(|each| {
            vec![TableCell::text(format!("{}.{}", each.height, each.index)), TableCell::text(each.sentence.clone())]
        })
        .collect();
    format!("{fields}\n{}", screen.table(&["FACT", "WHAT WAS PLAYED DOWN"], &rows, ""))
}
