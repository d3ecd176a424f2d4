//! How a case comes into the registers, and goes out of them: what it stops, what it has kept, whose places it takes.

use super::newly;
use crate::storage::*;
use crate::{
    BodyEnd, CaseBody, CaseHead, CaseKind, CaseRegister, CaseStep, IncidentBody, IncidentCause, OpenedCase, ReportBody,
    SignalledBy, queries, room,
};
use artifacts::CasePin;
use governance::{Deposit, DepositEnd};
use primitives::{AccountId, CaseId, List, Moment, Name, Span, Text};
use state::State;

/// How long what something needs is kept before it is asked again: a day of running time, in milliseconds.
const RETAINED_MS: u64 = 86_400_000;

/// Writes a case that is new.
pub(super) fn begin(state: &mut State, id: CaseId, head: &CaseHead, body: &CaseBody) {
    let CaseHead { plan, kind, path, .. } = head;
    LATEST.set(state, &id);
    OF_KIND.insert(state, &(plan.clone(), *kind, id));
    OPEN.insert(state, &(plan.clone(), *kind, id));
    if *kind != CaseKind::Report {
        AT.insert(state, &((plan.clone(), *kind), path.clone(), id));
    }
    if let Some(register) = head.register {
        room::take(state, plan, register, path);
    }
    if let Some(pin) = pin_of(*kind, id) {
        HOLDS.insert(state, &(plan.clone(), head.keeps_from, id));
        artifacts::apply::pin(state, plan, path, pin);
    }
    widen(state, id, head);
    CASES.set(state, &id, head);
    BODIES.set(state, &id, body);
}

/// Reports and risks have nothing kept.
fn pin_of(kind: CaseKind, id: CaseId) -> Option<CasePin> {
    match kind {
        CaseKind::Incident => Some(CasePin::Incident(id)),
        CaseKind::Hold => Some(CasePin::Hold(id)),
        CaseKind::Report | CaseKind::Risk => None,
    }
}

/// Has a case stop at the paths above its own that its head names.
pub(super) fn widen(state: &mut State, id: CaseId, head: &CaseHead) {
    let of = (head.plan.clone(), head.kind);
    head.wider.iter().for_each(|path| WIDER.insert(state, &(of.clone(), path.clone(), id)));
}

/// Changes what is known of a case that there is.
pub(super) fn update_head(state: &mut State, id: CaseId, change: impl FnOnce(&mut CaseHead)) {
    if let Some(mut head) = CASES.get(state, &id) {
        change(&mut head);
        CASES.set(state, &id, &head);
    }
}

/// Changes what was said about a case.
pub(super) fn update_body(state: &mut State, id: CaseId, change: impl FnOnce(&mut CaseBody)) {
    if let Some(mut body) = BODIES.get(state, &id) {
        change(&mut body);
        BODIES.set(state, &id, &body);
    }
}

/// A case is over: it stops nothing and has nothing kept any more, its place is free, and from now on its body waits to go.
pub(super) fn close(state: &mut State, at: Moment, id: CaseId, step: CaseStep) {
    let Some(head) = CASES.get(state, &id) else { return };
    let CaseHead { plan, kind, path, .. } = &head;
    OPEN.remove(state, &(plan.clone(), *kind, id));
    if *kind != CaseKind::Report {
        AT.remove(state, &((plan.clone(), *kind), path.clone(), id));
    }
    let of = (plan.clone(), *kind);
    head.wider.iter().for_each(|path| WIDER.remove(state, &(of.clone(), path.clone(), id)));
    if let Some(register) = head.register {
        room::free(state, plan, register, path);
    }
    if let Some(pin) = pin_of(*kind, id) {
        HOLDS.remove(state, &(plan.clone(), head.keeps_from, id));
        artifacts::apply::unpin(state, plan, path, pin);
    }
    if let Some(CaseBody::Hold(hold)) = BODIES.get(state, &id) {
        forget_end(state, id, &hold);
    }
    let retain = queries::rules(state, plan).map_or(Span::Millis(0), |rules| rules.retain);
    let drops = match retain {
        Span::Millis(millis) => BodyEnd::Running(at.running.saturating_add(millis)),
        Span::Epochs(epochs) => BodyEnd::Epoch(at.epoch.plus(epochs.saturating_add(1))),
    };
    wait(state, id, drops);
    CASES.set(state, &id, &CaseHead { step, since: at, drops: Some(drops), ..head });
}

/// A hold ends at no time any more.
pub(super) fn forget_end(state: &mut State, id: CaseId, hold: &crate::HoldBody) {
    HOLD_TIMES.remove(state, &(hold.until, id));
    if let Some(epoch) = hold.until_epoch {
        HOLD_EPOCHS.remove(state, &(epoch, id));
    }
}

/// A hold ends by itself.
pub(super) fn remember_end(state: &mut State, id: CaseId, hold: &crate::HoldBody) {
    HOLD_TIMES.insert(state, &(hold.until, id));
    if let Some(epoch) = hold.until_epoch {
        HOLD_EPOCHS.insert(state, &(epoch, id));
    }
}

fn wait(state: &mut State, id: CaseId, drops: BodyEnd) {
    match drops {
        BodyEnd::Running(end) => DROP_RUNNING.insert(state, &(end, id)),
        BodyEnd::Epoch(epoch) => DROP_EPOCHS.insert(state, &(epoch, id)),
    }
}

fn wait_no_more(state: &mut State, id: CaseId) {
    match CASES.get(state, &id).and_then(|head| head.drops) {
        Some(BodyEnd::Running(end)) => DROP_RUNNING.remove(state, &(end, id)),
        Some(BodyEnd::Epoch(epoch)) => DROP_EPOCHS.remove(state, &(epoch, id)),
        None => {}
    }
}

/// What was said about a case goes, and with it what it stood for.
pub(super) fn dropped(state: &mut State, id: CaseId) {
    wait_no_more(state, id);
    if let (Some(head), Some(CaseBody::Incident(incident))) = (CASES.get(state, &id), BODIES.get(state, &id)) {
        forget_cause(state, id, &head, &incident.cause);
    }
    BODIES.remove(state, &id);
    update_head(state, id, |head| head.drops = None);
}

fn forget_cause(state: &mut State, id: CaseId, head: &CaseHead, cause: &IncidentCause) {
    match cause {
        IncidentCause::ByHand { duty: Some(duty), .. } => {
            let place = (duty.change, duty.check.clone(), head.path.clone());
            if STANDS_FOR.get(state, &place) == Some(id) {
                STANDS_FOR.remove(state, &place);
            }
        }
        IncidentCause::Missed(crate::DutyOfChange { change, .. }) | IncidentCause::Rollback(change) => {
            if OF_CHANGES.get(state, change) == Some(id) {
                OF_CHANGES.remove(state, change);
            }
        }
        IncidentCause::ByHand { duty: None, .. } | IncidentCause::Signal(_) => {}
    }
}

/// What was said about a case is needed, and asked about again in a day.
pub(super) fn retained(state: &mut State, at: Moment, id: CaseId) {
    wait_no_more(state, id);
    let drops = BodyEnd::Running(at.running.saturating_add(RETAINED_MS));
    wait(state, id, drops);
    update_head(state, id, |head| head.drops = Some(drops));
}

/// What is held for a report is free again, or forfeited.
pub(super) fn settle(state: &mut State, deposit: Option<&DepositEnd>) {
    match deposit {
        Some(DepositEnd::Returned(Deposit { account, amount })) => {
            accounts::apply::release(state, account, *amount);
        }
        Some(DepositEnd::Burned(Deposit { account, amount })) => {
            accounts::apply::burn_held(state, account, *amount);
        }
        None => {}
    }
}

/// An incident that the chain opens by itself.
pub(super) fn incident_of_chain(state: &mut State, at: Moment, plan: &Name, opened: &OpenedCase) {
    let (register, by) = match &opened.cause {
        IncidentCause::Signal(signal) => (Some(CaseRegister::Signals), Some(signal.account)),
        IncidentCause::Missed(_) | IncidentCause::Rollback(_) | IncidentCause::ByHand { .. } => (None, None),
    };
    let head = newly(at, plan, &opened.path, (CaseKind::Incident, CaseStep::Detected), by);
    let head = CaseHead { severity: Some(opened.floor), register, ..head };
    let body = IncidentBody {
        cause: opened.cause.clone(),
        observation: Text::default(),
        impact: Text::default(),
        stage: opened.stage.clone(),
        gates: opened.gates.clone(),
        module: None,
        classified_by: None,
        containments: List::new(),
        recovery: None,
    };
    begin(state, opened.id, &head, &CaseBody::Incident(Box::new(body)));
    match &opened.cause {
        IncidentCause::Missed(crate::DutyOfChange { change, .. }) | IncidentCause::Rollback(change) => {
            OF_CHANGES.set(state, change, &opened.id);
        }
        IncidentCause::Signal(signal) => signalled(state, &head, signal, Some(opened.id), false),
        IncidentCause::ByHand { .. } => {}
    }
}

/// A report that is made of a signal, because the last of that account there was unfounded.
pub(super) fn report_of_signal(state: &mut State, at: Moment, plan: &Name, opened: &OpenedCase) {
    let IncidentCause::Signal(signal) = &opened.cause else { return };
    let by: Option<AccountId> = Some(signal.account);
    let head = newly(at, plan, &opened.path, (CaseKind::Report, CaseStep::Reported), by);
    let head = CaseHead { register: Some(CaseRegister::Reports), ..head };
    let body = ReportBody {
        observation: Text::default(),
        deposit: None,
        signal: Some(signal.clone()),
        taken: None,
        dismissed: None,
    };
    begin(state, opened.id, &head, &CaseBody::Report(Box::new(body)));
    signalled(state, &head, signal, Some(opened.id), true);
}

/// What is remembered of the signals of an account: what is open, and whether the last was unfounded. Nothing when neither is.
pub(super) fn signalled(
    state: &mut State,
    head: &CaseHead,
    signal: &SignalledBy,
    open: Option<CaseId>,
    unfounded: bool,
) {
    let place = queries::signal_place(&head.plan, &head.path, signal);
    if open.is_none() && !unfounded {
        SIGNALLED.remove(state, &place);
    } else {
        SIGNALLED.set(state, &place, &crate::signal::Signalled { open, unfounded });
    }
}
