//! The release signers.

use super::screen::{Screen, TableCell};
use releases::{Departure, RosterCause, RosterRecord};
use rpc::views::{PageOf, ReleaseSigners};

/// Draws the roster.
pub fn signers(screen: &Screen, view: &ReleaseSigners) -> String {
    let rows: Vec<Vec<TableCell>> = view.signers.iter().map(|signer| vec![TableCell::hash(signer)]).collect();
    let mut fields = vec![
        ("Roster", format!("version {}, {} signers", view.roster, view.signers.len())),
        ("Required", format!("at least {} signatures", view.required)),
        ("Last applied", format!("{} signatures", view.threshold)),
    ];
    let left = |left: &Departure| ("Left", format!("{}, from epoch {} on", left.signer, left.from_epoch));
    fields.extend(view.left.iter().map(left));
    format!("{}\n{}", screen.fields(&fields), screen.table(&["SIGNER"], &rows, "No release signers."))
}

/// Draws every roster there was.
pub fn rosters(screen: &Screen, page: &PageOf<RosterRecord>) -> String {
    let rows: Vec<Vec<TableCell>> = page.entries.iter().map(row).collect();
    screen.table(&["ROSTER", "KEYS", "LEFT", "NEEDS", "SINCE EPOCH", "BY"], &rows, "No roster.")
        + &super::releases::remainder(screen, page)
}

fn row(record: &RosterRecord) -> Vec<TableCell> {
    let by = match &record.cause {
        RosterCause::Genesis => TableCell::text("genesis"),
        RosterCause::Proposal(id) => TableCell::text(format!("proposal {id}")),
    };
    vec![
        TableCell::number(record.roster.version),
        TableCell::number(record.roster.signers.len()),
        TableCell::number(record.left.len()),
        TableCell::number(record.roster.threshold),
        TableCell::number(record.since.map_or(0, |since| since.epoch.0)),
        by,
    ]
}
