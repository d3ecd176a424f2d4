//! Who said what.

use crate::render::screen::{Screen, TableCell};
use crate::render::words::or_dash;
use rollouts::statement::Stated;
use rpc::views::PageOf;

/// Draws a page of statements.
pub fn statements(screen: &Screen, page: &PageOf<Stated>) -> String {
    let header = ["CHECK", "ABOUT", "OUTCOME", "BY", "AS", "BLOCK", "BODY", "REASON"];
    let rows: Vec<Vec<TableCell>> = page.entries.iter().map(row).collect();
    screen.table(&header, &rows, "No statements.") + &crate::render::releases::remainder(screen, page)
}

fn row(stated: &Stated) -> Vec<TableCell> {
    let statement = &stated.statement;
    vec![
        TableCell::text(&statement.key),
        TableCell::text(&statement.about),
        TableCell::text(statement.outcome),
        TableCell::hash(stated.actor.account),
        TableCell::text(&stated.actor.role),
        TableCell::number(stated.at.height),
        TableCell::hash(or_dash(statement.digest)),
        TableCell::text(&statement.reason),
    ]
}
