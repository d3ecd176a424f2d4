//! The page of one case.

use super::said;
use crate::pages::parts::{badge, empty, facts, section, table};
use crate::pages::text::{
    block, elsewhere, full_hash, grouped, named, path, section_of, stranger, time, when, words_of_strangers,
};
use crate::pages::{Frame, layout, words};
use crate::topics::cases::answer::{CaseAnswer, CaseEntry};
use accounts::LinkFlaw;
use cases::{CaseBody, CaseKind, HoldBody, IncidentBody, PublicReport, Recovery, ReportBody, RiskBody};
use flags::{Gate, Gates};
use maud::{Markup, html};
use primitives::capitalised;

/// A case, with all that was said about it.
pub fn case(frame: &Frame<'_>, answer: &CaseAnswer) -> Markup {
    let entry = &answer.entry;
    let title = format!("{} {}", capitalised(&entry.kind.to_string()), grouped(entry.id.0));
    let body = html! {
        h1 { (title) }
        div.verdict id="verdict" data-live {
            p { (said::stands(entry)) " since " (when(frame, &entry.since)) }
            @if let Some(next) = &answer.next { p { "Next: " (next) "." } }
        }
        (section("case", "The case", overview(frame, answer)))
        @match &entry.body {
            CaseBody::Report(report) => (section("report", "What was noticed", of_report(frame, answer, report))),
            CaseBody::Incident(incident) => (of_incident(answer, incident)),
            CaseBody::Risk(risk) => (section("risk", "The risk", of_risk(frame, answer, risk))),
            CaseBody::Hold(hold) => (section("hold", "What is held, and why", of_hold(frame, answer, hold))),
        }
        (section("milestones", "What happened", words::milestones(frame, &answer.milestones)))
        ul {
            li { a href={ "/audit?case_id=" (entry.id.0) } { "Everything on record about it, refusals included" } }
            li { a href={ (section_of(entry.kind)) "?plan=" (entry.plan.as_str()) } { "Others of the plan" } }
        }
    };
    layout(frame, &title, "/incidents", body)
}

fn overview(frame: &Frame<'_>, answer: &CaseAnswer) -> Markup {
    let entry = &answer.entry;
    let by = match &entry.by {
        Some(by) => named(&answer.described, by),
        None => html! { "the chain" },
    };
    let mut pairs = vec![
        ("Plan", html! { a href={ "/rollouts/" (entry.plan.as_str()) } { (entry.plan.as_str()) } }),
        ("Where", path(&entry.path)),
        ("Opened", when(frame, &entry.opened)),
        ("By", by),
    ];
    if !entry.wider.is_empty() {
        pairs.push(("Stops as well", html! { @for wider in &entry.wider { (path(wider)) " " } }));
    }
    pairs.extend(keeps(entry).map(|kept| ("Keeps", kept)));
    facts(pairs)
}

/// What is kept because of it while it is open.
fn keeps(entry: &CaseEntry) -> Option<Markup> {
    let is_keeping = matches!(entry.kind, CaseKind::Incident | CaseKind::Hold) && !entry.step.is_last();
    is_keeping.then(|| html! { "records and artifacts of its place, from block " (block(entry.keeps_from)) " on" })
}

fn of_report(frame: &Frame<'_>, answer: &CaseAnswer, report: &ReportBody) -> Markup {
    html! {
        (said::short(frame, &answer.described, &answer.entry))
        @if let Some(deposit) = &report.deposit {
            p { (deposit.amount.grouped()) " tokens are held for it until somebody looks at it." }
        }
    }
}

fn of_incident(answer: &CaseAnswer, incident: &IncidentBody) -> Markup {
    html! {
        (section("incident", "What went wrong", noticed(answer, incident)))
        (section("containments", "What contains it", containments(incident)))
        (section("recovery", "How it came back", recovery(incident.recovery.as_deref())))
        (section("gates", "The gates of this network when it was opened", gates(&incident.gates)))
    }
}

fn noticed(answer: &CaseAnswer, incident: &IncidentBody) -> Markup {
    let (described, plan) = (&answer.described, &answer.entry.plan);
    let mut pairs = vec![("Why it is open", said::cause(described, &incident.cause))];
    let stage = incident.stage.as_ref().map_or_else(|| html! { "all" }, |stage| html! { code { (stage.as_str()) } });
    pairs.push(("Stage", stage));
    pairs.extend(incident.module.as_ref().map(|module| ("About", html! { code { (module.as_str()) } })));
    pairs.extend(incident.classified_by.as_ref().map(|by| ("Classified by", said::actor(described, plan, by))));
    html! {
        (facts(pairs))
        @if !incident.observation.as_str().is_empty() {
            h3 { "What was noticed" }
            (words_of_strangers(incident.observation.as_str()))
        }
        @if !incident.impact.as_str().is_empty() {
            h3 { "What it did, to whom" }
            (words_of_strangers(incident.impact.as_str()))
        }
    }
}

fn containments(incident: &IncidentBody) -> Markup {
    if incident.containments.is_empty() {
        return empty("Nobody has said what contains it.", "Whoever responds to it names the changes that do.", &[]);
    }
    let rows = html! {
        @for containment in incident.containments.iter() {
            @let (how, by) = said::containment(containment);
            tr { td data-label="How" { (how) } td data-label="By" { (by) } }
        }
    };
    table("What contains it", &["How", "By"], rows)
}

fn recovery(recovery: Option<&Recovery>) -> Markup {
    let Some(recovery) = recovery else {
        return empty("It is not over.", "What was learned of it stands here once it is.", &[]);
    };
    html! {
        @if recovery.unfounded { p { (badge("quiet", "unfounded")) " There was nothing wrong." } }
        (words_of_strangers(recovery.statement.as_str()))
        h3 { "Why it happened" }
        (words_of_strangers(recovery.root_cause.as_str()))
        (facts(std::iter::once(("What shows it", full_hash(recovery.verification)))
            .chain(recovery.public_report.as_ref().map(|report| ("Public report", public_report(report))))
            .collect()))
    }
}

/// A place that is no link by the rules for links of accounts is a text.
fn public_report(report: &PublicReport) -> Markup {
    let uri = report.uri.as_str();
    html! {
        @if LinkFlaw::of(uri).is_none() { (elsewhere(uri)) } @else { (stranger(uri)) }
        " " (full_hash(report.digest))
    }
}

fn gates(gates: &Gates) -> Markup {
    let rows = html! {
        @for gate in Gate::ALL {
            tr {
                td data-label="Gate" { code { (gate.to_string()) } }
                td data-label="Stood" {
                    @match gates.limited_to(*gate) {
                        Some(segment) => { "on for " code { (segment.as_str()) } },
                        None if gates.is_on_for_all(*gate) => (badge("good", "on")),
                        None => (badge("quiet", "off")),
                    }
                }
            }
        }
    };
    table("Gates of this network", &["Gate", "Stood"], rows)
}

fn of_risk(frame: &Frame<'_>, answer: &CaseAnswer, risk: &RiskBody) -> Markup {
    let plan = &answer.entry.plan;
    html! {
        (words_of_strangers(risk.text.as_str()))
        p { (said::role(plan, &risk.owner)) " answers for it." }
        @if !risk.mitigation.as_str().is_empty() {
            h3 { "What was done against it" }
            (words_of_strangers(risk.mitigation.as_str()))
        }
        @if let Some(accepted) = &risk.acceptance {
            h3 { "Why it is lived with" }
            (words_of_strangers(accepted.reason.as_str()))
            p { "Until its review, " (time(frame, accepted.review)) ", by " (said::actor(&answer.described, plan, &accepted.by)) }
        }
        @if let Some(reason) = &risk.closed {
            h3 { "Why it is none any more" }
            (words_of_strangers(reason.as_str()))
        }
    }
}

fn of_hold(frame: &Frame<'_>, answer: &CaseAnswer, hold: &HoldBody) -> Markup {
    let (described, plan) = (&answer.described, &answer.entry.plan);
    html! {
        (said::short(frame, described, &answer.entry))
        p { "Asked for by " (said::actor(described, plan, &hold.by)) }
        @if let Some(epoch) = hold.until_epoch { p { "At the latest until epoch " (grouped(epoch.0)) " begins." } }
        @if hold.waits() { p { (badge("warn", "waits")) " It lasts until " (time(frame, hold.asked)) " if another member confirms it." } }
        @if let Some(confirmed) = &hold.confirmed {
            p { "Confirmed by " (said::actor(described, plan, &confirmed.by)) }
            (words_of_strangers(confirmed.reason.as_str()))
        }
        @if let Some(reason) = &hold.released { h3 { "Why it was released" } (words_of_strangers(reason.as_str())) }
    }
}
