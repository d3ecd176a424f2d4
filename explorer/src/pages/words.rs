//! Chain values as words.

use crate::answers::Milestone;
use governance::{Choice, Shortfall};
use maud::{Markup, html};
use primitives::capitalised;
use releases::{ReleaseClass, Severity, StageName, Verdict};
use rpc::views::{DecisionStatus, ProposalSubject};

use super::Frame;
use super::text::{block, grouped, time, words_of_strangers};

/// What kind of decision a proposal asks for.
pub(crate) fn kind(subject: &ProposalSubject) -> &'static str {
    match subject {
        ProposalSubject::Release(_) => "Release",
        ProposalSubject::RosterChange(_) => "Change of release signers",
        ProposalSubject::Revocation { .. } => "Revocation",
        ProposalSubject::MinimumSequence { .. } => "Minimum sequence",
        ProposalSubject::EndOfSupport { .. } => "End of support",
        ProposalSubject::Amendment { .. } => "Amendment",
        ProposalSubject::Cancellation { .. } => "Cancellation",
        ProposalSubject::Members { .. } => "Members of a role",
        ProposalSubject::PlanVersion { .. } => "Version of a plan",
        ProposalSubject::ChangeDecision { .. } => "Decision on a change",
        ProposalSubject::ChangeAbort { .. } => "End of a change",
    }
}

/// What the count means, while it can change and when it was too low, and else what came of it.
pub(crate) fn outcome(status: DecisionStatus, missing: Option<Shortfall>) -> String {
    if let Some(clause) = status.of_the_count(missing) {
        return format!("{}.", capitalised(&clause));
    }
    let sentence = match status {
        DecisionStatus::Open | DecisionStatus::Rejected => return format!("It is {status}."),
        DecisionStatus::Passed => "It passed and waits for its activation epoch.",
        DecisionStatus::Withdrawn => "Its proposer took it back; the deposit returned unless others had voted.",
        DecisionStatus::Cancelled => "It will not be carried out: it was stopped, or refused in the end.",
        DecisionStatus::Activated => "It passed and was carried out.",
        DecisionStatus::Superseded => "It was carried out, and a later release has taken its place since.",
        DecisionStatus::Revoked => "It was carried out, and what it approved was revoked since.",
        DecisionStatus::Expired => "It was carried out, and the support of what it approved has ended since.",
    };
    sentence.into()
}

/// Whether a build may run. A reason stands beside it, because strangers wrote it.
pub(crate) fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Revoked { .. } => "This build may not run: it was revoked.".into(),
        other => format!("This build {other}."),
    }
}

/// How much a release changes.
pub(crate) fn class(class: ReleaseClass) -> &'static str {
    match class {
        ReleaseClass::Major => "major: incompatible changes",
        ReleaseClass::Minor => "minor: new functions",
        ReleaseClass::Patch => "patch: repairs",
        ReleaseClass::Hotfix => "hotfix: an urgent repair",
    }
}

/// How urgent an upgrade is, with its colour.
pub(crate) fn severity(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Low => ("quiet", "low: when convenient"),
        Severity::Medium => ("info", "medium: soon"),
        Severity::High => ("warn", "high: at once when possible"),
        Severity::Critical => ("bad", "critical: at once"),
    }
}

/// The colour of a ballot.
pub(crate) fn tone_of(choice: Choice) -> &'static str {
    match choice {
        Choice::Yes => "good",
        Choice::No => "bad",
        Choice::Abstain => "quiet",
    }
}

/// The colour of a stage.
pub(crate) fn tone_of_stage(stage: StageName) -> &'static str {
    match stage {
        StageName::Held | StageName::Staged => "info",
        StageName::Booted | StageName::Healthy => "good",
        StageName::RolledBack => "warn",
        StageName::Unusable => "bad",
    }
}

/// The name of a kind of fact, without its pallet.
fn title(kind: &str) -> String {
    capitalised(&kind.rsplit('.').next().unwrap_or(kind).replace('_', " "))
}

/// What became of a release or a proposal, the earliest first.
pub(crate) fn milestones(frame: &Frame<'_>, milestones: &[Milestone]) -> Markup {
    html! {
        ol.timeline {
            @for Milestone { kind, at, sentence } in milestones {
                li {
                    strong { (title(kind)) }
                    @if at.height.0 == 0 {
                        p.when { "genesis" }
                    } @else {
                        p { "block " (block(at.height)) ", epoch " (grouped(at.epoch.0)) }
                        p { (time(frame, at.time)) }
                    }
                    (words_of_strangers(sentence))
                }
            }
        }
    }
}
