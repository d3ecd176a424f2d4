//! The list of proposals.

use super::screen::{Screen, TableCell, percent, short};
use super::words::or_dash;
use primitives::Epoch;
use rpc::views::{PageOf, ProposalSubject, ProposalView};

/// Draws a page of proposals.
pub fn proposals(screen: &Screen, page: &PageOf<ProposalView>) -> String {
    let header = ["ID", "STATUS", "SUBJECT", "VERSION", "YES", "NO", "ENDS", "ACTIVE"];
    let rows: Vec<Vec<TableCell>> = page.entries.iter().map(row).collect();
    screen.table(&header, &rows, "No proposals.") + &super::releases::remainder(screen, page)
}

/// What it is about, and the version of a release.
fn about(subject: &ProposalSubject) -> (TableCell, String) {
    let other = |what: String| (TableCell::text(what), "-".into());
    match subject {
        ProposalSubject::Release(release) => {
            (TableCell::hash(release.build_hash), or_dash(release.manifest.version.as_ref()).to_string())
        }
        ProposalSubject::RosterChange(change) => other(format!("roster {}", change.roster.version)),
        ProposalSubject::Revocation { build_hashes, .. } => {
            other(format!("revoke {}", build_hashes.first().map(|hash| short(&hash.to_string())).unwrap_or_default()))
        }
        ProposalSubject::MinimumSequence { minimum, .. } => other(format!("minimum {minimum}")),
        ProposalSubject::EndOfSupport { build_hash, .. } => {
            other(format!("support {}", short(&build_hash.to_string())))
        }
        ProposalSubject::Amendment { build_hash, .. } => other(format!("amend {}", short(&build_hash.to_string()))),
        ProposalSubject::Cancellation { proposal_id, .. } => other(format!("cancel {proposal_id}")),
        ProposalSubject::Members { key, .. } => other(format!("members {}", key.role)),
        ProposalSubject::PlanVersion { installation } => {
            other(format!("plan {} {}", installation.plan.name, installation.plan.version))
        }
        ProposalSubject::ChangeDecision { change, check, .. } => other(format!("{check} of change {change}")),
        ProposalSubject::ChangeAbort { change, .. } => other(format!("end change {change}")),
    }
}

fn row(proposal: &ProposalView) -> Vec<TableCell> {
    let (subject, version) = about(&proposal.subject);
    let share = |part| TableCell::number(percent(part, proposal.total));
    // Where members vote, they decide when they do.
    let at = |epoch: Epoch| if epoch == Epoch::MAX { TableCell::text("-") } else { TableCell::number(epoch) };
    vec![
        TableCell::number(proposal.id),
        TableCell::text(proposal.status),
        subject,
        TableCell::text(version),
        share(proposal.tally.yes),
        share(proposal.tally.no),
        at(proposal.vote_deadline_epoch),
        at(proposal.activation_epoch),
    ]
}
