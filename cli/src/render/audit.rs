//! Whether the audit log hangs together.

use super::screen::{Screen, TableCell};
use primitives::grouped;
use rpc::views::{AuditAnchor, AuditIntegrity};

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
    let mut fields = vec![
        ("Log", log),
        ("Looked at", looked),
        ("Facts", grouped(view.total_entries)),
        ("Newest hash", head),
        ("Played down", grouped(view.severity_downgrade_count)),
    ];
    if let Some(AuditAnchor { log_size: Some(size), log_root: Some(root), cosignatures, .. }) = view.anchor_head {
        let cosigned = cosignatures.map(|count| format!(", {count} cosignatures of the newest checkpoint"));
        fields.push(("Tree of blocks", format!("{} blocks{}", grouped(size), cosigned.unwrap_or_default())));
        fields.push(("Its root", root.to_string()));
    }
    let fields = screen.fields(&fields);
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
