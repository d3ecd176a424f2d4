//! The page of the artifacts of a plan.

use super::answer::{ArtifactLine, ArtifactName, ArtifactStage, ArtifactsAnswer};
use super::query::ArtifactsQuery;
use crate::pages::parts::{badge, empty, facts, field, pager, section, size_field, table};
use crate::pages::text::{block, case_link, grouped, hash, named, stranger, when};
use crate::pages::{Frame, layout};
use artifacts::{ArtifactPin, ArtifactStanding, InstalledArtifactRules};
use cases::CaseKind;
use maud::{Markup, html};

/// What can be promoted under a plan, where it stood, and what it is needed for.
pub fn artifacts(frame: &Frame<'_>, query: &ArtifactsQuery, answer: &ArtifactsAnswer) -> Markup {
    let plan = answer.plan.as_str();
    let title = format!("Artifacts of {plan}");
    let body = html! {
        h1 { (title) }
        p.intro {
            "What plan " a href={ "/rollouts/" (plan) } { (plan) } " promotes from stage to stage. What is let go, its owner may "
            "delete; what is needed is not."
        }
        @if let Some(rules) = &answer.rules { (section("rules", "What is asked of them", asked(rules))) }
        (section("stages", "In the stages", stages(&answer.stages)))
        (filters(plan, query))
        (section("artifacts", "Artifacts", list(frame, query, answer)))
    };
    layout(frame, &title, "/rollouts", body)
}

fn asked(rules: &InstalledArtifactRules) -> Markup {
    let mut pairs = vec![("Name", html! { code { (rules.rules.format.to_string()) } })];
    if !rules.rules.meta.is_empty() {
        let said = html! {
            ul.plain {
                @for (key, form) in rules.rules.meta.iter() {
                    li { code { (key.as_str()) } ": " code { (form.to_string()) } }
                }
            }
        };
        pairs.push(("Said of each", said));
    }
    facts(pairs)
}

fn stages(stages: &[ArtifactStage]) -> Markup {
    if stages.is_empty() {
        return empty(
            "No artifacts are registered under this plan.",
            "A plan of an application says what its artifacts are like; what this network itself runs is at the releases.",
            &[],
        );
    }
    let rows = html! {
        @for stage in stages {
            tr {
                td data-label="Stage" { code { (stage.stage.as_str()) } }
                td data-label="Stands" { (one(stage.stands.as_ref(), "nothing")) }
                td data-label="Would go back to" { (one(stage.goes_back_to.as_ref(), "nothing that is good")) }
                td.num data-label="Not let go" { (grouped(stage.kept.into())) }
                td data-label="Keeps" {
                    @match stage.keep { Some(keep) => { "the last " (keep) }, None => "all" }
                }
            }
        }
    };
    table("Stages", &["Stage", "Stands", "Would go back to", "#Not let go", "Keeps"], rows)
}

fn one(artifact: Option<&ArtifactName>, none: &str) -> Markup {
    match artifact {
        Some(artifact) => html! { code { (artifact.name.as_str()) } " " (hash(artifact.digest)) },
        None => html! { (none) },
    }
}

const STANDINGS: [ArtifactStanding; 4] =
    [ArtifactStanding::Candidate, ArtifactStanding::Good, ArtifactStanding::Bad, ArtifactStanding::Released];

fn filters(plan: &str, query: &ArtifactsQuery) -> Markup {
    let select = html! {
        select id="filter-standing" name="standing" {
            option value="" selected[query.standing.is_none()] { "every standing" }
            @for each in STANDINGS {
                option value=(each.to_string()) selected[query.standing == Some(each)] { (each.to_string()) }
            }
        }
    };
    html! {
        form.filters method="get" action={ "/artifacts/" (plan) } aria-label="Filter the artifacts" {
            (field("filter-standing", "Taken for", select))
            (size_field(query.page_size))
            div.actions {
                button type="submit" { "Apply" }
                @if query.standing.is_some() { a href={ "/artifacts/" (plan) } { "Clear" } }
            }
        }
    }
}

fn list(frame: &Frame<'_>, query: &ArtifactsQuery, answer: &ArtifactsAnswer) -> Markup {
    if answer.page.total == 0 {
        return match query.standing {
            Some(_) => empty("No artifact matches.", "Choose another standing, or every one.", &[]),
            None => empty("No artifact is registered yet.", "Whoever may registers one before it is promoted.", &[]),
        };
    }
    let rows = html! { @for line in &answer.page.entries { (row(frame, answer, line)) } };
    let columns = ["Artifact", "Taken for", "Said of it", "Stood in", "Needed for", "Registered"];
    html! {
        (table("Artifacts, the latest first", &columns, rows))
        (pager(frame, &format!("/artifacts/{}", answer.plan.as_str()), &answer.page))
    }
}

fn row(frame: &Frame<'_>, answer: &ArtifactsAnswer, line: &ArtifactLine) -> Markup {
    let (registered, entry) = (&line.registered, &line.registered.artifact);
    html! {
        tr {
            td data-label="Artifact" { code { (entry.name.as_str()) } " " (hash(entry.digest)) }
            td data-label="Taken for" { (standing(registered.standing)) }
            td data-label="Said of it" {
                @if let Some(phase) = &entry.phase { p { "phase " code { (phase.as_str()) } } }
                @for (key, text) in entry.meta.iter() { p { (key.as_str()) " " (stranger(text.as_str())) } }
            }
            td data-label="Stood in" {
                p { a href={ "/changes?artifact=" (entry.digest.to_string()) } { "Its promotions" } }
                @for stood in registered.stood.iter() {
                    p {
                        code { (stood.stage.as_str()) } " since block " (block(stood.height))
                        @if stood.good { " " (badge("good", "verified there")) }
                    }
                }
                @if registered.stood.is_empty() { "no stage" }
            }
            td data-label="Needed for" {
                @for pin in &line.pins { p { (needed(pin)) } }
                @if line.pins.is_empty() { "nothing" }
            }
            td data-label="Registered" {
                (when(frame, &registered.registered)) " by " (named(&answer.described, &registered.by.account)) " as "
                a href={ "/roles/" (answer.plan.as_str()) "#role-" (registered.by.role.as_str()) } {
                    (registered.by.role.as_str())
                }
            }
        }
    }
}

fn standing(standing: ArtifactStanding) -> Markup {
    let tone = match standing {
        ArtifactStanding::Candidate => "info",
        ArtifactStanding::Good => "good",
        ArtifactStanding::Bad => "bad",
        ArtifactStanding::Released => "quiet",
    };
    badge(tone, &standing.to_string())
}

fn needed(pin: &ArtifactPin) -> Markup {
    match pin {
        ArtifactPin::Incident(case) => html! { (case_link(CaseKind::Incident, case.0)) " is about its place" },
        ArtifactPin::Hold(case) => html! { (case_link(CaseKind::Hold, case.0)) " keeps it" },
        ArtifactPin::Stands(stage) => html! { "stands in " code { (stage.as_str()) } },
        ArtifactPin::Good(stage) => html! { code { (stage.as_str()) } " would go back to it" },
        ArtifactPin::Previous(stage) => html! { "stood in " code { (stage.as_str()) } " before" },
    }
}
