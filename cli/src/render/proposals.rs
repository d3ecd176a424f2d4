//! The list of proposals.

use super::screen::{Cell, Screen, percent, short};
use super::words::or_dash;
use rpc::views::{PageOf, ProposalSubject, ProposalView};

/// Draws a page of proposals.
pub fn proposals(screen: &Screen, page: &PageOf<ProposalView>) -> String {
    let header = ["ID", "STATUS", "SUBJECT", "VERSION", "YES", "NO", "ENDS", "ACTIVE"];
    let rows: Vec<Vec<Cell>> = page.entries.iter().map(row).collect();
    screen.table(&header, &rows, "No proposals.") + &super::releases::remainder(screen, page)
}

/// What it is about, and the version of a release.
fn about(subject: &ProposalSubject) -> (Cell, String) {
    let other = |what: String| (Cell::text(what), "-".into());
    match subject {
        ProposalSubject::Release(release) => {
            (Cell::hash(release.build_hash), or_dash(release.manifest.version.as_ref()).to_string())
        }
        ProposalSubject::RosterChange(change) => other(format!("roster {}", change.roster.version)),
        ProposalSubject::Revocation { build_hashes, .. } => {
            other(format!("revoke {}", build_hashes.first().map(|hash| short(&hash.to_string())).unwrap_or_default()))
        }
        ProposalSubject::MinimumSequence { minimum, .. } => other(format!("minimum {minimum}")),
        ProposalSubject::EndOfSupport { build_hash, .. } => {
            other(format!("support {}", short(&build_hash.to_string())))
        }
        ProposalSubject::Cancellation { proposal_id, .. } => other(format!("cancel {proposal_id}")),
    }
}

fn row(proposal: &ProposalView) -> Vec<Cell> {
    let (subject, version) = about(&proposal.subject);
    let share = |part| Cell::number(percent(part, proposal.electorate.total()));
    vec![
        Cell::number(proposal.id),
        Cell::text(proposal.status),
        subject,
        Cell::text(version),
        share(proposal.tally.yes),
        share(proposal.tally.no),
        Cell::number(proposal.vote_deadline_epoch),
        Cell::number(proposal.activation_epoch),
    ]
}
