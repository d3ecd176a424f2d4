//! The list of proposals.

use super::screen::{Cell, Screen, percent};
use super::words::or_dash;
use rpc::views::{Page, Proposal, Subject};

/// Draws a page of proposals.
pub fn proposals(screen: &Screen, page: &Page<Proposal>) -> String {
    let header = ["ID", "STATUS", "RELEASE", "VERSION", "YES", "NO", "ENDS", "ACTIVE"];
    let rows: Vec<Vec<Cell>> = page.entries.iter().map(row).collect();
    screen.table(&header, &rows, "No proposals.") + &super::releases::remainder(screen, page)
}

fn row(proposal: &Proposal) -> Vec<Cell> {
    let Subject::Release(release) = &proposal.subject;
    let share = |part| Cell::number(percent(part, proposal.electorate.total()));
    vec![
        Cell::number(proposal.id),
        Cell::text(proposal.status),
        Cell::hash(release.build_hash),
        Cell::text(or_dash(release.manifest.version.as_ref())),
        share(proposal.tally.yes),
        share(proposal.tally.no),
        Cell::number(proposal.vote_deadline_epoch),
        Cell::number(proposal.activation_epoch),
    ]
}
