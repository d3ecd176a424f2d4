//! A table as RFC 4180 has it, that no program for tables takes commands from.

use super::ExportRow;

/// The names of the columns, as the first line.
pub(super) const HEAD: &str = "height,index,time,time_ms,kind,decision,severity,class,account,role,plan,scope,action,code,\
    change_id,case_id,proposal_id,build_hash,sentence,retention_expires_at,legal_hold_active\r\n";

/// The line of a row.
pub(super) fn line(row: &ExportRow<'_>) -> String {
    let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    let cells = [
        row.height.to_string(),
        row.index.to_string(),
        row.time.clone(),
        row.time_ms.to_string(),
        row.kind.to_owned(),
        row.decision.to_owned(),
        row.severity.clone(),
        row.class.clone(),
        row.account.clone().unwrap_or_default(),
        row.role.unwrap_or_default().to_owned(),
        row.plan.unwrap_or_default().to_owned(),
        row.scope.unwrap_or_default().to_owned(),
        row.action.unwrap_or_default().to_owned(),
        row.code.unwrap_or_default().to_owned(),
        number(row.change_id),
        number(row.case_id),
        number(row.proposal_id),
        row.build_hash.clone().unwrap_or_default(),
        row.sentence.to_owned(),
        row.retention_expires_at.clone().unwrap_or_default(),
        row.legal_hold_active.to_string(),
    ];
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell. What a program for tables would take for a formula begins with an apostrophe, because strangers write into this log; what
/// has a comma, a quote or the end of a line in it is quoted.
pub(super) fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let guarded = if is_formula { format!("'{text}") } else { text.to_owned() };
    if guarded.contains([',', '"', '\r', '\n']) { format!("\"{}\"", guarded.replace('"', "\"\"")) } else { guarded }
}
