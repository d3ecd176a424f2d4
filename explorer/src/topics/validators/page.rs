//! The page of validators.

use super::answer::{BuildShare, OffenceAnswer, ValidatorAnswer, ValidatorsAnswer};
use crate::pages::parts::{bar, empty, section, table};
use crate::pages::text::{
    block, build, count, elsewhere, grouped, named, percent, release_name, short, time_of, visible,
};
use crate::pages::{Frame, layout};
use maud::{Markup, html};
use rpc::views::Descriptions;

/// The colours of builds, in order; a build without a hash is grey.
const COLOURS: [&str; 6] = ["s1", "s2", "s3", "s4", "s5", "s6"];

/// Who decides blocks, and what they run.
pub fn validators(frame: &Frame<'_>, answer: &ValidatorsAnswer) -> Markup {
    let body = html! {
        h1 { "Validators" }
        p.intro {
            (count(answer.validators.len() as u64, "validator")) " with " (grouped(answer.total_power.0))
            " power together decide the blocks of epoch " (grouped(answer.epoch.0)) ". "
            a href="/rewards" { "What they are paid" }
        }
        (section("builds", "Stake by build", builds(answer)))
        (section("validators", "The set, the strongest first", set(frame, answer)))
        (section("offences", "Who contradicted itself", offences(frame, answer)))
    };
    layout(frame, "Validators", "/validators", body)
}

fn colour(place: usize, share: &BuildShare) -> &'static str {
    match share.build_hash {
        Some(_) => COLOURS[place % COLOURS.len()],
        None => "rest",
    }
}

/// What a build is called.
fn name(share: &BuildShare) -> String {
    match (&share.version, &share.build_hash) {
        (Some(version), _) => visible(version),
        (None, Some(hash)) => short(&hash.to_string()),
        (None, None) => "unknown".into(),
    }
}

fn builds(answer: &ValidatorsAnswer) -> Markup {
    let whole = answer.total_power.0;
    if answer.builds.is_empty() {
        return empty("No validator is known.", "Validators appear here once they are elected.", &[]);
    }
    let shares = || answer.builds.iter().enumerate();
    let parts: Vec<(&str, u64)> = shares().map(|(place, share)| (colour(place, share), share.power.0)).collect();
    let words: Vec<String> =
        shares().map(|(_, share)| format!("{} {}", name(share), percent(share.power.0, whole))).collect();
    let rows = html! {
        @for (place, share) in shares() {
            tr {
                td data-label="Build" {
                    span class={ "swatch " (colour(place, share)) } aria-hidden="true" {}
                    @match &share.build_hash {
                        Some(hash) => (release_name(hash, share.version.as_deref())),
                        None => "never said what they run",
                    }
                }
                td.num data-label="Validators" { (grouped(share.validators)) }
                td.num data-label="Power" { (grouped(share.power.0)) }
                td.num data-label="Share" { (percent(share.power.0, whole)) }
            }
        }
    };
    html! {
        (bar(&parts, whole, &[], &words.join(", ")))
        (table("Stake by build", &["Build", "#Validators", "#Power", "#Share"], rows))
    }
}

fn set(frame: &Frame<'_>, answer: &ValidatorsAnswer) -> Markup {
    let whole = answer.total_power.0;
    let rows = html! { @for validator in &answer.validators { (row(frame, &answer.described, validator, whole)) } };
    table("Validators", &["Validator", "#Power", "#Share", "Running build", "Version", "Last receipt"], rows)
}

fn offences(frame: &Frame<'_>, answer: &ValidatorsAnswer) -> Markup {
    html! {
        @if let Some(latest) = answer.unenforced.first() {
            p {
                "Nothing that validators sign is punished in " (count(answer.unenforced_count, "epoch"))
                ", the latest of which is " (grouped(latest.0)) ": consensus_enforcement was off when it began."
            }
        }
        (punished(frame, answer))
    }
}

fn punished(frame: &Frame<'_>, answer: &ValidatorsAnswer) -> Markup {
    if answer.offences.is_empty() {
        return empty(
            "No validator was punished.",
            "Whoever signs for two blocks where one can be decided loses a share of its stake and leaves the set.",
            &[],
        );
    }
    let rows = html! { @for offence in &answer.offences { (offence_row(frame, &answer.described, offence)) } };
    let columns = ["Validator", "What it did", "#Lost", "Proven", "By", "Comes back"];
    let shown = answer.offences.len() as u64;
    html! {
        (table("Punished validators, the latest first", &columns, rows))
        @if answer.offence_count > shown {
            p {
                "The latest " (grouped(shown)) " of " (count(answer.offence_count, "punishment")) " are shown; "
                a href="/audit?kind=staking.punished" { "the audit log has all of them" } "."
            }
        }
    }
}

fn offence_row(frame: &Frame<'_>, described: &Descriptions, answer: &OffenceAnswer) -> Markup {
    let OffenceAnswer { punished, jailed_until } = answer;
    html! {
        tr {
            td data-label="Validator" { (named(described, &punished.validator)) }
            td data-label="What it did" { (punished.offence.to_string()) " at height " (block(punished.height)) }
            td.num data-label="Lost" { (grouped(punished.lost.0)) }
            td data-label="Proven" { (time_of(frame, &punished.at)) }
            td data-label="By" { (named(described, &punished.reporter)) }
            td data-label="Comes back" {
                @match jailed_until {
                    Some(epoch) => { "not before epoch " (grouped(epoch.0)) },
                    None => "it did",
                }
            }
        }
    }
}

fn row(frame: &Frame<'_>, described: &Descriptions, validator: &ValidatorAnswer, whole: u64) -> Markup {
    html! {
        tr id={ "v-" (validator.account.to_string()) } {
            td data-label="Validator" {
                (named(described, &validator.account))
                @if let Some(link) = described.link(&validator.account) { " " (elsewhere(link)) }
            }
            td.num data-label="Power" { (grouped(validator.power.0)) }
            td.num data-label="Share" { (percent(validator.power.0, whole)) }
            td data-label="Running build" {
                @if let Some(hash) = &validator.running { (build(hash)) } @else { "never said" }
            }
            td data-label="Version" {
                @if let Some(version) = &validator.version { bdi { (visible(version)) } } @else { "not named" }
            }
            td data-label="Last receipt" {
                @if let Some(at) = &validator.last_receipt { (time_of(frame, at)) } @else { "none" }
            }
        }
    }
}
