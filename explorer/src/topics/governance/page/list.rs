//! The page of proposals: open ones first.

use super::votes;
use crate::pages::parts::{empty, field, pager, section, size_field, status};
use crate::pages::text::{deadline, grouped, hash, stranger};
use crate::pages::{Frame, layout, words};
use crate::topics::governance::answer::ProposalLine;
use crate::topics::governance::query::ProposalsQuery;
use maud::{Markup, html};
use rpc::views::{DecisionStatus, PageOf, ProposalSubject};

/// Proposals, the open ones first.
pub fn proposals(frame: &Frame<'_>, query: &ProposalsQuery, page: &PageOf<ProposalLine>) -> Markup {
    let body = html! {
        h1 { "Proposals" }
        p.intro { "What stake holders decide: releases, release signers, and what is taken out of use." }
        (filters(query))
        (section("proposals", "All proposals", groups(frame, query, page)))
    };
    layout(frame, "Proposals", "/proposals", body)
}

const STATUSES: [DecisionStatus; 9] = [
    DecisionStatus::Open,
    DecisionStatus::Passed,
    DecisionStatus::Activated,
    DecisionStatus::Rejected,
    DecisionStatus::Withdrawn,
    DecisionStatus::Cancelled,
    DecisionStatus::Superseded,
    DecisionStatus::Revoked,
    DecisionStatus::Expired,
];

fn filters(query: &ProposalsQuery) -> Markup {
    let select = html! {
        select id="filter-status" name="status" {
            option value="" selected[query.status.is_none()] { "every status" }
            @for each in STATUSES {
                option value=(each.to_string()) selected[query.status == Some(each)] { (each.to_string()) }
            }
        }
    };
    html! {
        form.filters method="get" action="/proposals" aria-label="Filter the proposals" {
            (field("filter-status", "Status", select))
            (size_field(query.page_size))
            div.actions {
                button type="submit" { "Apply" }
                @if query.status.is_some() { a href="/proposals" { "Clear" } }
            }
        }
    }
}

/// Under which heading a proposal stands.
fn group(status: DecisionStatus) -> &'static str {
    match status {
        DecisionStatus::Open => "Open",
        DecisionStatus::Passed => "Passed, waiting",
        _ => "Concluded",
    }
}

fn groups(frame: &Frame<'_>, query: &ProposalsQuery, page: &PageOf<ProposalLine>) -> Markup {
    if page.total == 0 {
        return none(query);
    }
    html! {
        @for heading in ["Open", "Passed, waiting", "Concluded"] {
            @let lines = page.entries.iter().filter(|line| group(line.proposal.status) == heading).collect::<Vec<_>>();
            @if !lines.is_empty() {
                h3 { (heading) }
                ul.list { @for line in lines { (card(frame, line)) } }
            }
        }
        (pager(frame, "/proposals", page))
    }
}

fn none(query: &ProposalsQuery) -> Markup {
    if let Some(status) = query.status {
        let explanation = "Choose another status, or every one.";
        return empty(&format!("No proposal is {status}."), explanation, &[]);
    }
    empty(
        "Nobody has proposed anything yet.",
        "A proposal appears here as soon as it is in a block. To propose a release:",
        &["contract gov propose-release --hash HASH --signature SIGNATURE --signer SIGNER --key FILE"],
    )
}

fn card(frame: &Frame<'_>, line: &ProposalLine) -> Markup {
    let proposal = &line.proposal;
    html! {
        li.card {
            h4 {
                a href={ "/proposals/" (proposal.id.0) } { (grouped(proposal.id.0)) ": " (words::kind(&proposal.subject)) }
                " " (status(proposal.status))
            }
            p { (subject(&proposal.subject)) }
            (votes::thresholds(proposal, &line.progress))
            @if matches!(proposal.status, DecisionStatus::Open | DecisionStatus::Passed) {
                (times(frame, line))
            } @else {
                p { (words::outcome(proposal.status, line.progress.shortfall)) }
            }
        }
    }
}

/// When a live proposal is decided, and carried out.
fn times(frame: &Frame<'_>, line: &ProposalLine) -> Markup {
    let is_open = line.proposal.status == DecisionStatus::Open;
    html! {
        @if is_open {
            @if let Some(end) = &line.vote_deadline { p { "Voting ends at the " (deadline(frame, end)) } }
            @if let Some(until) = line.proposal.open_until() { p { "Members can vote " (until) } }
        }
        @if let Some(activation) = &line.activation { p { "Activation at the " (deadline(frame, activation)) } }
    }
}

/// What is proposed, in a line.
fn subject(subject: &ProposalSubject) -> Markup {
    html! {
        @match subject {
            ProposalSubject::Release(release) => {
                @if let Some(version) = &release.manifest.version { (stranger(version.as_str())) ", " }
                (hash(release.build_hash))
                @if !release.revealed { ", sealed: not revealed yet" }
            },
            ProposalSubject::RosterChange(change) => {
                "Roster " (grouped(change.roster.version)) ": " (change.roster.threshold) " of "
                (change.roster.signers.len()) " keys"
            },
            ProposalSubject::Revocation { build_hashes, .. } => {
                "Take out of use: "
                @for build in build_hashes.iter() { (hash(build)) " " }
            },
            ProposalSubject::MinimumSequence { minimum, .. } => { "No release below " (grouped(*minimum)) " may run" },
            ProposalSubject::EndOfSupport { build_hash, epoch } => {
                "Support of " (hash(build_hash)) " ends at the start of epoch " (grouped(epoch.0))
            },
            ProposalSubject::Amendment { build_hash, .. } => { "Correct what is said about " (hash(build_hash)) },
            ProposalSubject::Cancellation { proposal_id, .. } => { "Stop proposal " (grouped(proposal_id.0)) },
            ProposalSubject::Members { key, members, .. } => { "Members of " (key.to_string()) ": " (members.len()) },
            ProposalSubject::PlanVersion { installation } => {
                "Version " (installation.plan.version) " of plan " (installation.plan.name.as_str())
            },
            ProposalSubject::ChangeDecision { change, check, .. } => {
                (check.as_str()) " of change " (change.to_string())
            },
            ProposalSubject::ChangeAbort { change, .. } => { "End of change " (change.to_string()) },
        }
    }
}
