//! How far cases have come, how bad they are, and what was said about them, as words.

use crate::pages::Frame;
use crate::pages::parts::badge;
use crate::pages::text::{block, case_link, change_link, named, stranger, time, words_of_strangers};
use crate::topics::cases::answer::CaseEntry;
use cases::{
    CaseBody, CaseKind, CaseStep, Containment, DutyOfChange, HoldBody, IncidentBody, IncidentCause, ReportBody,
    RiskBody,
};
use maud::{Markup, html};
use primitives::{AlertSeverity, Name};
use roles::Actor;
use rpc::views::Descriptions;

/// How far a case has come, and how bad it is.
pub(super) fn stands(entry: &CaseEntry) -> Markup {
    html! {
        (step(entry.step))
        @if let Some(severity) = entry.severity {
            " " (badge(tone(severity), &severity.to_string()))
            @if entry.step == CaseStep::Detected { " at least" }
        }
    }
}

fn step(step: CaseStep) -> Markup {
    let tone = match step {
        CaseStep::Reported | CaseStep::Detected | CaseStep::Open | CaseStep::Held => "warn",
        CaseStep::Classified | CaseStep::Responded | CaseStep::Mitigated | CaseStep::Accepted => "info",
        CaseStep::Taken | CaseStep::Resolved | CaseStep::Closed | CaseStep::Released => "good",
        CaseStep::Dismissed | CaseStep::Abandoned => "quiet",
    };
    badge(tone, &step.to_string())
}

fn tone(severity: AlertSeverity) -> &'static str {
    match severity {
        AlertSeverity::Info => "info",
        AlertSeverity::Warn => "warn",
        AlertSeverity::Critical => "bad",
    }
}

/// Who did something, and in which role of a plan.
pub(super) fn actor(described: &Descriptions, plan: &Name, by: &Actor) -> Markup {
    html! { (named(described, &by.account)) " as " (role(plan, &by.role)) }
}

/// A role of a plan.
pub(super) fn role(plan: &Name, role: &Name) -> Markup {
    html! { a href={ "/roles/" (plan.as_str()) "#role-" (role.as_str()) } { (role.as_str()) } }
}

/// What a case is about, and what came of it, in short.
pub(super) fn short(frame: &Frame<'_>, described: &Descriptions, entry: &CaseEntry) -> Markup {
    match &entry.body {
        CaseBody::Report(report) => of_report(described, report),
        CaseBody::Incident(incident) => of_incident(described, incident),
        CaseBody::Risk(risk) => of_risk(frame, &entry.plan, risk),
        CaseBody::Hold(hold) => of_hold(frame, hold),
    }
}

fn of_report(described: &Descriptions, report: &ReportBody) -> Markup {
    html! {
        @match &report.signal {
            Some(signal) => {
                p { (named(described, &signal.account)) " said that " code { (signal.key.as_str()) } " failed, and was wrong before." }
            },
            None => (words_of_strangers(report.observation.as_str())),
        }
        @if let Some(incident) = report.taken { p { "Taken up by " (case_link(CaseKind::Incident, incident.0)) "." } }
        @if let Some(reason) = &report.dismissed { p { "Nothing came of it:" } (words_of_strangers(reason.as_str())) }
    }
}

fn of_incident(described: &Descriptions, incident: &IncidentBody) -> Markup {
    html! {
        p { (cause(described, &incident.cause)) }
        @if !incident.observation.as_str().is_empty() { (words_of_strangers(incident.observation.as_str())) }
    }
}

/// Why an incident was opened.
pub(super) fn cause(described: &Descriptions, cause: &IncidentCause) -> Markup {
    match cause {
        IncidentCause::ByHand { report, duty } => html! {
            "Somebody noticed it"
            @if let Some(report) = report { ", by " (case_link(CaseKind::Report, report.0)) }
            @if let Some(duty) = duty { ", in place of " (duty_of(duty)) }
        },
        IncidentCause::Missed(duty) => html! { (duty_of(duty)) " was not met in time" },
        IncidentCause::Rollback(change) => html! { "A stage is rolled back by " (change_link(change.0)) },
        IncidentCause::Signal(signal) => html! {
            (named(described, &signal.account)) " said that " code { (signal.key.as_str()) } " failed"
        },
    }
}

fn duty_of(duty: &DutyOfChange) -> Markup {
    html! { code { (duty.check.as_str()) } " of " (change_link(duty.change.0)) }
}

/// What contains an incident: in which way, and the change.
pub(super) fn containment(containment: &Containment) -> (&'static str, Markup) {
    match containment {
        Containment::FeatureFlag(change) => ("flags were moved", change_link(change.0)),
        Containment::Rollback(change) => ("a stage was rolled back", change_link(change.0)),
        Containment::PolicyLock(Some(change)) => ("changes were stopped", change_link(change.0)),
        Containment::PolicyLock(None) => ("nothing is promoted there", html! { "the incident itself" }),
    }
}

fn of_risk(frame: &Frame<'_>, plan: &Name, risk: &RiskBody) -> Markup {
    html! {
        (words_of_strangers(risk.text.as_str()))
        p { (role(plan, &risk.owner)) " answers for it." }
        @if let Some(accepted) = &risk.acceptance { p { "It is lived with until its review, " (time(frame, accepted.review)) "." } }
    }
}

fn of_hold(frame: &Frame<'_>, hold: &HoldBody) -> Markup {
    html! {
        (words_of_strangers(hold.reason.as_str()))
        @if !hold.reference.as_str().is_empty() { p { "Reference " (stranger(hold.reference.as_str())) } }
        p { "From block " (block(hold.from)) " on, until " (time(frame, hold.until)) }
    }
}
