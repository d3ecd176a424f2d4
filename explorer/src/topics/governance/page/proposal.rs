//! The page of one proposal.

use super::votes;
use crate::pages::parts::{badge, empty, facts, section, status, table};
use crate::pages::text::{
    build, change_link, deadline, full_hash, grouped, hash, moment, named, proposal_link, stranger, words_of_strangers,
};
use crate::pages::{Frame, layout, manifest, parts, words};
use crate::topics::governance::answer::ProposalAnswer;
use crate::topics::rebuilds;
use governance::TrackRules;
use maud::{Markup, html};
use primitives::{BuildHash, ProposalId, PublicKey};
use releases::{Manifest, RosterChange};
use rpc::views::{DecisionStatus, ProposalDetail, ProposalSubject, ProposalView, ReleaseProposal};

/// Everything about one proposal.
pub fn proposal(frame: &Frame<'_>, answer: &ProposalAnswer) -> Markup {
    let detail = &answer.proposal;
    let subject = &detail.proposal.subject;
    let title = format!("Proposal {}: {}", grouped(detail.proposal.id.0), words::kind(subject));
    let body = html! {
        h1 { (title) }
        p.verdict id="verdict" data-live { (status(detail.proposal.status)) " " (countdown(frame, detail)) }
        (section("subject", "What is proposed", asked(detail)))
        @match subject {
            ProposalSubject::Release(release) => { (of_release(frame, detail, release)) },
            ProposalSubject::Amendment { manifest, .. } => { (of_amendment(detail, manifest)) },
            _ => {},
        }
        (section("vote", "Vote", html! { (votes::breakdown(detail)) (how_to_vote(detail)) }))
        (section("rules", "Rules and deadlines", rules(frame, detail)))
        (section("ballots", "Ballots", votes::ballots(frame, detail)))
        (section("not-voted", "Not voted", votes::not_voted(detail)))
        (section("milestones", "What became of it", words::milestones(frame, &answer.milestones)))
    };
    layout(frame, &title, "/proposals", body)
}

/// What happens next, and when.
fn countdown(frame: &Frame<'_>, detail: &ProposalDetail) -> Markup {
    match (detail.proposal.status, &detail.vote_deadline, &detail.activation) {
        (DecisionStatus::Open, Some(end), _) => html! { "Voting ends at the " (deadline(frame, end)) "." },
        (DecisionStatus::Open, None, _) => {
            html! { "Members can vote " (detail.proposal.open_until().unwrap_or_default()) "." }
        }
        (DecisionStatus::Passed, _, Some(activation)) => {
            html! { "Activation at the " (deadline(frame, activation)) "." }
        }
        (other, ..) => html! { (words::outcome(other, detail.progress.shortfall)) },
    }
}

fn how_to_vote(detail: &ProposalDetail) -> Markup {
    if detail.proposal.status != DecisionStatus::Open || detail.ballots.is_empty() {
        return html! {};
    }
    let vote = format!("contract gov vote --id {} --choice yes --reason TEXT --key FILE", detail.proposal.id);
    html! { p { "To vote, or to replace an earlier vote:" } (parts::command(&vote)) }
}

fn asked(detail: &ProposalDetail) -> Markup {
    match &detail.proposal.subject {
        ProposalSubject::Release(release) => release_asked(release),
        ProposalSubject::RosterChange(change) => roster_asked(detail, change),
        ProposalSubject::Revocation { build_hashes, reason } => html! {
            p { "No node may run these builds once the notice is over:" }
            ul.plain { @for hash in build_hashes.iter() { li { (build(hash)) } } }
            (why(reason.as_str()))
        },
        ProposalSubject::MinimumSequence { minimum, reason } => html! {
            p { "No release below sequence number " strong { (grouped(*minimum)) } " may run once the notice is over." }
            (why(reason.as_str()))
        },
        ProposalSubject::EndOfSupport { build_hash, epoch } => support_asked(build_hash, epoch.0),
        ProposalSubject::Amendment { build_hash, manifest } => html! {
            p {
                "What is said about the release of " (build(build_hash)) " is replaced by what stands here. Its builds, its "
                "number and its standing stay."
            }
            (facts(description(manifest)))
        },
        ProposalSubject::Cancellation { proposal_id, reason } => html! {
            p { "Stop " (proposal_link(proposal_id.0)) " before it is carried out." }
            (why(reason.as_str()))
        },
        ProposalSubject::Members { key, members, reason } => html! {
            p {
                "These alone have the role "
                a href={ "/roles/" (key.plan.as_str()) "#role-" (key.role.as_str()) } { (key.to_string()) } ":"
            }
            ul.plain {
                @for seat in members.iter() {
                    li {
                        (named(&detail.described, &seat.account))
                        @for scope in seat.scopes.iter() { " in " code { (scope.as_str()) } }
                    }
                }
            }
            (why(reason.as_str()))
        },
        ProposalSubject::PlanVersion { installation } => html! {
            p {
                "Put version " (installation.plan.version) " of plan "
                a href={ "/rollouts/" (installation.plan.name.as_str()) } { (installation.plan.name.as_str()) }
                " into force, whose bundle is " code { (installation.plan.bundle.to_string()) } " and whose profile is "
                code { (installation.plan.profile.to_string()) } "."
            }
            @if let Some(document) = &installation.document { p { "It is explained in " (stranger(&document.to_string())) "." } }
            @if let Some(stage) = &installation.stage { p { "Stage " strong { (stage.as_str()) } " stands from then on." } }
            ul.plain {
                @for listed in installation.moves.iter() {
                    li { "Flag " code { (listed.flag.as_str()) } " serves " code { (listed.to.as_str()) } " from then on." }
                }
                @for seats in installation.members.iter() {
                    @for seat in seats.seats.iter() {
                        li { (named(&detail.described, &seat.account)) " is " code { (seats.role.as_str()) } "." }
                    }
                }
            }
        },
        ProposalSubject::ChangeDecision { change, check, digest } => html! {
            p {
                "Say yes to " strong { (check.as_str()) } " of " (change_link(change.0)) ", as it is known by "
                code { (digest.to_string()) } "."
            }
        },
        ProposalSubject::ChangeAbort { change, reason } => html! {
            p { "End " (change_link(change.0)) ", and the freeze that it brings." }
            (why(reason.as_str()))
        },
    }
}

fn why(reason: &str) -> Markup {
    html! { h3 { "Reason" } (words_of_strangers(reason)) }
}

fn support_asked(hash: &BuildHash, epoch: u64) -> Markup {
    html! {
        p {
            "The support of the release of " (build(hash)) " ends at the start of epoch " strong { (grouped(epoch)) }
            ". From then on it no longer boots if a later release has taken its place, and is no longer installed if none "
            "has."
        }
    }
}

fn release_asked(release: &ReleaseProposal) -> Markup {
    if !release.revealed {
        return sealed(release);
    }
    let mut pairs = description(&release.manifest);
    pairs.insert(1, ("Build", build(&release.build_hash)));
    if let Some(seal) = &release.sealed {
        pairs.push(("Sealed, and revealed since", full_hash(seal)));
    }
    facts(pairs)
}

/// What a manifest says in short, the version first.
fn description(manifest: &Manifest) -> Vec<(&'static str, Markup)> {
    let version = manifest.version.as_ref();
    let (tone, severity) = words::severity(manifest.severity);
    let end = manifest.end_of_support_epoch;
    let end = end.map_or("not set".into(), |epoch| format!("start of epoch {}", grouped(epoch.0)));
    vec![
        ("Version", version.map_or_else(|| html! { "not named" }, |version| stranger(version.as_str()))),
        ("Class", html! { (words::class(manifest.class)) }),
        ("Severity", badge(tone, severity)),
        ("End of support", html! { (end) }),
    ]
}

/// What belongs to an amendment alone: who signed it, what it says, and its notes.
fn of_amendment(detail: &ProposalDetail, amended: &Manifest) -> Markup {
    html! {
        (section("signers", "Release signers", html! { (manifest::signed(amended)) (nothing_to_spare(detail)) }))
        (section("provenance", "Provenance", manifest::provenance(amended)))
        @if let Some(notes) = manifest::release_notes(amended) { (section("notes", "Notes", notes)) }
    }
}

/// What is known of a proposal that does not say what it is about.
fn sealed(release: &ReleaseProposal) -> Markup {
    let seal = release.sealed.as_ref().map_or_else(|| html! { "unknown" }, full_hash);
    html! {
        p.lead {
            "This proposal is sealed and not yet revealed: it names a build and its platform, and the description of the "
            "release is still secret. It approves nothing unless the description is revealed in the block before its activation "
            "epoch or earlier."
        }
        (facts(vec![("Build", full_hash(release.build_hash)), ("Seal", seal)]))
        p { "Its proposer reveals it with the file that was written with the proposal:" }
        (parts::command("contract gov reveal --sealed FILE --key FILE"))
    }
}

fn roster_asked(detail: &ProposalDetail, change: &RosterChange) -> Markup {
    let roster = &change.roster;
    let approves = |key: &PublicKey| change.approvals.iter().any(|approval| &approval.signer == key);
    let rows = html! {
        @for key in roster.signers.iter() {
            tr {
                td data-label="Key" { (hash(key)) }
                td data-label="Approval" {
                    @if approves(key) { (badge("good", "approves")) } @else { (badge("quiet", "did not approve")) }
                }
            }
        }
    };
    html! {
        p {
            "Roster " (grouped(roster.version)) " would sign releases: " (roster.threshold) " of " (roster.signers.len())
            " keys must sign. " (change.approvals.len()) " keys of the current or the new roster approve."
        }
        (nothing_to_spare(detail))
        (table("Keys of the new roster", &["Key", "Approval"], rows))
    }
}

/// A warning while one signer that leaves would be one too many.
fn nothing_to_spare(detail: &ProposalDetail) -> Markup {
    let warns = detail.proposal.status == DecisionStatus::Open && detail.progress.has_no_spare_signature();
    html! {
        @if warns {
            p {
                (badge("warn", "none to spare"))
                " It brings no more signatures than it needs, so it cannot pass if one of these signers leaves before voting "
                "ends."
            }
        }
    }
}

/// What belongs to a release alone: its builds, signers, origin, rebuilds and notes.
fn of_release(frame: &Frame<'_>, detail: &ProposalDetail, release: &ReleaseProposal) -> Markup {
    html! {
        (section("targets", "Builds", manifest::targets(&release.targets())))
        (section("signers", "Release signers", signers(detail, release)))
        @if let Some(availability) = &detail.proposal.availability {
            (section("holders", "Who holds it", votes::holders(detail, availability)))
        }
        @if release.revealed {
            (section("provenance", "Provenance", manifest::provenance(&release.manifest)))
        }
        @if let Some(notes) = manifest::release_notes(&release.manifest) { (section("notes", "Notes", notes)) }
        (section("rebuilds", "Independent rebuilds", rebuilds::page::rebuilds(
            frame, &detail.described, detail.rebuild_count, &detail.rebuilds,
        )))
    }
}

fn signers(detail: &ProposalDetail, release: &ReleaseProposal) -> Markup {
    if release.signer_set.is_empty() {
        return empty("No release signer is named.", "The proposal names no roster.", &[]);
    }
    let signed = |key: &PublicKey| release.signatures.iter().any(|attestation| &attestation.signer == key);
    let rows = html! {
        @for key in release.signer_set.iter() {
            tr {
                td data-label="Signer" { (hash(key)) }
                td data-label="Signature" {
                    @if signed(key) { (badge("good", "attested")) } @else { (badge("quiet", "not attested")) }
                }
            }
        }
    };
    html! {
        p { (release.signatures.len()) " of " (release.signature_threshold) " needed signatures" }
        @if release.revealed { (manifest::signed(&release.manifest)) }
        (nothing_to_spare(detail))
        (table("Release signers", &["Signer", "Signature"], rows))
    }
}

fn rules(frame: &Frame<'_>, detail: &ProposalDetail) -> Markup {
    let proposal = &detail.proposal;
    let ProposalId(number) = proposal.id;
    let mut all = vec![("Number", html! { (grouped(number)) }), ("Track", html! { (proposal.track.to_string()) })];
    all.extend(match proposal.electorate.role() {
        None => rules_of_stake(proposal),
        Some(role) => vec![
            (
                "Voters",
                html! { "those who were " (role.to_string()) " when it was opened and still are, each with one vote" },
            ),
            (
                "Support",
                html! { (proposal.rules.support.to_string()) " of them must be in favour, and more yes than no" },
            ),
        ],
    });
    if proposal.place.is_of_chain() {
        all.push(("Opened by", html! { "the chain, without a deposit" }));
    } else {
        let deposit = grouped(proposal.rules.deposit.0);
        let lost = ", forfeited when the quorum is missed, or when it is taken back after others have voted";
        all.push(("Deposit", html! { (deposit) (lost) }));
    }
    all.push((
        if proposal.place.is_of_chain() { "For" } else { "Proposer" },
        named(&detail.described, &proposal.proposer),
    ));
    all.push(("Proposed", moment(frame, &proposal.created.position())));
    let ends = detail.vote_deadline.as_ref().map(|end| deadline(frame, end));
    let closes = proposal.open_until().map(|until| html! { (until) });
    all.extend(ends.map(|end| ("Voting ends", end)));
    all.extend(closes.map(|until| ("Open", until)));
    all.extend(detail.activation.as_ref().map(|activation| ("Activation", deadline(frame, activation))));
    facts(all)
}

fn rules_of_stake(proposal: &ProposalView) -> Vec<(&'static str, Markup)> {
    let TrackRules { quorum, support, .. } = &proposal.rules;
    vec![
        ("Quorum", html! { (quorum.to_string()) " of all stake must vote" }),
        ("Support", html! { (support.to_string()) " of all stake must be in favour, and more yes than no" }),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use releases::SignatureCount;
    use rpc::golden;

    #[test]
    fn h17_a_release_without_a_signature_to_spare_is_warned_about_while_it_is_open() {
        // A proposal of a release, as a node answers it.
        let open: ProposalDetail = serde_json::from_value(golden::answer("gov.proposal")).unwrap();
        let drawn = |status, have, need| {
            let mut detail = open.clone();
            detail.proposal.status = status;
            detail.progress.signatures = Some(SignatureCount { have, need });
            let ProposalSubject::Release(release) = &detail.proposal.subject else { unreachable!() };
            signers(&detail, release).into_string()
        };
        assert!(drawn(DecisionStatus::Open, 2, 2).contains("no more signatures than it needs"));
        assert!(!drawn(DecisionStatus::Open, 3, 2).contains("than it needs"), "one may leave");
        assert!(!drawn(DecisionStatus::Open, 1, 2).contains("than it needs"), "the count says that it would fail");
        assert!(!drawn(DecisionStatus::Passed, 2, 2).contains("than it needs"), "who leaves now is too late");
    }
}
