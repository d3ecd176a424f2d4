//! Who said what.

use crate::render::screen::{Screen, TableCell};
use crate::render::words::or_dash;
use rollouts::statement::Stated;
use rpc::views::StatementPage;

/// Draws a page of statements, and where the rest begins.
pub fn statements(screen: &Screen, page: &StatementPage) -> String {
    let header = ["CHECK", "ABOUT", "OUTCOME", "BY", "AS", "BLOCK", "BODY", "REASON"];
    let rows: Vec<Vec<TableCell>> = page.entries.iter().map(row).collect();
    let drawn = screen.table(&header, &rows, "No statements.");
    let Some(next) = &page.next else { return drawn };
    // The place stays whole, to be copied.
    drawn + "\n" + &screen.line("More was stated; go on with --from and this place:") + &format!("{next}\n")
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

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::{AccountId, Digest, Name};
    use rollouts::queries::StatementPlace;
    use std::time::UNIX_EPOCH;

    #[test]
    fn a_list_that_goes_on_ends_with_the_place_to_go_on_from() {
        let screen = Screen { width: 40, now: UNIX_EPOCH };
        let place =
            StatementPlace { key: Name::new("ci").unwrap(), about: Digest([7; 32]), account: AccountId([9; 32]) };
        let drawn = |next| statements(&screen, &StatementPage { entries: Vec::new(), next });
        assert_eq!(drawn(Some(place.clone())).lines().last(), Some(place.to_string().as_str()));
        assert!(!drawn(None).contains("--from"));
    }
}
