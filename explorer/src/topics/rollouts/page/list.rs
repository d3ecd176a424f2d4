//! The pages of plans and of changes.

use super::super::answer::{ChangesAnswer, PlanLine, PlansAnswer};
use super::super::query::ChangesQuery;
use super::parts;
use crate::pages::parts::{badge, empty, field, pager, section, size_field, table, text_field};
use crate::pages::text::{grouped, hash, stranger};
use crate::pages::{Frame, layout};
use maud::{Markup, html};
use rpc::views::ChangeStateName;

/// Every plan, and what is live.
pub fn plans(frame: &Frame<'_>, answer: &PlansAnswer) -> Markup {
    let body = html! {
        h1 { "Rollouts" }
        p.intro {
            "What this network and its applications let change, in which order, and on whose word: plans, the stages that stand, and "
            "what is under way."
        }
        (section("plans", "Plans", plan_table(frame, answer)))
        (section("live", "Under way", live(frame, answer)))
    };
    layout(frame, "Rollouts", "/rollouts", body)
}

fn plan_table(frame: &Frame<'_>, answer: &PlansAnswer) -> Markup {
    if answer.plans.is_empty() {
        return empty(
            "No plan governs anything here.",
            "A network has a plan from its genesis on, or by a vote of the stake; an application installs its own.",
            &[],
        );
    }
    let rows = html! { @for plan in &answer.plans { (plan_row(frame, plan)) } };
    table("Plans", &["Plan", "Title", "#Version", "Stage", "Next", "Installed", "Bundle"], rows)
}

fn plan_row(frame: &Frame<'_>, plan: &PlanLine) -> Markup {
    html! {
        tr {
            td data-label="Plan" {
                a href={ "/rollouts/" (plan.name.as_str()) } { (plan.name.as_str()) }
                @if plan.is_of_node { " " (badge("info", "this network")) }
                @if plan.retired { " " (badge("quiet", "retired")) }
            }
            td data-label="Title" { (stranger(&plan.title)) }
            td.num data-label="Version" { (grouped(plan.version.into())) }
            td data-label="Stage" {
                @match &plan.stage { Some(stage) => code { (stage.as_str()) }, None => "none stands" }
            }
            td data-label="Next" { @match &plan.next_stage { Some(stage) => code { (stage.as_str()) }, None => "none" } }
            td data-label="Installed" { (parts::when(frame, &plan.installed)) }
            td data-label="Bundle" { (hash(plan.bundle)) }
        }
    }
}

fn live(frame: &Frame<'_>, answer: &PlansAnswer) -> Markup {
    if answer.live.is_empty() {
        return empty("Nothing is under way.", "A change that somebody submits stands here until it is over.", &[]);
    }
    html! {
        (parts::changes(frame, "Changes under way", &answer.described, &answer.live))
        p { a href="/changes" { "Every change" } }
    }
}

/// Changes, the latest first.
pub fn changes(frame: &Frame<'_>, query: &ChangesQuery, answer: &ChangesAnswer) -> Markup {
    let body = html! {
        h1 { "Changes" }
        p.intro { "Whatever altered, or is to alter, what a plan governs: promotions, flips of flags, emergencies, pauses." }
        (filters(query))
        (section("changes", "All changes", list(frame, query, answer)))
    };
    layout(frame, "Changes", "/changes", body)
}

const STATES: [ChangeStateName; 6] = [
    ChangeStateName::Open,
    ChangeStateName::Approved,
    ChangeStateName::Active,
    ChangeStateName::Closed,
    ChangeStateName::Reverted,
    ChangeStateName::Ended,
];

fn filters(query: &ChangesQuery) -> Markup {
    let select = html! {
        select id="filter-state" name="state" {
            option value="" selected[query.state.is_none()] { "every state" }
            @for each in STATES {
                option value=(each.to_string()) selected[query.state == Some(each)] { (each.to_string()) }
            }
        }
    };
    html! {
        form.filters method="get" action="/changes" aria-label="Filter the changes" {
            (text_field("plan", "Plan", query.plan.as_ref().map(ToString::to_string), "name of a plan"))
            (text_field("artifact", "Artifact", query.artifact.map(|artifact| artifact.to_string()), "BLAKE3 of an artifact or a build"))
            (field("filter-state", "State", select))
            (size_field(query.page_size))
            div.actions {
                button type="submit" { "Apply" }
                @if query.is_filtered() { a href="/changes" { "Clear" } }
            }
        }
    }
}

fn list(frame: &Frame<'_>, query: &ChangesQuery, answer: &ChangesAnswer) -> Markup {
    if answer.page.total == 0 {
        return match query.is_filtered() {
            true => empty("No change matches.", "Choose another plan or state, or every one.", &[]),
            false => {
                empty("Nobody has asked for a change yet.", "A change appears here as soon as it is in a block.", &[])
            }
        };
    }
    html! {
        (parts::changes(frame, "Changes", &answer.described, &answer.page.entries))
        (pager(frame, "/changes", &answer.page))
    }
}
