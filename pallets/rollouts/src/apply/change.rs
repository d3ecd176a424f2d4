//! What events do to a change on its way: taken, approved, announced, carried out, and step by step.

use super::follow::{begin, open_incident, restart_soaks, settle, update};
use super::{ends, stand, waiting};
use crate::change::{
    ChangeProgress, ChangeRequest, ChangeState, Effected, Execution, OwedDuty, SubmittedChange, merged,
};
use crate::check::Ask;
use crate::deadline::ChangeDeadline;
use crate::decide::submission::is_counted;
use crate::plans::{KeptRef, version_of};
use crate::standing::{ChangePause, StageFreeze};
use crate::statement::ChorusRoll;
use crate::storage::*;
use crate::verdict::Answer;
use crate::{effects, phase, polls, tally};
use governance::{Deposit, DepositEnd};
use primitives::{Amount, ChangeId, Epoch, List, Moment, Name, ProposalId, Timestamp};
use state::State;
use std::collections::BTreeSet;

pub(super) fn submitted(
    state: &mut State,
    at: Moment,
    change: &SubmittedChange,
    begins: ChangeProgress,
    vote: Option<&Name>,
    execution: Option<&Execution>,
) {
    LATEST.set(state, &change.id);
    CHANGES.set(state, &change.id, change);
    OF_PLAN.insert(state, &(change.plan.clone(), change.id));
    if let Some(account) = change.submitter() {
        accounts::apply::hold(state, &account, begins.deposit);
    }
    // An emergency that waits is one that waits to be decided.
    let emergencies = u8::from(!is_counted(change.kind()));
    begin(state, change, &ChangeProgress { emergencies, ..begins });
    if let ChangeRequest::Rollback { stage, .. } = &change.asked.request {
        stand::let_ask_go(state, &change.plan, stage);
    }
    call_rolls(state, at, change);
    if let Some(check) = vote {
        waiting::wait(state, change, check);
    }
    if let Some(execution) = execution {
        carried_out(state, at, change.id, execution);
    }
}

/// Who may speak in the choruses about a change: those who are in their segments when it is submitted (ROLLOUTS 7.2).
fn call_rolls(state: &mut State, at: Moment, change: &SubmittedChange) {
    let Ok(plan) = version_of(state, change) else { return };
    for segment in segments_asked(state, &plan, change) {
        let mut speakers = tally::accounts_in(state, at, &plan.name, &segment);
        speakers.sort_unstable();
        let roll = ChorusRoll { speakers: List::truncate_from(speakers) };
        CHORUSES.set(state, &(change.id, segment), &roll);
    }
}

/// The segments whose members are asked about a change, before it is carried out or after.
fn segments_asked(state: &State, plan: &KeptRef, change: &SubmittedChange) -> BTreeSet<Name> {
    let request = &change.asked.request;
    let mut keys = Vec::new();
    if let Some(procedure) = plan.procedure(state, change.kind(), request.stage()) {
        keys.extend(procedure.approve);
        keys.extend(procedure.close.into_iter().map(|duty| duty.check));
    }
    if let ChangeRequest::Promote { to, .. } = request
        && let Ok(stage) = plan.stage(state, to)
    {
        keys.extend(stage.readiness);
        keys.extend(stage.steps.into_iter().flat_map(|step| step.needs));
        keys.extend(stage.leave);
        keys.extend(stage.close.into_iter().map(|duty| duty.check));
    }
    if let ChangeRequest::Phase { phase, to } = request {
        keys.extend(phase::list_of(state, plan, phase, *to).0);
    }
    let segments = keys.iter().filter_map(|key| match plan.check(state, key)?.ask {
        Ask::Chorus { segment, .. } => Some(segment),
        _ => None,
    });
    segments.collect()
}

/// The poll on an approval, or on a duty, is open.
pub(super) fn polled(state: &mut State, id: ChangeId, check: &Name, poll: ProposalId) {
    let Some(change) = CHANGES.get(state, &id) else { return };
    waiting::wait_no_more(state, &(change.plan, id, check.clone()));
    POLLS.set(state, &poll, &(id, check.clone()));
    update(state, id, |progress| {
        if progress.state.waits() {
            progress.poll = Some(poll);
        } else if let Some(duty) = progress.duties.iter_mut().find(|duty| duty.check == *check) {
            duty.poll = Some(poll);
        }
    });
}

pub(super) fn approved(
    state: &mut State,
    at: Moment,
    id: ChangeId,
    (verdict, not_before, expires): (Answer, Option<Epoch>, Option<ChangeDeadline>),
) {
    update(state, id, |progress| {
        (progress.state, progress.since) = (ChangeState::Approved, at);
        (progress.verdict, progress.not_before, progress.expires) = (verdict, not_before, expires);
    });
}

/// The latest announcement counts; of a stage that freezes the window is one in which others stand still.
pub(super) fn announced(
    state: &mut State,
    at: Moment,
    id: ChangeId,
    number: u8,
    window: (Timestamp, Timestamp),
    freezes: bool,
) {
    update(state, id, |progress| {
        (progress.window, progress.announced, progress.announced_at) = (Some(window), number, Some(at));
    });
    let Some(change) = CHANGES.get(state, &id).filter(|_| freezes) else { return };
    let has_thawed = PROGRESS.get(state, &id).is_some_and(|progress| progress.thawed.is_some());
    if let Some(stage) = change.asked.request.stage().filter(|_| !has_thawed) {
        let freeze = StageFreeze { stage: stage.clone(), window: Some(window), executed: None, ends: None };
        ends::stop(state, &change, |state| FREEZES.set(state, &(change.plan.clone(), id), &freeze));
    }
}

pub(super) fn carried_out(state: &mut State, at: Moment, id: ChangeId, execution: &Execution) {
    let Some(change) = CHANGES.get(state, &id) else { return };
    effects::write(state, at, &change.plan, id, &execution.effects);
    update(state, id, |progress| {
        progress.state = if execution.closed { ChangeState::Closed } else { ChangeState::Active };
        (progress.since, progress.executed, progress.expires) = (at, Some(at), None);
        progress.verdict = execution.verdict;
        progress.effects = execution.effects.clone();
        progress.left = execution.left.clone();
        progress.duties = execution.duties.clone();
        progress.emergencies = execution.emergencies;
        progress.incident = execution.incident.or(progress.incident);
    });
    if let Some(opened) = &execution.opened {
        open_incident(state, at, &change.plan, id, opened);
    }
    if execution.closed {
        free_deposit(state, &change);
    }
    stand::stand(state, at, &change, execution);
    if execution.closed {
        stand::verified(state, id);
    }
    restart_soaks(state, at, &change.plan, &execution.effects);
    stop_others(state, at, &change, execution);
    if let Some(sealer) = &change.asked.sealer {
        staking::apply::name_sealer(state, sealer);
    }
    open_votes(state, &change, &execution.duties);
}

/// What is held for a change that is over is free again.
pub(super) fn free_deposit(state: &mut State, change: &SubmittedChange) {
    let Some(account) = change.submitter() else { return };
    let amount = PROGRESS.get(state, &change.id).map(|progress| progress.deposit).unwrap_or_default();
    settle(state, &DepositEnd::Returned(Deposit { account, amount }));
    update(state, change.id, |progress| progress.deposit = Amount::ZERO);
}

fn stop_others(state: &mut State, at: Moment, change: &SubmittedChange, execution: &Execution) {
    let place = (change.plan.clone(), change.id);
    ends::stop(state, change, |state| {
        match &execution.freeze {
            Some(freeze) => FREEZES.set(state, &place, freeze),
            None if FREEZES.contains(state, &place) => FREEZES.remove(state, &place),
            None => {}
        }
        if let ChangeRequest::Freeze { scope, .. } = &change.asked.request
            && let Some(by) = &change.by
        {
            let pause = ChangePause { since: at, role: by.role.clone(), ends: execution.pause_ends };
            PAUSES.set(state, &(change.plan.clone(), scope.clone(), change.id), &pause);
        }
    });
}

/// What is owed and asks for a vote is put to it by the next block.
pub(super) fn open_votes(state: &mut State, change: &SubmittedChange, duties: &[OwedDuty]) {
    let Ok(plan) = version_of(state, change) else { return };
    let is_voted = |duty: &&OwedDuty| polls::vote_rules(state, &plan, &duty.check).is_some();
    let checks: Vec<Name> = duties.iter().filter(is_voted).map(|duty| duty.check.clone()).collect();
    checks.iter().for_each(|check| waiting::wait(state, change, check));
}

/// A step that moves values has the duties of its promotion owed anew; one that was closed is active again.
pub(super) fn stepped(
    state: &mut State,
    at: Moment,
    id: ChangeId,
    step: &Name,
    moved: &[Effected],
    again: &[OwedDuty],
) {
    let Some(change) = CHANGES.get(state, &id) else { return };
    effects::write(state, at, &change.plan, id, moved);
    let is_again = |duty: &&OwedDuty| again.iter().any(|new| new.check == duty.check);
    let duties = PROGRESS.get(state, &id).map(|progress| progress.duties.into_inner()).unwrap_or_default();
    let polls: Vec<ProposalId> = duties.iter().filter(is_again).filter_map(|duty| duty.poll).collect();
    update(state, id, |progress| {
        progress.steps = with(&progress.steps, step.clone());
        progress.effects = merged(&progress.effects, moved);
        let kept = progress.duties.iter().filter(|duty| !again.iter().any(|new| new.check == duty.check));
        progress.duties = List::truncate_from(again.iter().chain(kept).cloned().collect());
        if !again.is_empty() && progress.state == ChangeState::Closed {
            (progress.state, progress.since) = (ChangeState::Active, at);
        }
    });
    // What they were asked before is asked anew.
    for poll in polls.into_iter().filter(|poll| POLLS.contains(state, poll)).collect::<Vec<_>>() {
        polls::let_go(state, poll);
    }
    open_votes(state, &change, again);
}

fn with<const N: u32>(names: &List<Name, N>, name: Name) -> List<Name, N> {
    List::truncate_from(names.iter().cloned().chain([name]).collect())
}
