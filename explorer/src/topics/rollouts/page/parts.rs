//! What pages of rollouts are put together from: labels, countdowns, changes in short.

use crate::pages::Frame;
use crate::pages::parts::{badge, table};
use crate::pages::text::{change_link, count, deadline, grouped, named, time, words_of_strangers};
use maud::{Markup, html};
use rollouts::deadline::ChangeDeadline;
use rollouts::queries::ChangeLabel;
use rollouts::verdict::Answer;
use rpc::views::{ChangeSummary, Descriptions, DueEstimate};

pub(super) use crate::pages::text::{path, when};

/// How a change stands, in the word that people use.
pub(super) fn label(label: ChangeLabel) -> Markup {
    let tone = match label {
        ChangeLabel::Review | ChangeLabel::Voting | ChangeLabel::Approved | ChangeLabel::Scheduled => "info",
        ChangeLabel::Active | ChangeLabel::Ratified | ChangeLabel::Closed => "good",
        ChangeLabel::AuditDue | ChangeLabel::RatifyDue | ChangeLabel::BackfillDue => "warn",
        ChangeLabel::Paused | ChangeLabel::Frozen => "warn",
        ChangeLabel::AuditOverdue | ChangeLabel::Lapsed | ChangeLabel::Reverted | ChangeLabel::Rejected => "bad",
        ChangeLabel::Expired | ChangeLabel::Withdrawn | ChangeLabel::Aborted | ChangeLabel::Superseded => "quiet",
    };
    badge(tone, &label.to_string())
}

/// What a list came to when a change was carried on.
pub(super) fn answer(answer: Answer) -> Markup {
    let tone = match answer {
        Answer::Go => "good",
        Answer::NoGo => "bad",
        Answer::Deferred => "warn",
    };
    badge(tone, &answer.to_string())
}

/// How far a deadline is: in its own unit, in blocks, and about when.
pub(super) fn due(frame: &Frame<'_>, due: &DueEstimate) -> Markup {
    if due.is_over {
        return html! { "over" };
    }
    html! {
        @if let ChangeDeadline::Epoch(epoch) = due.deadline { "start of epoch " (grouped(epoch.0)) ", " }
        "in " (count(due.blocks_left, "block")) ", about " (time(frame, due.estimated_time))
    }
}

/// What a change is about, in a few words.
pub(super) fn what(change: &ChangeSummary) -> Markup {
    html! {
        (change.kind.to_string())
        @if let Some(stage) = &change.stage { " " code { (stage.as_str()) } }
        @for (place, flag) in change.flags.iter().enumerate() {
            @if place > 0 { "," }
            " " a href={ "/flags/" (change.plan.as_str()) "/" (flag.as_str()) } { (flag.as_str()) }
        }
    }
}

/// What happens next to a change, and when.
pub(super) fn countdown(frame: &Frame<'_>, change: &ChangeSummary) -> Markup {
    html! {
        @if let Some(window) = &change.window {
            @if change.state.waits() {
                p {
                    "Announced window " (time(frame, window.from)) " to " (time(frame, window.until))
                    @if window.is_open { " " (badge("good", "open")) }
                }
            }
        }
        @if change.state.waits() {
            @if let Some(from) = change.not_before.as_ref().filter(|from| from.blocks_left > 0) {
                p { "The stake can stop it until the " (deadline(frame, from)) }
            }
        }
        @if let Some(expires) = &change.expires { p { "Expires " (due(frame, expires)) } }
        @if let Some(duty) = &change.next_duty { p { code { (duty.check.as_str()) } " is due " (due(frame, &duty.due)) } }
        @for check in &change.overdue { p { (badge("bad", "overdue")) " " code { (check.as_str()) } } }
    }
}

/// Changes in short.
pub(crate) fn changes(frame: &Frame<'_>, caption: &str, described: &Descriptions, all: &[ChangeSummary]) -> Markup {
    let rows = html! {
        @for change in all {
            tr {
                td data-label="Change" { (change_link(change.id.0)) }
                td data-label="What" { (what(change)) }
                td data-label="Stands" { (label(change.label)) }
                td data-label="Plan" { a href={ "/rollouts/" (change.plan.as_str()) } { (change.plan.as_str()) } }
                td data-label="By" {
                    @match &change.by {
                        Some(by) => { (named(described, &by.account)) " as " code { (by.role.as_str()) } },
                        None => "the chain",
                    }
                }
                td data-label="Next" { (countdown(frame, change)) (words_of_strangers(change.reason.as_str())) }
            }
        }
    };
    table(caption, &["Change", "What", "Stands", "Plan", "By", "Next, and why"], rows)
}
