//! When an incident is opened, and how it comes to its end.

use super::report::{deposit, require_reported};
use super::{Asking, INCIDENT, known, require_said, rules_at};
use crate::{
    CaseBody, CaseHead, CaseKind, CaseRegister, CaseStep, Containment, ContainmentFlaw, DutyOfChange, Error, Event,
    MOST_CONTAINMENTS, Recovery, queries, room,
};
use flags::Gates;
use governance::DepositEnd;
use primitives::{AlertSeverity, CaseId, List, Name, Path, Text};
use roles::Actor;
use state::State;

/// What is said of an incident when it is opened.
pub(super) struct Detection<'c> {
    pub path: &'c Path,
    pub observation: &'c Text<1024>,
    pub impact: &'c Text<1024>,
    pub report: Option<CaseId>,
    pub duty: Option<&'c DutyOfChange>,
}

pub(super) fn detect(asking: &Asking, said: &Detection) -> Result<Event, Error> {
    let Asking { state, plan, .. } = *asking;
    rules_at(state, plan, said.path)?;
    let by = asking.require(INCIDENT, said.path)?;
    require_said("observation", said.observation)?;
    require_said("impact", said.impact)?;
    let deposit = match said.report {
        Some(report) => taken_up(asking, report)?,
        None => None,
    };
    room::require(state, plan, CaseRegister::Cases, said.path)?;
    Ok(Event::Detected {
        plan: plan.clone(),
        case: queries::next_id(state),
        path: said.path.clone(),
        by,
        severity: AlertSeverity::Info,
        observation: said.observation.clone(),
        impact: said.impact.clone(),
        stage: queries::stage_of(state, plan, said.path),
        gates: Gates::of(state),
        report: said.report,
        duty: said.duty.cloned(),
        deposit,
    })
}

/// What becomes of the deposit of a report that is taken up, by somebody who could dismiss it as well.
fn taken_up(asking: &Asking, report: CaseId) -> Result<Option<DepositEnd>, Error> {
    let head = known(asking.state, asking.plan, report, CaseKind::Report)?;
    asking.require(INCIDENT, &head.path)?;
    require_reported(report, &head)?;
    Ok(deposit(asking.state, report).map(DepositEnd::Returned))
}

/// An incident of the plan at one of some steps, and who acts on it.
fn at_step(asking: &Asking, case: CaseId, steps: &[CaseStep]) -> Result<(CaseHead, Actor), Error> {
    let head = known(asking.state, asking.plan, case, CaseKind::Incident)?;
    let by = asking.require(INCIDENT, &head.path)?;
    if steps.contains(&head.step) { Ok((head, by)) } else { Err(Error::OtherStep { case, step: head.step }) }
}

pub(super) fn classify(asking: &Asking, case: CaseId, asked: AlertSeverity, module: &Name) -> Result<Event, Error> {
    let steps = [CaseStep::Detected, CaseStep::Classified, CaseStep::Responded];
    let (head, by) = at_step(asking, case, &steps)?;
    let severity = asked.max(severity_of(&head));
    let is_critical = severity == AlertSeverity::Critical;
    let wider = if is_critical { asking.reached_above(INCIDENT, &head.path) } else { List::new() };
    let (plan, module) = (asking.plan.clone(), module.clone());
    Ok(Event::Classified { plan, case, path: head.path, by, asked, severity, module, wider })
}

pub(super) fn respond(asking: &Asking, case: CaseId, containments: &List<Containment, 8>) -> Result<Event, Error> {
    let (head, by) = at_step(asking, case, &[CaseStep::Classified, CaseStep::Responded])?;
    require_containments(asking.state, case, containments)?;
    let (plan, severity) = (asking.plan.clone(), severity_of(&head));
    Ok(Event::Responded { plan, case, path: head.path, by, severity, containments: containments.clone() })
}

/// Whether the changes exist and reach the incident is asked by whoever knows changes, before this is.
fn require_containments(state: &State, case: CaseId, containments: &[Containment]) -> Result<(), Error> {
    if containments.is_empty() {
        return Err(ContainmentFlaw::Nothing.into());
    }
    let before = match queries::body(state, case) {
        Some(CaseBody::Incident(incident)) => incident.containments.len(),
        _ => 0,
    };
    if before.saturating_add(containments.len()) > MOST_CONTAINMENTS as usize {
        return Err(ContainmentFlaw::TooMany { has: u8::try_from(before).unwrap_or(u8::MAX) }.into());
    }
    Ok(())
}

pub(super) fn resolve(asking: &Asking, case: CaseId, recovery: &Recovery) -> Result<Event, Error> {
    let (head, by) = at_step(asking, case, &[CaseStep::Responded])?;
    require_said("recovery statement", &recovery.statement)?;
    require_said("root cause", &recovery.root_cause)?;
    let rules = rules_at(asking.state, asking.plan, &Path::ROOT)?;
    let stage = match queries::body(asking.state, case) {
        Some(CaseBody::Incident(incident)) => incident.stage,
        _ => None,
    };
    let is_public = is_in_stage(asking, &head, stage.as_ref()) && rules.wants_public_report(stage.as_ref());
    let has_uri = recovery.public_report.as_ref().is_some_and(|report| !report.uri.as_str().trim().is_empty());
    if is_public && !has_uri {
        return Err(Error::PublicReport { case });
    }
    let (plan, severity) = (asking.plan.clone(), severity_of(&head));
    Ok(Event::Resolved { plan, case, path: head.path, by, severity, recovery: Box::new(recovery.clone()) })
}

/// Under the node's plan something that has no stage was before the first of them.
fn is_in_stage(asking: &Asking, head: &CaseHead, stage: Option<&Name>) -> bool {
    stage.is_some() || !flags::queries::is_node_plan(asking.state, &head.plan)
}

/// How bad an incident is at least.
fn severity_of(head: &CaseHead) -> AlertSeverity {
    head.severity.unwrap_or(AlertSeverity::Info)
}
