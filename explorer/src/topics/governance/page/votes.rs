//! A vote: its count against its rules, its ballots, and who has not voted.

use crate::pages::Frame;
use crate::pages::parts::{badge, bar, empty, met, table};
use crate::pages::text::{count, grouped, hash, named, percent, time, words_of_strangers};
use crate::pages::words::{outcome, tone_of};
use governance::{Ballot, Electorate};
use maud::{Markup, html};
use releases::{Availability, BuildHolders};
use rpc::views::{DecisionStatus, Missing, ProposalDetail, ProposalView, VoteProgress};

/// The quorum, the support, and of a release who holds it: what is there, what is needed.
pub(crate) fn thresholds(proposal: &ProposalView, progress: &VoteProgress) -> Markup {
    let (whole, yes) = (progress.electorate.0, proposal.tally.yes.0);
    let is_of_stake = proposal.electorate.role().is_none();
    html! {
        dl.thresholds {
            @if is_of_stake {
                (threshold("Quorum", "voted", progress.turnout.0, progress.quorum_needed.0, whole, progress.quorum_met))
            }
            (threshold("Support", "in favour", yes, progress.support_needed.0, whole, progress.support_met))
            @if let Some(availability) = &proposal.availability { (held(availability)) }
        }
    }
}

/// Of several builds, the one that the least power holds.
fn held(availability: &Availability) -> Markup {
    let Availability { needed, total, met, .. } = availability;
    let power = availability.scarcest().map_or(0, |build| build.power.0);
    threshold("Availability", "of the power holds it", power, needed.0, total.0, *met)
}

fn threshold(name: &str, what: &str, part: u64, needed: u64, whole: u64, reached: bool) -> Markup {
    let state = if reached { "met" } else { "not met" };
    let label = format!("{name}: {} {what}, {} needed, {state}", percent(part, whole), percent_needed(needed, whole));
    html! {
        div {
            dt { (name) " " (met(reached)) }
            dd {
                (bar(&[("turnout", part)], whole, &[needed], &label))
                p {
                    strong { (percent(part, whole)) } " " (what) ": " (grouped(part))
                    " of " (grouped(needed)) " needed (" (percent_needed(needed, whole)) ")"
                }
            }
        }
    }
}

/// The share that is needed, rounded up: who has it has enough.
fn percent_needed(needed: u64, whole: u64) -> String {
    if whole == 0 {
        return "nobody".into();
    }
    let hundredths = (u128::from(needed) * 10_000).div_ceil(u128::from(whole));
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}

/// The whole vote: its bar with both thresholds, its numbers, and what they mean.
pub(crate) fn breakdown(detail: &ProposalDetail) -> Markup {
    let (progress, tally) = (&detail.progress, &detail.proposal.tally);
    let whole = progress.electorate.0;
    let rows = [
        ("yes", "Yes", tally.yes.0),
        ("no", "No", tally.no.0),
        ("abstain", "Abstain", tally.abstain.0),
        ("rest", "Not voted", detail.not_voted_weight.0),
    ];
    let words: Vec<String> = rows.iter().map(|(_, name, part)| format!("{name} {}", percent(*part, whole))).collect();
    let parts = rows.map(|(class, _, part)| (class, part));
    let lines = html! {
        @for (class, name, part) in rows {
            tr {
                td data-label="Choice" { span class={ "swatch " (class) } aria-hidden="true" {} (name) }
                td.num data-label="Weight" data-tally=(class) { (grouped(part)) }
                td.num data-label="Share" { (percent(part, whole)) }
            }
        }
    };
    html! {
        p.lead { (outcome(detail.proposal.status, progress.shortfall)) }
        (bar(&parts, whole, &[progress.quorum_needed.0, progress.support_needed.0], &words.join(", ")))
        (table("The vote", &["Choice", "#Weight", "#Share"], lines))
        (thresholds(&detail.proposal, progress))
        p.hint { (the_whole(&detail.proposal)) " The lines on the bars are what is needed." }
    }
}

/// Who is all who can vote.
fn the_whole(proposal: &ProposalView) -> String {
    let whole = grouped(proposal.total.0);
    match &proposal.electorate {
        Electorate::Stake { epoch, .. } => {
            format!("The whole is {whole} stake that was in force in epoch {}.", grouped(epoch.0))
        }
        Electorate::Members { key, .. } => {
            format!("The whole is the {whole} who were {key} when it was opened and still are.")
        }
    }
}

/// The ballots of the latest voters, with why.
pub(crate) fn ballots(frame: &Frame<'_>, detail: &ProposalDetail) -> Markup {
    if detail.ballots.is_empty() {
        let vote = format!("contract gov vote --id {} --choice yes --reason TEXT --key FILE", detail.proposal.id);
        let (explanation, command) = match detail.proposal.status {
            DecisionStatus::Open => ("Ballots appear here with their weight and their reason.", Some(vote.as_str())),
            _ => ("No ballot came before voting ended.", None),
        };
        return empty("Nobody has voted.", explanation, command.as_slice());
    }
    let rows = html! { @for each in &detail.ballots { (ballot(frame, detail, each)) } };
    let columns = ["Voter", "Choice", "#Weight", "#Represented", "Time", "Reason"];
    let more = detail.ballot_count.saturating_sub(detail.ballots.len() as u64);
    html! {
        (table("The ballots", &columns, rows))
        @if more > 0 { p.hint { "And " (count(more, "account")) " more that voted before." } }
    }
}

fn ballot(frame: &Frame<'_>, detail: &ProposalDetail, ballot: &Ballot) -> Markup {
    let whole = detail.progress.electorate.0;
    html! {
        tr {
            td data-label="Voter" { (named(&detail.described, &ballot.voter)) }
            td data-label="Choice" { (badge(tone_of(ballot.choice), &ballot.choice.to_string())) }
            td.num data-label="Weight" { (grouped(ballot.weight.0)) " (" (percent(ballot.weight.0, whole)) ")" }
            td.num data-label="Represented" { (grouped(ballot.represented.0)) }
            td data-label="Time" { (time(frame, ballot.received_at)) }
            td data-label="Reason" {
                @if let Some(reason) = &ballot.reason { (words_of_strangers(reason.as_str())) } @else { "none given" }
            }
        }
    }
}

/// The validators without a ballot.
pub(crate) fn not_voted(detail: &ProposalDetail) -> Markup {
    let (weight, whole) = (detail.not_voted_weight.0, detail.progress.electorate.0);
    let verb = if detail.proposal.status == DecisionStatus::Open { "has not voted yet" } else { "did not vote" };
    let rows = html! {
        @for Missing { account: who, weight } in &detail.not_voted {
            tr {
                td data-label="Validator" { (named(&detail.described, who)) }
                td.num data-label="Weight" { (grouped(weight.0)) }
                td.num data-label="Share" { (percent(weight.0, whole)) }
            }
        }
    };
    let more = detail.not_voted_count.map(|all| all.saturating_sub(detail.not_voted.len() as u64));
    let (what, who, forgotten) = match detail.proposal.electorate.role() {
        None => ("stake", "Validator", "The chain no longer remembers the stake of that epoch by account."),
        Some(_) => ("of the members", "Member", "Nobody is left who could vote."),
    };
    html! {
        p { (grouped(weight)) " " (what) " (" (percent(weight, whole)) ") " (verb) "." }
        @if !detail.not_voted.is_empty() {
            (table("Those without a ballot", &[who, "#Weight", "#Share"], rows))
        }
        @match more {
            None => p.hint { (forgotten) },
            Some(0) => {},
            Some(more) => p.hint { "And " (count(more, &who.to_lowercase())) " more with no more weight." },
        }
    }
}

/// How much power holds each build of a release, and which validators do not hold it.
pub(crate) fn holders(detail: &ProposalDetail, availability: &Availability) -> Markup {
    let whole = availability.total.0;
    let builds = html! {
        @for BuildHolders { build_hash, power } in &availability.builds {
            tr {
                td data-label="Build" { (hash(build_hash)) }
                td.num data-label="Power" { (grouped(power.0)) }
                td.num data-label="Share" { (percent(power.0, whole)) }
            }
        }
    };
    let without = detail.not_holding.as_deref();
    let rows = html! {
        @for validator in without.unwrap_or_default() {
            tr {
                td data-label="Validator" { (named(&detail.described, &validator.account)) }
                td.num data-label="Power" { (grouped(validator.power.0)) }
                td.num data-label="Share" { (percent(validator.power.0, whole)) }
            }
        }
    };
    html! {
        p {
            "Validators with " (grouped(availability.needed.0)) " of " (grouped(whole)) " power must say that they hold "
            "each build, so that nothing is approved that nobody can fetch. " (met(availability.met))
        }
        (table("Power that holds each build", &["Build", "#Power", "#Share"], builds))
        @match without {
            None => p.hint { "The chain no longer remembers the validators of that epoch." },
            Some([]) => p { "Every validator holds it." },
            Some(_) => { (table("Validators that do not hold it", &["Validator", "#Power", "#Share"], rows)) },
        }
    }
}
