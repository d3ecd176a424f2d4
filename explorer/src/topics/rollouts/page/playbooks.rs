//! The page of the playbooks of a plan.

use super::super::answer::{DrillLine, DrillWord, PlaybookLine, PlaybooksAnswer};
use super::checks::outcome;
use super::parts;
use crate::pages::parts::{badge, empty, facts, section, table};
use crate::pages::text::{full_hash, named, stranger};
use crate::pages::{Frame, layout};
use maud::{Markup, html};
use rollouts::verdict::FindingState;

/// What is done when something has gone wrong, and when that was last tried.
pub fn playbooks(frame: &Frame<'_>, answer: &PlaybooksAnswer) -> Markup {
    let plan = answer.plan.as_str();
    let title = format!("Playbooks of {plan}");
    let body = html! {
        h1 { (title) }
        p.intro {
            "How each domain of plan " a href={ "/rollouts/" (plan) } { (plan) } " is brought back, and when that was last tried. The chain "
            "measures how long a drill took, from the block that says it began to the one that says it ended."
        }
        (section("playbooks", "Playbooks", list(frame, answer)))
        @for line in &answer.playbooks {
            (section(&format!("playbook-{}", domain(line)), domain(line), of_playbook(frame, answer, line)))
        }
    };
    layout(frame, &title, "/rollouts", body)
}

fn domain(line: &PlaybookLine) -> &str {
    line.playbook.domain.as_str()
}

fn list(frame: &Frame<'_>, answer: &PlaybooksAnswer) -> Markup {
    if answer.playbooks.is_empty() {
        return empty("The plan has no playbook.", "Playbooks come with a version of the plan.", &[]);
    }
    let plan = answer.plan.as_str();
    let rows = html! {
        @for line in &answer.playbooks {
            @let owner = line.playbook.owner.as_str();
            tr {
                td data-label="Domain" { a href={ "#playbook-" (domain(line)) } { (domain(line)) } }
                td data-label="Kept by" { a href={ "/roles/" (plan) "#role-" (owner) } { (owner) } }
                td data-label="Drill" { (drill_stands(line)) }
                td data-label="Last" {
                    @match line.drills.first() { Some(last) => (parts::when(frame, &last.began.at)), None => "never tried" }
                }
                td data-label="Too old" { @match &line.until { Some(until) => (parts::due(frame, until)), None => "not counted" } }
            }
        }
    };
    table("Playbooks", &["Domain", "Kept by", "Drill", "Last", "Too old"], rows)
}

fn drill_stands(line: &PlaybookLine) -> Markup {
    let Some(state) = line.state else { return html! { "not asked for" } };
    let is_under_way = line.drills.first().is_some_and(|last| last.ended.is_none());
    match state {
        FindingState::Met => badge("good", "met"),
        FindingState::Missing if is_under_way => badge("info", "under way"),
        FindingState::Missing => badge("warn", "missing"),
        FindingState::Expired => badge("warn", "too old"),
        other => badge("bad", &other.to_string().to_lowercase()),
    }
}

fn of_playbook(frame: &Frame<'_>, answer: &PlaybooksAnswer, line: &PlaybookLine) -> Markup {
    let playbook = &line.playbook;
    let document = html! { (stranger(&playbook.doc.to_string())) " " (full_hash(playbook.doc.hash)) };
    let mut pairs = vec![("Document", document)];
    if let Some(rules) = playbook.drill {
        pairs.push(("Tried every", html! { (rules.every.to_string()) ", in at most " (rules.window.to_string()) }));
    }
    if !playbook.disables.is_empty() {
        let flags = html! { @for flag in playbook.disables.iter() { code { (flag.as_str()) } " " } };
        pairs.push(("A rollback switches off", flags));
    }
    if let Some(profile) = &playbook.profile {
        pairs.push(("A rollback brings back the values of", html! { code { (profile.as_str()) } }));
    }
    html! {
        (facts(pairs))
        @if !line.drills.is_empty() { (drills(frame, answer, line)) }
    }
}

fn drills(frame: &Frame<'_>, answer: &PlaybooksAnswer, line: &PlaybookLine) -> Markup {
    let rows = html! { @for drill in &line.drills { (drill_row(frame, answer, drill)) } };
    table(&format!("Drills of {}, the latest first", domain(line)), &["Began", "Ended", "Took"], rows)
}

fn drill_row(frame: &Frame<'_>, answer: &PlaybooksAnswer, drill: &DrillLine) -> Markup {
    html! {
        tr {
            td data-label="Began" { (word(frame, answer, &drill.began)) }
            td data-label="Ended" {
                @match &drill.ended { Some(ended) => (word(frame, answer, ended)), None => "under way" }
            }
            td data-label="Took" { @match drill.took { Some(took) => (took.to_string()), None => "under way" } }
        }
    }
}

fn word(frame: &Frame<'_>, answer: &PlaybooksAnswer, word: &DrillWord) -> Markup {
    html! {
        (outcome(word.outcome)) " by " (named(&answer.described, &word.by.account)) " as "
        code { (word.by.role.as_str()) } ", " (parts::when(frame, &word.at))
    }
}
