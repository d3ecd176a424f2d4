//! The page of one release.

use super::nodes;
use crate::pages::parts::{badge, command, empty, facts, met, section, status, table};
use crate::pages::text::{
    build, full_hash, grouped, hash, moment, named, proposal_link, short, visible, words_of_strangers,
};
use crate::pages::{Frame, layout, manifest, words};
use crate::topics::governance::page::votes;
use crate::topics::rebuilds;
use crate::topics::releases::answer::ReleaseAnswer;
use crate::topics::rollouts::page::changes_in_short;
use maud::{Markup, html};
use primitives::BuildHash;
use releases::{Standing, Target, Verdict};
use rpc::views::{ProposalDetail, ProposalSubject, ReleaseDetail, ReleaseView};

/// Everything about one release.
pub fn release(frame: &Frame<'_>, answer: &ReleaseAnswer) -> Markup {
    let (detail, view) = (&answer.release, &answer.release.release);
    let build_hash = view.release.build_hash;
    let title = title(view);
    let body = html! {
        h1 { "Release " bdi { (title) } }
        (head(view))
        (section("facts", "Facts", about(frame, detail)))
        (section("targets", "Builds", manifest::targets(&targets(answer))))
        (section("signers", "Release signers", html! { (signers(view)) (manifest::signed(&view.release.manifest)) }))
        (section("vote", "Vote", vote(answer.proposal.as_ref())))
        @if let Some(proposal) = &answer.proposal {
            (section("ballots", "Ballots", votes::ballots(frame, proposal)))
            (section("not-voted", "Not voted", votes::not_voted(proposal)))
        }
        (section("milestones", "What became of it", words::milestones(frame, &answer.milestones)))
        (section("promotions", "Promotions", promotions(frame, answer)))
        (section("rollout", "Rollout", nodes::uptake(detail)))
        (section("installs", "Installs by node", nodes::installs(frame, detail)))
        (section("stages", "Stages by node", nodes::stages(frame, detail)))
        (section("rebuilds", "Independent rebuilds", rebuilds::page::rebuilds(
            frame, &detail.described, detail.rebuild_count, &detail.rebuilds,
        )))
        (section("provenance", "Provenance", manifest::provenance(&view.release.manifest)))
        @if let Some(notes) = notes(answer) { (section("notes", "Notes", notes)) }
        (section("ticket", "The ticket", ticket(&build_hash)))
        (section("verify", "Verify and install yourself", verify(&build_hash)))
    };
    layout(frame, &format!("Release {title}"), "/releases", body)
}

/// The changes by which a stage of this network's plan was asked for with this build.
fn promotions(frame: &Frame<'_>, answer: &ReleaseAnswer) -> Markup {
    if answer.promotions.is_empty() {
        return empty(
            "No stage was asked for with this build.",
            "Where a plan governs the network, a promotion names the build that its stage was tested with.",
            &[],
        );
    }
    changes_in_short(frame, "Promotions, the latest first", &answer.promoters, &answer.promotions)
}

fn title(view: &ReleaseView) -> String {
    let hash = short(&view.release.build_hash.to_string());
    view.release.manifest.version.as_ref().map_or(hash, |version| visible(version.as_str()))
}

/// The status, and whether it may run.
fn head(view: &ReleaseView) -> Markup {
    let tone = if view.verdict == Verdict::Approved { "good" } else { "bad" };
    html! {
        div.verdict id="verdict" data-live {
            p { (status(view.status)) " " (full_hash(view.release.build_hash)) }
            p class={ "lead " (tone) } { (words::verdict(&view.verdict)) }
            @match &view.release.standing {
                Standing::Active => {},
                Standing::Superseded { by, end_of_support_epoch } => {
                    p { "A later release has taken its place: " (build(by)) "." }
                    @if let Some(epoch) = end_of_support_epoch {
                        p { "Its support ends: no node runs it from epoch " (grouped(epoch.0)) " on." }
                    }
                },
                Standing::Revoked { reason, effective_epoch } => {
                    p { "It was revoked; no node runs it from epoch " (grouped(effective_epoch.0)) " on. The reason:" }
                    (words_of_strangers(reason.as_str()))
                },
            }
        }
    }
}

fn about(frame: &Frame<'_>, detail: &ReleaseDetail) -> Markup {
    let release = &detail.release.release;
    let (tone, severity) = words::severity(release.manifest.severity);
    let end = release.support_ends();
    let end = end.map_or("not set".into(), |epoch| format!("start of epoch {}", grouped(epoch.0)));
    let genesis = || html! { "genesis" };
    let mut pairs = vec![
        ("Class", html! { (words::class(release.manifest.class)) }),
        ("Severity", badge(tone, severity)),
        ("Sequence", html! { (grouped(release.sequence)) }),
        ("Activation epoch", html! { (grouped(release.activated_epoch.0)) }),
        ("Activated", release.activated.as_ref().map_or_else(genesis, |at| moment(frame, at))),
        ("End of support", html! { (end) }),
        ("Proposer", release.proposer.as_ref().map_or_else(genesis, |who| named(&detail.described, who))),
        ("Proposal", release.proposal_id.map_or_else(genesis, |id| proposal_link(id.0))),
    ];
    if let Some(amended) = &release.amended {
        pairs.push(("Described anew by", proposal_link(amended.proposal_id.0)));
    }
    facts(pairs)
}

/// All builds of the release when the proposal is known that still describes them, else this one.
fn targets(answer: &ReleaseAnswer) -> Vec<Target> {
    match described_by(answer) {
        Some(ProposalSubject::Release(release)) => release.targets(),
        _ => vec![answer.release.release.release.target.clone()],
    }
}

/// What approved the release, unless it was described anew since.
fn described_by(answer: &ReleaseAnswer) -> Option<&ProposalSubject> {
    let is_amended = answer.release.release.release.amended.is_some();
    answer.proposal.as_ref().filter(|_| !is_amended).map(|detail| &detail.proposal.subject)
}

fn signers(view: &ReleaseView) -> Markup {
    let release = &view.release;
    if release.signer_set.is_empty() {
        return empty("This release needed no signature.", "It was approved by genesis.", &[]);
    }
    let rows = html! {
        @for signer in release.signer_set.iter() {
            tr {
                td data-label="Signer" { (hash(signer)) }
                td data-label="Signature" {
                    @if view.attested_signers.contains(signer) { (badge("good", "attested")) }
                    @else { (badge("quiet", "not attested")) }
                }
            }
        }
    };
    html! {
        p {
            (view.attested_signers.len()) " of " (release.signature_threshold) " needed signatures by "
            (release.signer_set.len()) " keys: " (met(view.quorum_met))
        }
        (table("Release signers", &["Signer", "Signature"], rows))
    }
}

fn vote(proposal: Option<&ProposalDetail>) -> Markup {
    match proposal {
        Some(detail) => html! {
            p { (proposal_link(detail.proposal.id.0)) " approved it." }
            (votes::breakdown(detail))
        },
        None => {
            empty("There was no vote.", "This build was approved by genesis, or its proposal is not in the index.", &[])
        }
    }
}

/// The notes stay with the proposal, also with that of an amendment; a build of genesis has its own.
fn notes(answer: &ReleaseAnswer) -> Option<Markup> {
    let proposed = match described_by(answer) {
        Some(ProposalSubject::Release(release)) => manifest::release_notes(&release.manifest),
        _ => None,
    };
    proposed.or_else(|| manifest::release_notes(&answer.release.release.release.manifest))
}

fn ticket(hash: &BuildHash) -> Markup {
    html! {
        p {
            "A ticket proves that this build is approved: it has the headers that lead there from genesis, and the proof of "
            "the record in the state. A node that has not caught up, or has no network, boots this build with it."
        }
        p {
            a.button href={ "/releases/" (hash.to_string()) "/ticket" } download={ (hash.to_string()) ".ticket" } {
                "Download the ticket"
            }
        }
    }
}

fn verify(hash: &BuildHash) -> Markup {
    html! {
        ol.steps {
            li { p { "The BLAKE3 of the file must be the hash of this page:" } (command("b3sum FILE")) }
            li { p { "Ask your own node instead of this page:" } (command(&format!("contract gov release {hash}"))) }
            li {
                p { "Fetch the ticket from your own node:" }
                (command(&format!("contract gov ticket --hash {hash} --out {hash}.ticket")))
            }
            li {
                p { "Fetch the build, verify every part of it, and install it:" }
                (command(&format!("contract gov fetch-release --hash {hash} --install")))
            }
        }
    }
}
