//! The board of a plan: its stages and flags, what is under way, and until when.

use super::super::answer::{BoardAnswer, SoakLine};
use super::parts;
use crate::pages::parts::{badge, bar, empty, facts, section, table};
use crate::pages::text::{change_link, grouped, hash, named, percent, stranger};
use crate::pages::{Frame, layout};
use maud::{Markup, html};
use primitives::Span;
use rpc::views::{BoardCell, BoardFlag, BoardStage, FlagServed};

/// A plan at a glance.
pub fn board(frame: &Frame<'_>, answer: &BoardAnswer) -> Markup {
    let plan = &answer.plan;
    let title = format!("Plan {}", plan.name.as_str());
    let body = html! {
        h1 { (title) }
        p.intro { (stranger(&plan.title)) }
        (banners(frame, answer))
        (section("plan", "The plan", overview(frame, answer)))
        (section("stages", "Stages", stages(frame, answer)))
        (section("soaks", "Soaks before the next stage", soaks(frame, answer)))
        (section("flags", "Flags by stage", matrix(answer)))
        (section("live", "Under way", live(frame, answer)))
    };
    layout(frame, &title, "/rollouts", body)
}

/// What stops others, with when it ends.
fn banners(frame: &Frame<'_>, answer: &BoardAnswer) -> Markup {
    html! {
        div id="banners" data-live {
            @if let Some(freeze) = &answer.freeze {
                p.lead {
                    (badge("warn", "frozen")) " Stage " code { (freeze.freeze.stage.as_str()) } " is being entered by "
                    (change_link(freeze.change.0)) ": what is not urgent stands still"
                    @if let Some(due) = &freeze.due { ", at the latest until it ends, " (parts::due(frame, due)) }
                    "."
                }
            }
            @for pause in &answer.pauses {
                p.lead {
                    (badge("warn", "paused")) " " (parts::path(&pause.path)) " by " (change_link(pause.change.0)) " of "
                    code { (pause.role.as_str()) }
                    @if let Some(due) = &pause.due { ", until it ends, " (parts::due(frame, due)) }
                    "."
                }
            }
            @if !answer.stale_drills.is_empty() {
                p.lead {
                    (badge("warn", "to be tried")) " "
                    @for (place, domain) in answer.stale_drills.iter().enumerate() {
                        @if place > 0 { ", " }
                        a href={ "/playbooks/" (answer.plan.name.as_str()) "#playbook-" (domain.as_str()) } { (domain.as_str()) }
                    }
                    ": no drill counts, and what asks for one waits."
                }
            }
            @if let Some(sealer) = &answer.sealer {
                p.lead {
                    (badge("warn", "sealed")) " " (named(&answer.described, sealer))
                    " decides the blocks of this epoch alone; there is no quorum, and two who disagree cannot be told."
                }
            }
        }
    }
}

fn overview(frame: &Frame<'_>, answer: &BoardAnswer) -> Markup {
    let plan = &answer.plan;
    let name = plan.name.as_str();
    let mut pairs = vec![
        ("Version", html! { (grouped(plan.version.into())) ", installed " (parts::when(frame, &plan.installed)) }),
        ("Stage", html! { @match &plan.stage { Some(stage) => code { (stage.as_str()) }, None => "none stands" } }),
        ("Next stage", html! { @match &plan.next_stage { Some(stage) => code { (stage.as_str()) }, None => "none" } }),
        ("Bundle", hash(plan.bundle)),
        ("Profile", hash(plan.profile)),
    ];
    pairs.extend(plan.owner.as_ref().map(|owner| ("Installed by", named(&answer.described, owner))));
    html! {
        @if plan.retired { p { (badge("quiet", "retired")) " It governs nothing any more." } }
        (facts(pairs))
        ul {
            li { a href={ "/changes?plan=" (name) } { "Its changes" } }
            li { a href={ "/flags/" (name) } { "Its flags" } }
            li { a href={ "/roles/" (name) } { "Its roles" } }
            li { a href={ "/incidents?plan=" (name) } { "Its incidents" } }
            li { a href={ "/playbooks/" (name) } { "Its playbooks" } }
            li { a href={ "/notes/" (name) } { "Its release notes" } }
            li { a href={ "/retrospectives/" (name) } { "Its retrospectives" } }
            @if plan.is_of_node { li { a href={ "/fleet/" (name) } { "Its fleet" } } }
            @else {
                li { a href={ "/artifacts/" (name) } { "Its artifacts" } }
                li { a href={ "/phases/" (name) } { "Its phases" } }
            }
        }
    }
}

fn stages(frame: &Frame<'_>, answer: &BoardAnswer) -> Markup {
    let rows = html! { @for stage in &answer.stages { (stage_row(frame, stage)) } };
    table("Stages, in their order", &["Stage", "Stands", "Window", "Steps"], rows)
}

fn stage_row(frame: &Frame<'_>, stage: &BoardStage) -> Markup {
    let taken = stage.steps.iter().filter(|step| step.is_taken).count();
    html! {
        tr {
            td data-label="Stage" {
                code { (stage.name.as_str()) }
                @if stage.is_current { " " (badge("good", "current")) }
                @if stage.production { " " (badge("info", "production")) }
            }
            td data-label="Stands" {
                @match &stage.standing {
                    Some(standing) => {
                        "since " (parts::when(frame, &standing.since)) ", by " (change_link(standing.change.0))
                    },
                    None => "no",
                }
            }
            td data-label="Window" {
                (stage.window.as_str())
                @if let Some(next) = &stage.next_window { ": next " (parts::due(frame, next)) }
            }
            td data-label="Steps" {
                (taken) " of " (stage.steps.len()) " taken"
                @if stage.standing.is_some() && taken < stage.steps.len() {
                    ul.plain { @for step in &stage.steps { li { (step_state(step.is_taken)) " " code { (step.key.as_str()) } } } }
                }
            }
        }
    }
}

/// Whether a step is taken.
pub(super) fn step_state(is_taken: bool) -> Markup {
    if is_taken { badge("good", "taken") } else { badge("quiet", "to come") }
}

fn soaks(frame: &Frame<'_>, answer: &BoardAnswer) -> Markup {
    if answer.soaks.is_empty() {
        return empty("Nothing soaks.", "The next stage asks for no stretch of time, or there is none.", &[]);
    }
    html! {
        ul.list { @for soak in &answer.soaks { (soak_card(frame, soak)) } }
        p.hint { "These are the clocks alone; what else is asked before the next stage is entered, a node judges." }
    }
}

fn amount(span: Span) -> u64 {
    match span {
        Span::Millis(amount) | Span::Epochs(amount) => amount,
    }
}

fn soak_card(frame: &Frame<'_>, soak: &SoakLine) -> Markup {
    let (have, need) = (amount(soak.have).min(amount(soak.need)), amount(soak.need));
    let said = format!("{}: {} of {}, {}", soak.check.as_str(), soak.have, soak.need, percent(have, need));
    html! {
        li.card {
            h3 { code { (soak.check.as_str()) } " in " (soak.stage.as_str()) }
            (bar(&[("turnout", have)], need, &[], &said))
            p { strong { (soak.have.to_string()) } " of " (soak.need.to_string()) }
            @match &soak.since {
                None => p { "Its clock does not run." },
                Some(since) => p {
                    "Since " (parts::when(frame, since))
                    @if let Some(signal) = &soak.restarted_by { ", restarted by " code { (signal.as_str()) } }
                },
            }
            @if let Some(due) = &soak.due { p { "Enough " (parts::due(frame, due)) } }
        }
    }
}

/// Stages beside each other, a row for each flag.
fn matrix(answer: &BoardAnswer) -> Markup {
    if answer.flags.is_empty() {
        return empty(
            "The plan has no flags.",
            "Flags that come with a plan stand here, with their value at each stage.",
            &[],
        );
    }
    let columns: Vec<&str> = std::iter::once("Flag")
        .chain(std::iter::once("Now"))
        .chain(answer.stages.iter().map(|stage| stage.name.as_str()))
        .collect();
    let rows = html! { @for flag in &answer.flags { (flag_row(answer, flag)) } };
    table("What each flag serves at each stage", &columns, rows)
}

fn flag_row(answer: &BoardAnswer, flag: &BoardFlag) -> Markup {
    html! {
        tr {
            td data-label="Flag" {
                a href={ "/flags/" (answer.plan.name.as_str()) "/" (flag.key.as_str()) } { (flag.key.as_str()) }
                @if flag.is_expired { " " (badge("warn", "expired")) }
                @if let Some(when) = &flag.takes_effect { br; small { "moves " (when) } }
            }
            td data-label="Now" { (served(&flag.now)) }
            @for stage in &answer.stages {
                td data-label=(stage.name.as_str()) {
                    @match flag.cells.iter().find(|cell| cell.stage == stage.name) {
                        Some(found) => (cell(found)),
                        None => "as before",
                    }
                }
            }
        }
    }
}

fn cell(cell: &BoardCell) -> Markup {
    html! {
        (badge(if cell.is_on { "good" } else { "quiet" }, cell.variant.as_str()))
        @if let Some(only) = &cell.only { " for " code { (only.as_str()) } }
    }
}

/// What a flag serves now.
pub(super) fn served(now: &FlagServed) -> Markup {
    let tone = match (now.is_on_for_all, now.is_on_for_some) {
        (true, _) => "good",
        (false, true) => "info",
        (false, false) => "quiet",
    };
    html! {
        @if now.disabled_at.is_some() { (badge("warn", "disabled")) " " }
        @for (place, variant) in now.may_serve.iter().enumerate() {
            @if place > 0 { " or " }
            (badge(tone, variant.as_str()))
        }
        @for segment in &now.segments { " by " code { (segment.as_str()) } }
    }
}

fn live(frame: &Frame<'_>, answer: &BoardAnswer) -> Markup {
    if answer.live.is_empty() {
        return empty("Nothing is under way.", "A change that somebody submits stands here until it is over.", &[]);
    }
    html! {
        @if !answer.emergencies.is_empty() {
            h3 { "Emergencies" }
            (parts::changes(frame, "Emergencies", &answer.described, &answer.emergencies))
        }
        @if !answer.overdue.is_empty() {
            h3 { "Overdue" }
            (parts::changes(frame, "Overdue changes", &answer.described, &answer.overdue))
        }
        h3 { "All of them" }
        (parts::changes(frame, "Changes under way", &answer.described, &answer.live))
    }
}
