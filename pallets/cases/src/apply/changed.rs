//! What each event does to its case.

use super::moved::{
    begin, close, dropped, forget_end, remember_end, retained, settle, signalled, update_body, update_head, widen,
};
use super::newly;
use crate::storage::*;
use crate::{
    CaseBody, CaseHead, CaseKind, CaseRegister, CaseStep, Event, HoldBody, IncidentBody, IncidentCause, Recovery,
    RiskBody, queries,
};
use primitives::{CaseId, List, Moment, Name, Path, Text};
use roles::Actor;
use state::State;

pub(super) fn apply(event: &Event, state: &mut State, at: Moment) {
    match event {
        Event::Reported { .. } | Event::Dismissed { .. } => of_report(event, state, at),
        Event::Detected { .. } | Event::Classified { .. } | Event::Responded { .. } | Event::Resolved { .. } => {
            of_incident(event, state, at);
        }
        Event::RiskOpened { .. }
        | Event::RiskMitigated { .. }
        | Event::RiskAccepted { .. }
        | Event::RiskClosed { .. } => of_risk(event, state, at),
        Event::Held { plan, case, path, by, hold } => held(state, at, (plan, *case, path), by, hold),
        Event::Released { plan, case, reason, .. } => {
            close(state, at, *case, CaseStep::Released);
            forget_retired(state, plan);
            update_body(state, *case, |body| {
                if let CaseBody::Hold(hold) = body {
                    hold.released = reason.clone();
                }
            });
        }
        Event::Abandoned { plan, case, deposit, .. } => {
            settle(state, deposit.as_ref());
            looked_at(state, at, *case, CaseStep::Abandoned, false);
            forget_retired(state, plan);
        }
        Event::Dropped { case, .. } => dropped(state, *case),
        Event::Retained { case, .. } => retained(state, at, *case),
    }
}

/// A retired plan of which nothing is open needs nothing of the clock any more.
fn forget_retired(state: &mut State, plan: &Name) {
    if RETIRED.contains(state, plan) && !queries::has_open(state, plan) {
        RETIRED.remove(state, plan);
    }
}

fn of_report(event: &Event, state: &mut State, at: Moment) {
    match event {
        Event::Reported { plan, case, path, by, report } => {
            if let Some(deposit) = &report.deposit {
                accounts::apply::hold(state, by, deposit.amount);
            }
            let head = newly(at, plan, path, (CaseKind::Report, CaseStep::Reported), Some(*by));
            let head = CaseHead { register: Some(CaseRegister::Reports), ..head };
            begin(state, *case, &head, &CaseBody::Report(report.clone()));
        }
        Event::Dismissed { case, unfounded, reason, deposit, .. } => {
            settle(state, deposit.as_ref());
            looked_at(state, at, *case, CaseStep::Dismissed, *unfounded);
            update_body(state, *case, |body| {
                if let CaseBody::Report(report) = body {
                    report.dismissed = Some(reason.clone());
                }
            });
        }
        _ => {}
    }
}

/// Somebody looked at a report, or it is over as everything of its plan is. What is held for it is settled by the same event.
fn looked_at(state: &mut State, at: Moment, id: CaseId, step: CaseStep, unfounded: bool) {
    close(state, at, id, step);
    if let (Some(head), Some(CaseBody::Report(report))) = (queries::case(state, id), queries::body(state, id))
        && let Some(signal) = &report.signal
    {
        signalled(state, &head, signal, None, unfounded);
    }
    update_body(state, id, |body| {
        if let CaseBody::Report(report) = body {
            report.deposit = None;
        }
    });
}

fn of_incident(event: &Event, state: &mut State, at: Moment) {
    match event {
        Event::Detected { plan, case, path, by, report, deposit, .. } => {
            settle(state, deposit.as_ref());
            if let Some(report) = report {
                take_up(state, at, *report, *case);
            }
            let head = newly(at, plan, path, (CaseKind::Incident, CaseStep::Detected), Some(by.account));
            detected(state, *case, head, event);
        }
        Event::Classified { case, by, severity, module, wider, .. } => {
            update_head(state, *case, |head| {
                if head.step == CaseStep::Detected {
                    (head.step, head.since) = (CaseStep::Classified, at);
                }
                head.severity = Some(*severity);
                head.wider = joined(&head.wider, wider);
            });
            if let Some(head) = queries::case(state, *case) {
                widen(state, *case, &head);
            }
            update_incident(state, *case, |incident| {
                incident.module = Some(module.clone());
                incident.classified_by = Some(by.clone());
            });
        }
        Event::Responded { case, containments, .. } => {
            update_head(state, *case, |head| {
                if head.step == CaseStep::Classified {
                    (head.step, head.since) = (CaseStep::Responded, at);
                }
            });
            update_incident(state, *case, |incident| {
                let all = incident.containments.iter().chain(containments.iter());
                incident.containments = List::truncate_from(all.copied().collect());
            });
        }
        Event::Resolved { case, recovery, .. } => resolved(state, at, *case, recovery),
        _ => {}
    }
}

fn take_up(state: &mut State, at: Moment, report: CaseId, incident: CaseId) {
    looked_at(state, at, report, CaseStep::Taken, false);
    update_body(state, report, |body| {
        if let CaseBody::Report(report) = body {
            report.taken = Some(incident);
        }
    });
}

fn detected(state: &mut State, id: CaseId, head: CaseHead, event: &Event) {
    let Event::Detected { severity, observation, impact, stage, gates, report, duty, .. } = event else { return };
    let head = CaseHead { severity: Some(*severity), register: Some(CaseRegister::Cases), ..head };
    let body = IncidentBody {
        cause: IncidentCause::ByHand { report: *report, duty: duty.clone() },
        observation: observation.clone(),
        impact: impact.clone(),
        stage: stage.clone(),
        gates: gates.clone(),
        module: None,
        classified_by: None,
        containments: List::new(),
        recovery: None,
    };
    begin(state, id, &head, &CaseBody::Incident(Box::new(body)));
    if let Some(duty) = duty {
        STANDS_FOR.set(state, &(duty.change, duty.check.clone(), head.path.clone()), &id);
    }
}

fn update_incident(state: &mut State, id: CaseId, change: impl FnOnce(&mut IncidentBody)) {
    update_body(state, id, |body| {
        if let CaseBody::Incident(incident) = body {
            change(incident);
        }
    });
}

fn joined(before: &[Path], more: &[Path]) -> List<Path, 4> {
    let new = more.iter().filter(|path| !before.contains(path));
    List::truncate_from(before.iter().chain(new).cloned().collect())
}

fn resolved(state: &mut State, at: Moment, id: CaseId, recovery: &Recovery) {
    close(state, at, id, CaseStep::Resolved);
    if let (Some(head), Some(CaseBody::Incident(incident))) = (queries::case(state, id), queries::body(state, id))
        && let IncidentCause::Signal(signal) = &incident.cause
    {
        signalled(state, &head, signal, None, recovery.unfounded);
    }
    update_incident(state, id, |incident| incident.recovery = Some(Box::new(recovery.clone())));
}

fn of_risk(event: &Event, state: &mut State, at: Moment) {
    match event {
        Event::RiskOpened { plan, case, path, by, severity, text, owner, wider } => {
            let head = newly(at, plan, path, (CaseKind::Risk, CaseStep::Open), Some(by.account));
            let (severity, register, wider) = (Some(*severity), Some(CaseRegister::Cases), wider.clone());
            let body = RiskBody {
                text: text.clone(),
                owner: owner.clone(),
                mitigation: Text::default(),
                acceptance: None,
                closed: None,
            };
            let head = CaseHead { severity, register, wider, ..head };
            begin(state, *case, &head, &CaseBody::Risk(Box::new(body)));
        }
        Event::RiskMitigated { case, mitigation, .. } => {
            step_to(state, at, *case, CaseStep::Mitigated);
            update_risk(state, *case, |risk| risk.mitigation = mitigation.clone());
        }
        Event::RiskAccepted { case, acceptance, .. } => {
            step_to(state, at, *case, CaseStep::Accepted);
            update_risk(state, *case, |risk| risk.acceptance = Some(acceptance.clone()));
        }
        Event::RiskClosed { case, reason, .. } => {
            close(state, at, *case, CaseStep::Closed);
            update_risk(state, *case, |risk| risk.closed = Some(reason.clone()));
        }
        _ => {}
    }
}

fn step_to(state: &mut State, at: Moment, id: CaseId, step: CaseStep) {
    update_head(state, id, |head| (head.step, head.since) = (step, at));
}

fn update_risk(state: &mut State, id: CaseId, change: impl FnOnce(&mut RiskBody)) {
    update_body(state, id, |body| {
        if let CaseBody::Risk(risk) = body {
            change(risk);
        }
    });
}

/// A hold that is new, or one that was confirmed and ends later.
fn held(state: &mut State, at: Moment, (plan, id, path): (&Name, CaseId, &Path), by: &Actor, hold: &HoldBody) {
    match queries::body(state, id) {
        Some(CaseBody::Hold(before)) => {
            forget_end(state, id, &before);
            BODIES.set(state, &id, &CaseBody::Hold(Box::new(hold.clone())));
        }
        _ => {
            let head = newly(at, plan, path, (CaseKind::Hold, CaseStep::Held), Some(by.account));
            let head = CaseHead { keeps_from: hold.from, register: Some(CaseRegister::Holds), ..head };
            begin(state, id, &head, &CaseBody::Hold(Box::new(hold.clone())));
        }
    }
    remember_end(state, id, hold);
}
