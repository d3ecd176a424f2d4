//! The page of one change.

use super::super::answer::{ChangeAnswer, DutyLine};
use super::board::step_state;
use super::{checks, effects, parts};
use crate::pages::parts::{badge, empty, facts, section, table};
use crate::pages::text::{
    case_link, change_link, full_hash, grouped, hash, named, proposal_link, stranger, words_of_strangers,
};
use crate::pages::{Frame, layout, words};
use crate::topics::governance::page::votes;
use cases::CaseKind;
use maud::{Markup, html};
use rollouts::change::{ChangeRequest, ChangeState, DutyState};
use rpc::views::ProposalDetail;

/// All that facts say of a change.
pub fn change(frame: &Frame<'_>, answer: &ChangeAnswer) -> Markup {
    let summary = &answer.summary;
    let title = format!("Change {}", grouped(summary.id.0));
    let body = html! {
        h1 { (title) ": " (summary.kind.to_string()) @if let Some(stage) = &summary.stage { " " (stage.as_str()) } }
        div.verdict id="verdict" data-live {
            p { (parts::label(summary.label)) " " (stands(frame, answer)) }
            (parts::countdown(frame, summary))
            @if let Some(until) = &answer.stops_until { p { "It stops others until it ends, " (parts::due(frame, until)) } }
        }
        (section("asked", "What is asked for", asked(frame, answer)))
        (section("checks", "Go or no go", asked_before(frame, answer)))
        @for poll in &answer.polls {
            (section(&format!("poll-{}", poll.proposal.id.0), poll_title(answer, poll), poll_body(frame, poll)))
        }
        (section("effects", "What moved", moved(answer)))
        (section("duties", "What is owed", duties(frame, answer)))
        @if !answer.steps.is_empty() { (section("steps", "Steps of the stage", steps(answer))) }
        (section("milestones", "What became of it", words::milestones(frame, &answer.milestones)))
    };
    layout(frame, &title, "/changes", body)
}

fn stands(frame: &Frame<'_>, answer: &ChangeAnswer) -> Markup {
    let summary = &answer.summary;
    html! {
        (summary.state.to_string()) " since " (parts::when(frame, &summary.since))
        @if let ChangeState::Reverted { by } = summary.state {
            @if by != summary.id { ", by " (change_link(by.0)) }
        }
    }
}

fn asked(frame: &Frame<'_>, answer: &ChangeAnswer) -> Markup {
    let (summary, asked) = (&answer.summary, &answer.asked);
    let mut pairs = vec![
        (
            "Plan",
            html! {
                a href={ "/rollouts/" (summary.plan.as_str()) } { (summary.plan.as_str()) } ", version " (summary.version)
            },
        ),
        ("What", request(answer, &asked.request)),
        ("Class", html! { (words::class(summary.class)) }),
        (
            "By",
            match &summary.by {
                Some(by) => html! {
                    (named(&answer.described, &by.account)) " as "
                    a href={ "/roles/" (summary.plan.as_str()) "#role-" (by.role.as_str()) } { (by.role.as_str()) }
                },
                None => html! { "the chain" },
            },
        ),
        ("Submitted", parts::when(frame, &summary.created)),
    ];
    pairs.extend(summary.ticket.as_ref().map(|ticket| ("Ticket", html! { code { (ticket.as_str()) } })));
    pairs.extend(summary.milestone.as_ref().map(|milestone| {
        (
            "Milestone",
            html! {
                a href={ "/notes/" (summary.plan.as_str()) "?milestone=" (milestone.as_str()) } { (milestone.as_str()) }
            },
        )
    }));
    pairs.extend(asked.sealer.as_ref().map(|sealer| ("Decides blocks alone then", named(&answer.described, sealer))));
    let incident = answer.incident.map(|incident| case_link(CaseKind::Incident, incident.0));
    pairs.extend(incident.map(|incident| ("Incident", incident)));
    pairs.push(("Bundle", full_hash(asked.bundle)));
    pairs.push(("Known by", full_hash(answer.digest)));
    html! {
        (facts(pairs))
        h3 { "Why" }
        (words_of_strangers(asked.reason.as_str()))
        @if !asked.impact.as_str().is_empty() { h3 { "What users will notice" } (words_of_strangers(asked.impact.as_str())) }
    }
}

fn request(answer: &ChangeAnswer, request: &ChangeRequest) -> Markup {
    match request {
        ChangeRequest::Promote { to, artifact } => html! {
            "enter stage " code { (to.as_str()) } @if let Some(artifact) = artifact {
                " with " (hash(artifact)) ", " a href={ "/changes?artifact=" (artifact.to_string()) } { "every promotion of it" }
            }
        },
        ChangeRequest::Demote { to } => html! { "go back to stage " code { (to.as_str()) } },
        ChangeRequest::Set { effects } => effects::asked(effects, &answer.flags),
        ChangeRequest::Disable { flags, scope, cause } => html! {
            "switch off " @for flag in flags.iter() { code { (flag.as_str()) } " " } (parts::path(scope)) " for "
            code { (cause.as_str()) }
        },
        ChangeRequest::Rollback { stage, trigger, source } => html! {
            "go back in stage " code { (stage.as_str()) } " because of " code { (trigger.as_str()) } ", seen in "
            code { (source.as_str()) }
        },
        ChangeRequest::Freeze { scope, announcement } => html! {
            "pause changes " (parts::path(scope)) (words_of_strangers(announcement.as_str()))
        },
        ChangeRequest::Phase { phase, to } => html! { "have phase " code { (phase.as_str()) } " " (to.to_string()) },
    }
}

fn asked_before(frame: &Frame<'_>, answer: &ChangeAnswer) -> Markup {
    if answer.checks.is_empty() {
        return empty("Nothing is asked before it is carried out.", "Its procedure has no list.", &[]);
    }
    let id = answer.summary.id.0;
    html! {
        p { "When it was last carried on, its list came to " (parts::answer(answer.summary.verdict)) "." }
        (checks::table_of(frame, "What is asked before it is carried out", &answer.described, &answer.checks))
        p.hint { "Here is what was said. What the whole list comes to now, with what the chain measures, a node judges:" }
        (crate::pages::parts::command(&format!("contract rollout explain --change {id}")))
    }
}

fn poll_title(answer: &ChangeAnswer, poll: &ProposalDetail) -> &'static str {
    if answer.summary.poll == Some(poll.proposal.id) { "The vote on it" } else { "A vote on what is owed" }
}

/// The count with its threshold, who voted and why, and who has not.
fn poll_body(frame: &Frame<'_>, poll: &ProposalDetail) -> Markup {
    html! {
        p { (proposal_link(poll.proposal.id.0)) }
        (votes::breakdown(poll))
        h3 { "Ballots" }
        (votes::ballots(frame, poll))
        h3 { "Who has not voted" }
        (votes::not_voted(poll))
    }
}

fn moved(answer: &ChangeAnswer) -> Markup {
    let map = html! {
        @for serving in &answer.map {
            tr {
                td data-label="Flag" { code { (serving.flag.as_str()) } }
                td data-label="Serves" { code { (serving.variant.as_str()) } }
                td data-label="For" { @match &serving.only { Some(only) => code { (only.as_str()) }, None => "everybody" } }
            }
        }
    };
    html! {
        @if answer.effects.is_empty() {
            (empty("Nothing moved.", "What it moves stands here once it is carried out, each with what was before.", &[]))
        } @else {
            (effects::effects(&answer.effects, &answer.flags))
            p.hint { "What would undo it is the column before." }
        }
        @if !answer.map.is_empty() {
            h3 { "Every flag at the stage" }
            (table("What every flag serves at the stage", &["Flag", "Serves", "For"], map))
        }
    }
}

fn duties(frame: &Frame<'_>, answer: &ChangeAnswer) -> Markup {
    if answer.duties.is_empty() {
        return empty("Nothing is owed.", "What a change owes begins when it is carried out.", &[]);
    }
    let rows = html! { @for duty in &answer.duties { (duty_row(frame, duty)) } };
    table("What is owed", &["Check", "Stands", "By when", "If missed", "Vote"], rows)
}

fn duty_row(frame: &Frame<'_>, line: &DutyLine) -> Markup {
    let (tone, state) = match line.duty.state {
        DutyState::Owed => ("info", "owed"),
        DutyState::Overdue => ("bad", "overdue"),
        DutyState::Met => ("good", "met"),
        DutyState::MetLate => ("warn", "met late"),
    };
    html! {
        tr {
            td data-label="Check" { code { (line.duty.check.as_str()) } }
            td data-label="Stands" { (badge(tone, state)) }
            td data-label="By when" {
                @match &line.due { Some(due) => (parts::due(frame, due)), None => "no time" }
            }
            td data-label="If missed" { (line.duty.missed.to_string()) }
            td data-label="Vote" {
                @match (line.is_vote, line.duty.poll) {
                    (_, Some(poll)) => (proposal_link(poll.0)),
                    (true, None) => "opens with the next block",
                    (false, None) => "none",
                }
            }
        }
    }
}

fn steps(answer: &ChangeAnswer) -> Markup {
    let rows = html! {
        @for step in &answer.steps {
            tr {
                td data-label="Step" { code { (step.key.as_str()) } }
                td data-label="Stands" { (step_state(step.is_taken)) }
                td data-label="What" { (stranger(&step.text)) }
                td data-label="Needs" { @for need in &step.needs { code { (need.as_str()) } " " } }
            }
        }
    };
    table("Steps of the stage, in their order", &["Step", "Stands", "What", "Needs"], rows)
}
