//! Reports, incidents, risks and holds.

use super::names;
use super::screen::{Screen, TableCell, grouped};
use super::words::{or_dash, sentence};
use cases::{CaseBody, CaseKind, HoldBody, IncidentBody, ReportBody, RiskBody};
use primitives::Path;
use roles::Actor;
use rpc::views::{CaseDetail, CaseSummary, FoundPage};

/// Draws a page of cases of a kind.
pub fn list(screen: &Screen, kind: CaseKind, page: &FoundPage<CaseSummary>) -> String {
    let rows: Vec<Vec<TableCell>> = page.found.entries.iter().map(|case| row(screen, case)).collect();
    let header = ["CASE", "PLAN", "WHERE", "STANDS", "SEVERITY", "OPENED"];
    screen.table(&header, &rows, &format!("No {kind}s.")) + &super::releases::rest_to_find(screen, page)
}

fn row(screen: &Screen, case: &CaseSummary) -> Vec<TableCell> {
    let head = &case.head;
    vec![
        TableCell::number(case.id),
        TableCell::text(&head.plan),
        TableCell::text(place(&head.path)),
        TableCell::text(head.step),
        TableCell::text(or_dash(head.severity)),
        TableCell::text(screen.time(head.opened.time)),
    ]
}

fn place(path: &Path) -> String {
    if path.is_root() { "everywhere".into() } else { path.to_string() }
}

/// Draws a case.
pub fn case(screen: &Screen, view: &CaseDetail) -> String {
    let (id, head) = (view.summary.id, &view.summary.head);
    let mut fields = vec![
        ("Case", format!("{id}, {} of plan {}", head.kind, head.plan)),
        ("Where", place(&head.path)),
        ("Stands", format!("{}, since block {}, {}", head.step, head.since.height, screen.time(head.since.time))),
    ];
    fields.extend(head.severity.map(|severity| ("Severity", severity.to_string())));
    let by = head.by.as_ref().map_or_else(|| "the chain".into(), |by| names::named(&view.described, by));
    fields.push(("Opened", format!("in block {}, {}", head.opened.height, screen.time(head.opened.time))));
    fields.push(("By", by));
    match &view.body {
        Some(CaseBody::Report(report)) => fields.extend(of_report(report)),
        Some(CaseBody::Incident(incident)) => fields.extend(of_incident(view, incident)),
        Some(CaseBody::Risk(risk)) => fields.extend(of_risk(screen, view, risk)),
        Some(CaseBody::Hold(hold)) => fields.extend(of_hold(screen, view, hold)),
        None => fields.push(("Said", "what was said about it is kept no longer; an explorer has it".into())),
    }
    fields.extend(view.next.as_ref().map(|next| ("Next", sentence(next))));
    screen.fields(&fields)
}

type Field = (&'static str, String);

fn of_report(report: &ReportBody) -> Vec<Field> {
    let mut fields = vec![("Observation", report.observation.to_string())];
    let held = |deposit: &governance::Deposit| ("Deposit", format!("{} held", grouped(deposit.amount)));
    fields.extend(report.deposit.as_ref().map(held));
    fields.extend(report.signal.as_ref().map(|signal| ("Signal", signal.key.to_string())));
    fields.extend(report.taken.map(|incident| ("Taken up", format!("by incident {incident}"))));
    fields.extend(report.dismissed.as_ref().map(|reason| ("Dismissed", format!("because {reason}"))));
    fields
}

fn of_incident(view: &CaseDetail, incident: &IncidentBody) -> Vec<Field> {
    let mut fields = vec![("Cause", sentence(&incident.cause.to_string()))];
    let said = [("Observation", &incident.observation), ("Impact", &incident.impact)];
    let said = said.into_iter().filter(|(_, text)| !text.as_str().is_empty());
    fields.extend(said.map(|(label, text)| (label, text.to_string())));
    fields.extend(incident.stage.as_ref().map(|stage| ("Stage", stage.to_string())));
    fields.extend(incident.module.as_ref().map(|module| ("Module", module.to_string())));
    fields.extend(incident.classified_by.as_ref().map(|by| ("Classified", format!("by {}", actor(view, by)))));
    fields.extend(incident.containments.iter().map(|containment| ("Contained", format!("by {containment}"))));
    if let Some(recovery) = &incident.recovery {
        fields.push(("Recovery", recovery.statement.to_string()));
        fields.push(("Root cause", recovery.root_cause.to_string()));
        fields.push(("Verified", recovery.verification.to_string()));
        let report = recovery.public_report.as_ref();
        fields.extend(report.map(|report| ("Public", format!("{} ({})", report.uri, report.digest))));
        fields.extend(recovery.unfounded.then(|| ("Unfounded", "there was nothing wrong".into())));
    }
    fields
}

fn of_risk(screen: &Screen, view: &CaseDetail, risk: &RiskBody) -> Vec<Field> {
    let mut fields = vec![("Risk", risk.text.to_string()), ("Owner", risk.owner.to_string())];
    if !risk.mitigation.as_str().is_empty() {
        fields.push(("Mitigation", risk.mitigation.to_string()));
    }
    if let Some(accepted) = &risk.acceptance {
        let (by, until) = (actor(view, &accepted.by), screen.time(accepted.review));
        fields.push(("Accepted", format!("by {by}, until {until}, because {}", accepted.reason)));
    }
    fields.extend(risk.closed.as_ref().map(|reason| ("Closed", format!("because {reason}"))));
    fields
}

fn of_hold(screen: &Screen, view: &CaseDetail, hold: &HoldBody) -> Vec<Field> {
    let mut fields = vec![
        ("Reason", hold.reason.to_string()),
        ("Keeps", format!("records from block {} on", hold.from)),
        ("Until", screen.time(hold.until)),
    ];
    if !hold.reference.as_str().is_empty() {
        fields.push(("Reference", hold.reference.to_string()));
    }
    fields.extend(hold.until_epoch.map(|epoch| ("At latest", format!("the start of epoch {epoch}"))));
    fields.push(("Asked", format!("by {}", actor(view, &hold.by))));
    if hold.waits() {
        fields.push(("Waits", format!("for another to confirm it, until {}", screen.time(hold.asked))));
    }
    let confirmed = hold.confirmed.as_ref();
    fields.extend(confirmed.map(|by| ("Confirmed", format!("by {}, because {}", actor(view, &by.by), by.reason))));
    fields.extend(hold.released.as_ref().map(|reason| ("Released", format!("because {reason}"))));
    fields
}

fn actor(view: &CaseDetail, by: &Actor) -> String {
    format!("{} as {}", names::named(&view.described, &by.account), by.role)
}
