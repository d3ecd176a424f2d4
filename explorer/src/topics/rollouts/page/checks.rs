//! Checks of lists, with what was said about each.

use super::super::answer::CheckLine;
use super::parts;
use crate::pages::Frame;
use crate::pages::parts::{badge, table};
use crate::pages::text::{hash, named, stranger, time, words_of_strangers};
use maud::{Markup, html};
use rollouts::plan::ListOf;
use rollouts::statement::{Stated, StatementOutcome};
use rpc::views::Descriptions;

/// Checks, each with its owner and what was said.
pub(super) fn table_of(frame: &Frame<'_>, caption: &str, described: &Descriptions, checks: &[CheckLine]) -> Markup {
    let rows = html! { @for check in checks { (row(frame, described, check)) } };
    table(caption, &["Check", "From", "Owner", "Answered by", "What was said"], rows)
}

fn from(from: &ListOf) -> String {
    match from {
        ListOf::Readiness => "readiness".into(),
        ListOf::Approve => "approval".into(),
        ListOf::Step(step) => format!("step {}", step.as_str()),
        ListOf::Leave => "leaving the stage before".into(),
        ListOf::Close => "closing".into(),
        ListOf::Start => "start".into(),
        ListOf::Exit => "exit".into(),
    }
}

fn row(frame: &Frame<'_>, described: &Descriptions, check: &CheckLine) -> Markup {
    html! {
        tr {
            td data-label="Check" {
                code { (check.key.as_str()) }
                @if check.blocker { " " (badge("info", "blocker")) }
                @if !check.text.is_empty() { p { (stranger(&check.text)) } }
            }
            td data-label="From" { (from(&check.from)) }
            td data-label="Owner" { @match &check.by { Some(by) => code { (by.as_str()) }, None => "nobody" } }
            td data-label="Answered by" {
                @if check.measured { "measured by the chain (" (check.ask) ")" } @else { "attested (" (check.ask) ")" }
            }
            td data-label="What was said" {
                @if check.said.is_empty() { @if check.measured { "nothing: a node measures it" } @else { "nothing" } }
                @for stated in &check.said { (word(frame, described, stated)) }
            }
        }
    }
}

/// What came out, with its colour.
pub(super) fn outcome(outcome: StatementOutcome) -> Markup {
    let tone = match outcome {
        StatementOutcome::Passed => "good",
        StatementOutcome::Warned | StatementOutcome::Waived => "warn",
        StatementOutcome::Failed => "bad",
    };
    badge(tone, &outcome.to_string())
}

fn word(frame: &Frame<'_>, described: &Descriptions, stated: &Stated) -> Markup {
    let statement = &stated.statement;
    html! {
        div {
            p {
                (outcome(statement.outcome)) " by " (named(described, &stated.actor.account)) " as "
                code { (stated.actor.role.as_str()) } ", " (parts::when(frame, &stated.at))
            }
            @if let Some(digest) = &statement.digest { p { "Evidence " (hash(digest)) } }
            @if !statement.uri.as_str().is_empty() { p { "Said to lie at " (stranger(statement.uri.as_str())) } }
            @if let Some(expires) = statement.expires { p { "Until " (time(frame, expires)) } }
            @if !statement.reason.as_str().is_empty() { (words_of_strangers(statement.reason.as_str())) }
        }
    }
}
