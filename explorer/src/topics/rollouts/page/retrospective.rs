//! The pages of those who look back on a quarter.

use super::super::answer::{
    FlagQuarter, QuarterDrill, QuarterIncident, QuarterTurn, RetrospectiveAnswer, RetrospectivesAnswer,
};
use super::super::retrospective::{done, lasted};
use super::checks::outcome;
use super::parts;
use crate::pages::parts::{badge, empty, section, table};
use crate::pages::text::{case_link, change_link, moment, named, time};
use crate::pages::{Frame, layout};
use cases::CaseKind;
use maud::{Markup, html};

/// The quarters that a plan was there in.
pub fn retrospectives(frame: &Frame<'_>, answer: &RetrospectivesAnswer) -> Markup {
    let plan = answer.plan.as_str();
    let title = format!("Retrospectives of {plan}");
    let rows = html! {
        @for line in &answer.quarters {
            tr {
                td data-label="Quarter" { a href={ "/retrospectives/" (plan) "/" (line.quarter) } { (line.quarter) } }
                td data-label="From" { (time(frame, line.from)) }
                td data-label="Until" { (time(frame, line.until)) }
                td data-label="Stands" { @if line.is_over { (badge("quiet", "over")) } @else { (badge("info", "running")) } }
            }
        }
    };
    let body = html! {
        h1 { (title) }
        p.intro { "What plan " a href={ "/rollouts/" (plan) } { (plan) } " went through, quarter by quarter, in UTC." }
        (section("quarters", "Quarters", table("Quarters, the latest first", &["Quarter", "From", "Until", "Stands"], rows)))
    };
    layout(frame, &title, "/rollouts", body)
}

/// What a plan went through in a quarter.
pub fn retrospective(frame: &Frame<'_>, answer: &RetrospectiveAnswer) -> Markup {
    let (plan, quarter) = (answer.plan.as_str(), &answer.quarter);
    let title = format!("Retrospective of {plan}, {}", quarter.quarter);
    let body = html! {
        h1 { (title) }
        p.intro {
            "What plan " a href={ "/rollouts/" (plan) } { (plan) } " went through from " (time(frame, quarter.from)) " until "
            (time(frame, quarter.until)) ". Times are those of blocks."
        }
        @if !quarter.is_over { p { (badge("info", "running")) " The quarter is not over." } }
        (section("flags", "Gates and flags", flags(answer)))
        (section("moves", "How they were moved", moves(frame, answer)))
        (section("stages", "Stages entered and gone back from", turns(frame, "Changes that moved stages", &answer.stages)))
        (section("freezes", "Freezes and pauses", turns(frame, "Freezes and pauses", &answer.freezes)))
        (section("lapses", "Lapses", turns(frame, "What was late", &answer.lapses)))
        (section("incidents", "Incidents", incidents(frame, &answer.incidents)))
        (section("drills", "Drills", drills(frame, answer)))
        (section("download", "Download", html! {
            p {
                a.button href={ "/retrospectives/" (plan) "/" (quarter.quarter) "/markdown" } download { "The same as Markdown" }
            }
        }))
        p { a href={ "/retrospectives/" (plan) } { "All quarters of plan " (plan) } }
    };
    layout(frame, &title, "/rollouts", body)
}

fn flags(answer: &RetrospectiveAnswer) -> Markup {
    if answer.flags.is_empty() {
        return empty("There was no flag.", "Flags come with a plan, or somebody defines them who may.", &[]);
    }
    let rows = html! { @for flag in &answer.flags { (flag_rows(answer.plan.as_str(), flag)) } };
    table("For how long each flag served what", &["Flag", "Where", "Stage", "Served", "For"], rows)
}

fn flag_rows(plan: &str, flag: &FlagQuarter) -> Markup {
    html! {
        @for spent in &flag.spent {
            tr {
                td data-label="Flag" {
                    a href={ "/flags/" (plan) "/" (flag.key.as_str()) } { (flag.key.as_str()) }
                    @if flag.flips.is_empty() { " " (badge("quiet", "not moved")) }
                }
                td data-label="Where" { (parts::path(&spent.path)) }
                td data-label="Stage" { @match &spent.stage { Some(stage) => code { (stage.as_str()) }, None => "none" } }
                td data-label="Served" {
                    @for (place, variant) in spent.variants.iter().enumerate() {
                        @if place > 0 { " or " }
                        code { (variant.as_str()) }
                    }
                }
                td data-label="For" { (lasted(spent.ms)) }
            }
        }
    }
}

fn moves(frame: &Frame<'_>, answer: &RetrospectiveAnswer) -> Markup {
    if answer.flags.iter().all(|flag| flag.flips.is_empty()) {
        return empty("None was moved.", "Each served all the time what it served when the quarter began.", &[]);
    }
    let rows = html! {
        @for flag in &answer.flags {
            @for flip in &flag.flips {
                tr {
                    td data-label="Flag" { code { (flag.key.as_str()) } }
                    td data-label="When" { (parts::when(frame, &flip.at)) }
                    td data-label="Where" { (parts::path(&flip.path)) }
                    td data-label="By" { (change_link(flip.change.0)) }
                    td data-label="Ticket" {
                        @match &flip.ticket { Some(ticket) => code { (ticket.as_str()) }, None => "none" }
                    }
                }
            }
        }
    };
    table("Moves, by flags and in their order", &["Flag", "When", "Where", "By", "Ticket"], rows)
}

fn turns(frame: &Frame<'_>, caption: &str, turns: &[QuarterTurn]) -> Markup {
    if turns.is_empty() {
        return empty("There was none.", "The log of the quarter has no such fact.", &[]);
    }
    let rows = html! {
        @for turn in turns {
            tr {
                td data-label="Change" { (change_link(turn.change.0)) }
                td data-label="What" {
                    (turn.kind.to_string()) @if let Some(stage) = &turn.stage { " " code { (stage.as_str()) } } ", " (done(turn.what))
                }
                td data-label="When" { (moment(frame, &turn.at)) }
                td data-label="Ticket" { @match &turn.ticket { Some(ticket) => code { (ticket.as_str()) }, None => "none" } }
            }
        }
    };
    table(caption, &["Change", "What", "When", "Ticket"], rows)
}

fn incidents(frame: &Frame<'_>, incidents: &[QuarterIncident]) -> Markup {
    if incidents.is_empty() {
        return empty("There was none.", "No incident was open in the quarter.", &[]);
    }
    let rows = html! {
        @for incident in incidents {
            tr {
                td data-label="Incident" { (case_link(CaseKind::Incident, incident.id.0)) }
                td data-label="Where" { (parts::path(&incident.path)) }
                td data-label="Severity" {
                    @match incident.severity { Some(severity) => (severity.to_string()), None => "not said" }
                }
                td data-label="Opened" { (parts::when(frame, &incident.opened)) }
                td data-label="Resolved" {
                    @match incident.resolved_in_ms {
                        Some(ms) => { "in " (lasted(ms)) },
                        None => { "no: " (incident.step.to_string()) },
                    }
                }
            }
        }
    };
    table("Incidents", &["Incident", "Where", "Severity", "Opened", "Resolved"], rows)
}

fn drills(frame: &Frame<'_>, answer: &RetrospectiveAnswer) -> Markup {
    if answer.drills.is_empty() {
        return empty("There was none.", "No drill of a playbook began in the quarter.", &[]);
    }
    let rows = html! { @for drill in &answer.drills { (drill_row(frame, answer, drill)) } };
    table("Drills", &["Playbook", "Began", "By", "Ended", "Took"], rows)
}

fn drill_row(frame: &Frame<'_>, answer: &RetrospectiveAnswer, drill: &QuarterDrill) -> Markup {
    let (domain, drill) = (drill.domain.as_str(), &drill.drill);
    html! {
        tr {
            td data-label="Playbook" { a href={ "/playbooks/" (answer.plan.as_str()) "#playbook-" (domain) } { (domain) } }
            td data-label="Began" { (parts::when(frame, &drill.began.at)) }
            td data-label="By" { (named(&answer.described, &drill.began.by.account)) }
            td data-label="Ended" {
                @match &drill.ended { Some(ended) => (outcome(ended.outcome)), None => "not ended" }
            }
            td data-label="Took" { @match drill.took { Some(took) => (took.to_string()), None => "not ended" } }
        }
    }
}
