//! The release signers.

use super::screen::{Cell, Screen};
use rpc::views::ReleaseSigners;

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
