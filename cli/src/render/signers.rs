//! The release signers.

use super::screen::{Cell, Screen, short};
use releases::{RosterCause, RosterRecord};
use rpc::views::{PageOf, ReleaseSigners};

/// Draws the roster.
pub fn signers(screen: &Screen, view: &ReleaseSigners) -> String {
    let rows: Vec<Vec<Cell>> = view.signers.iter().map(|signer| vec![Cell::hash(signer)]).collect();
    let fields = screen.fields(&[
        ("Roster", format!("version {}, {} signers", view.roster, view.signers.len())),
        ("Required", format!("at least {} signatures", view.required)),
        ("Last applied", format!("{} signatures", view.threshold)),
    ]);
    format!("{fields}\n{}", screen.table(&["SIGNER"], &rows, "No release signers."))
}

/// Draws every roster there was.
pub fn rosters(screen: &Screen, page: &PageOf<RosterRecord>) -> String {
    let rows: Vec<Vec<Cell>> = page.entries.iter().map(row).collect();
    screen.table(&["ROSTER", "KEYS", "NEEDS", "SINCE EPOCH", "BY"], &rows, "No roster.")
        + &super::releases::remainder(screen, page)
}

fn row(record: &RosterRecord) -> Vec<Cell> {
    let by = match &record.cause {
        RosterCause::Genesis => Cell::text("genesis"),
        RosterCause::Proposal(id) => Cell::text(format!("proposal {id}")),
        RosterCause::Left(key) => Cell::text(format!("{} left", short(&key.to_string()))),
    };
    vec![
        Cell::number(record.roster.version),
        Cell::number(record.roster.signers.len()),
        Cell::number(record.roster.threshold),
        Cell::number(record.since.map_or(0, |since| since.epoch.0)),
        by,
    ]
}
