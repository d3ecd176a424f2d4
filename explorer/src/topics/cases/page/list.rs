//! The pages of the cases of a kind.

use super::said;
use crate::pages::parts::{empty, field, pager, section, size_field, table, text_field};
use crate::pages::text::{case_link, named, path, section_of, when};
use crate::pages::{Frame, layout};
use crate::topics::cases::answer::{CaseEntry, CasesAnswer};
use crate::topics::cases::query::CasesQuery;
use cases::{CaseKind, CaseStep};
use maud::{Markup, html};

/// The cases of a kind, those that are open first.
pub fn cases(frame: &Frame<'_>, query: &CasesQuery, answer: &CasesAnswer) -> Markup {
    let (title, place) = (title(answer.kind), section_of(answer.kind));
    let body = html! {
        h1 { (title) }
        p.intro { (intro(answer.kind)) }
        nav aria-label="Kinds of cases" {
            ul.about {
                @for kind in [CaseKind::Incident, CaseKind::Report, CaseKind::Risk, CaseKind::Hold] {
                    li { a href=(section_of(kind)) aria-current=[(kind == answer.kind).then_some("page")] { (self::title(kind)) } }
                }
            }
        }
        (filters(query, answer.kind, place))
        (section("cases", &format!("All {}", title.to_lowercase()), list(frame, query, answer, place)))
    };
    layout(frame, title, "/incidents", body)
}

fn title(kind: CaseKind) -> &'static str {
    match kind {
        CaseKind::Report => "Reports",
        CaseKind::Incident => "Incidents",
        CaseKind::Risk => "Risks",
        CaseKind::Hold => "Holds",
    }
}

fn intro(kind: CaseKind) -> &'static str {
    match kind {
        CaseKind::Report => {
            "What anybody noticed and told of, and what came of it. A report stops nothing until a role takes it up."
        }
        CaseKind::Incident => "What went wrong. Nothing is promoted where an incident is open, nor below.",
        CaseKind::Risk => "What could go wrong, who answers for it, and what was done against it.",
        CaseKind::Hold => "What has records and artifacts kept, whatever their time is.",
    }
}

/// How far cases of a kind come, in order.
fn steps(kind: CaseKind) -> &'static [CaseStep] {
    match kind {
        CaseKind::Report => &[CaseStep::Reported, CaseStep::Taken, CaseStep::Dismissed, CaseStep::Abandoned],
        CaseKind::Incident => {
            &[CaseStep::Detected, CaseStep::Classified, CaseStep::Responded, CaseStep::Resolved, CaseStep::Abandoned]
        }
        CaseKind::Risk => {
            &[CaseStep::Open, CaseStep::Mitigated, CaseStep::Accepted, CaseStep::Closed, CaseStep::Abandoned]
        }
        CaseKind::Hold => &[CaseStep::Held, CaseStep::Released, CaseStep::Abandoned],
    }
}

fn filters(query: &CasesQuery, kind: CaseKind, place: &str) -> Markup {
    let select = html! {
        select id="filter-step" name="step" {
            option value="" selected[query.step.is_none()] { "every step" }
            @for each in steps(kind) {
                option value=(each.to_string()) selected[query.step == Some(*each)] { (each.to_string()) }
            }
        }
    };
    html! {
        form.filters method="get" action=(place) aria-label="Filter the cases" {
            (text_field("plan", "Plan", query.plan.as_ref().map(ToString::to_string), "name of a plan"))
            (field("filter-step", "Step", select))
            (size_field(query.page_size))
            div.actions {
                button type="submit" { "Apply" }
                @if query.step.is_some() || query.plan.is_some() { a href=(place) { "Clear" } }
            }
        }
    }
}

fn list(frame: &Frame<'_>, query: &CasesQuery, answer: &CasesAnswer, place: &str) -> Markup {
    if answer.page.total == 0 {
        return match query.step.is_some() || query.plan.is_some() {
            true => empty("No case matches.", "Choose another plan or step, or every one.", &[]),
            false => nothing(answer.kind),
        };
    }
    let rows = html! { @for entry in &answer.page.entries { (row(frame, answer, entry)) } };
    html! {
        (table(title(answer.kind), &["Case", "Stands", "What", "Where", "Opened", "By"], rows))
        (pager(frame, place, &answer.page))
    }
}

fn nothing(kind: CaseKind) -> Markup {
    match kind {
        CaseKind::Report => empty("Nobody has reported anything.", "Anybody may, for a deposit that comes back.", &[]),
        CaseKind::Incident => empty(
            "Nothing has gone wrong that anybody told of.",
            "An incident is opened by a role that may, by a missed vote, by a rollback, or by a signal that failed.",
            &[],
        ),
        CaseKind::Risk => empty("No risk is in the register.", "Whoever may enter one does it under a plan.", &[]),
        CaseKind::Hold => empty("Nothing is held.", "A hold keeps records and artifacts until it is over.", &[]),
    }
}

fn row(frame: &Frame<'_>, answer: &CasesAnswer, entry: &CaseEntry) -> Markup {
    html! {
        tr {
            td data-label="Case" { (case_link(entry.kind, entry.id.0)) }
            td data-label="Stands" { (said::stands(entry)) }
            td data-label="What" { (said::short(frame, &answer.described, entry)) }
            td data-label="Where" {
                a href={ "/rollouts/" (entry.plan.as_str()) } { (entry.plan.as_str()) } " " (path(&entry.path))
            }
            td data-label="Opened" { (when(frame, &entry.opened)) }
            td data-label="By" {
                @match &entry.by { Some(by) => (named(&answer.described, by)), None => "the chain" }
            }
        }
    }
}
