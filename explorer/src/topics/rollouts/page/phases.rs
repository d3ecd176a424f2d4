//! The page of the phases of a product.

use super::super::answer::{PhaseLine, PhasesAnswer};
use super::{checks, parts};
use crate::pages::parts::{badge, command, empty, facts, section, table};
use crate::pages::text::change_link;
use crate::pages::{Frame, layout};
use maud::{Markup, html};
use rollouts::plan::PhaseState;

/// How far the phases of a plan have come, and what moves each on.
pub fn phases(frame: &Frame<'_>, answer: &PhasesAnswer) -> Markup {
    let plan = answer.plan.as_str();
    let title = format!("Phases of {plan}");
    let body = html! {
        h1 { (title) }
        p.intro {
            "What may still change of what plan " a href={ "/rollouts/" (plan) } { (plan) } " governs. Phases go one way: planned, open, "
            "frozen, locked."
        }
        (section("phases", "Phases", list(frame, answer)))
        @for phase in &answer.phases {
            (section(&format!("phase-{}", phase.rules.key.as_str()), phase.rules.key.as_str(), of_phase(frame, answer, phase)))
        }
    };
    layout(frame, &title, "/rollouts", body)
}

fn list(frame: &Frame<'_>, answer: &PhasesAnswer) -> Markup {
    if answer.phases.is_empty() {
        return empty("The plan has no phases.", "Whatever its stages let change may change at any time.", &[]);
    }
    let rows = html! {
        @for phase in &answer.phases {
            tr {
                td data-label="Phase" {
                    a href={ "#phase-" (phase.rules.key.as_str()) } { (phase.rules.key.as_str()) }
                }
                td data-label="Stands" { (state(phase.state)) }
                td data-label="Since" { (since(frame, phase)) }
                td data-label="Next" { @match phase.state.next() { Some(next) => (next.to_string()), None => "nothing" } }
            }
        }
    };
    table("Phases, in their order", &["Phase", "Stands", "Since", "Next"], rows)
}

fn state(state: PhaseState) -> Markup {
    let tone = match state {
        PhaseState::Planned => "quiet",
        PhaseState::Open => "good",
        PhaseState::Frozen => "warn",
        PhaseState::Locked => "info",
    };
    badge(tone, &state.to_string())
}

fn since(frame: &Frame<'_>, phase: &PhaseLine) -> Markup {
    match &phase.standing {
        Some(standing) => html! { (parts::when(frame, &standing.since)) ", by " (change_link(standing.change.0)) },
        None => html! { "it has not begun" },
    }
}

fn of_phase(frame: &Frame<'_>, answer: &PhasesAnswer, phase: &PhaseLine) -> Markup {
    let rules = &phase.rules;
    let requires = html! {
        @for (other, at_least) in rules.requires.iter() { p { code { (other.as_str()) } " " (at_least.to_string()) " or further" } }
        @if rules.requires.is_empty() { "no other phase" }
    };
    let allows = html! {
        @for nature in rules.allows.iter() { code { (nature.to_string()) } " " }
        @if rules.allows.is_empty() { "nothing" }
    };
    html! {
        (facts(vec![
            ("Stands", state(phase.state)),
            ("Begins after", requires),
            ("Frozen, it allows", allows),
        ]))
        @if phase.checks.is_empty() {
            p.hint { "Nothing is asked before it moves on." }
        } @else {
            (checks::table_of(frame, &format!("What phase {} asks", rules.key.as_str()), &answer.described, &phase.checks))
            p.hint { "Here is what was said. What the lists come to now, with what the chain measures, a node judges:" }
            (command(&format!("contract rollout phases {}", answer.plan.as_str())))
        }
    }
}
