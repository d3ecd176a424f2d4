//! Which stages stand, which artifacts in them, and how far phases have come, after changes that move these.

use super::change::open_votes;
use super::follow::{mark_emergency, update};
use super::outcome;
use crate::change::LeftStanding;
use crate::change::{ChangeProgress, ChangeRequest, ChangeState, Execution, OwedDuty, SubmittedChange};
use crate::decide::execution::above;
use crate::plan::PhaseState;
use crate::plans::{KeptRef, version_of};
use crate::standing::{AskedRollback, PhaseStanding, StageStanding};
use crate::storage::*;
use flags::queries::is_node_plan;
use primitives::{CaseId, ChangeId, Digest, List, Moment, Name};
use state::State;

/// What stands once a change is carried out.
pub(super) fn stand(state: &mut State, at: Moment, change: &SubmittedChange, execution: &Execution) {
    match &change.asked.request {
        ChangeRequest::Promote { to, .. } => enter(state, at, change, to, execution.subject),
        ChangeRequest::Demote { to } => demote(state, at, change, to, execution),
        ChangeRequest::Rollback { stage, .. } => go_back(state, at, change, stage, execution),
        ChangeRequest::Phase { phase, to } => move_phase(state, at, change, phase, *to),
        ChangeRequest::Set { .. } | ChangeRequest::Disable { .. } | ChangeRequest::Freeze { .. } => return,
    }
    tell_cases(state, &change.plan);
}

fn enter(state: &mut State, at: Moment, change: &SubmittedChange, to: &Name, subject: Option<Digest>) {
    let standing = StageStanding { subject, since: at, change: change.id };
    STANDINGS.set(state, &(change.plan.clone(), to.clone()), &standing);
    // What a promotion of this network's plan was tested with is a build, and no artifact.
    if let Some(artifact) = subject.filter(|_| !is_node_plan(state, &change.plan)) {
        artifacts::apply::stand(state, &change.plan, to, &artifact, at);
        STOOD.set(state, &(change.plan.clone(), to.clone(), artifact), &change.id);
    }
}

/// Whoever goes back to a stage begins there anew: its steps and its soaks.
fn demote(state: &mut State, at: Moment, change: &SubmittedChange, to: &Name, execution: &Execution) {
    let Ok(plan) = version_of(state, change) else { return };
    let left: Vec<Name> = above(&plan, to).cloned().collect();
    left.iter().for_each(|stage| STANDINGS.remove(state, &(plan.name.clone(), stage.clone())));
    artifacts::apply::leave_all(state, &plan.name, &left);
    if let Some(standing) = plan.standing(state, to) {
        update(state, standing.change, |progress| progress.steps = List::new());
        let standing = StageStanding { since: at, ..standing };
        STANDINGS.set(state, &(plan.name.clone(), to.clone()), &standing);
    }
    for reverted in &execution.reverts {
        outcome::gone_back_from(state, at, *reverted, change.id);
    }
}

fn leave(state: &mut State, plan: &KeptRef, stage: &Name) {
    STANDINGS.remove(state, &(plan.name.clone(), stage.clone()));
    artifacts::apply::leave(state, &plan.name, stage);
}

/// Of an application the artifact that was good stands in its stage again, and the other one is bad (REQ-086); of this network the stage
/// that is gone back to stands by its own change, and those above do not. Every rollback is an emergency to the stages that it touches.
fn go_back(state: &mut State, at: Moment, change: &SubmittedChange, stage: &Name, execution: &Execution) {
    let Ok(plan) = version_of(state, change) else { return };
    if plan.kept.is_of_node() {
        execution.left.iter().for_each(|left| leave(state, &plan, &left.stage));
    } else if let Some(artifact) = execution.subject {
        let left = execution.left.iter().filter_map(|left| left.standing.subject).collect::<Vec<_>>();
        left.iter().for_each(|bad| artifacts::apply::bad(state, &plan.name, bad));
        let by = execution.stands_by.unwrap_or(change.id);
        let standing = StageStanding { subject: Some(artifact), since: at, change: by };
        STANDINGS.set(state, &(plan.name.clone(), stage.clone()), &standing);
        artifacts::apply::stand(state, &plan.name, stage, &artifact, at);
    }
    for reverted in &execution.reverts {
        outcome::gone_back_from(state, at, *reverted, change.id);
    }
    let is_touched = |other: &Name| plan.kept.is_of_node() || other == stage;
    mark_emergency(state, at, &plan.name, is_touched);
}

fn move_phase(state: &mut State, at: Moment, change: &SubmittedChange, phase: &Name, to: PhaseState) {
    let standing = PhaseStanding { state: to, since: at, change: change.id };
    PHASE_STANDINGS.set(state, &(change.plan.clone(), phase.clone()), &standing);
}

/// The promotion of an artifact is closed: in its stage that one can be gone back to (REQ-098, REQ-120).
pub(super) fn verified(state: &mut State, id: ChangeId) {
    let Some(change) = CHANGES.get(state, &id) else { return };
    if let ChangeRequest::Promote { to, artifact: Some(artifact) } = &change.asked.request {
        artifacts::apply::good(state, &change.plan, to, artifact);
    }
}

/// What a change had stand stands no longer, and what stood before it does again: the change is undone. What came to stand since stays.
pub(super) fn stand_again(state: &mut State, at: Moment, change: &SubmittedChange, progress: &ChangeProgress) {
    let Ok(plan) = version_of(state, change) else { return };
    if let ChangeRequest::Promote { to, .. } = &change.asked.request
        && plan.standing(state, to).is_some_and(|standing| standing.change == change.id)
    {
        leave(state, &plan, to);
    }
    // What a rollback had stand stands since that was carried out. Of a promotion nothing is left where another came after it, be that in
    // the same block.
    let is_rollback = matches!(change.asked.request, ChangeRequest::Rollback { .. });
    let is_of_rollback = |now: &StageStanding| is_rollback && Some(now.since) == progress.executed;
    for left in &progress.left {
        let is_as_left = plan.standing(state, &left.stage).is_none_or(|now| is_of_rollback(&now));
        if is_as_left {
            give_back(state, at, &plan, left);
        }
    }
    tell_cases(state, &plan.name);
}

/// A stage stands as it did, and begins anew to soak.
fn give_back(state: &mut State, at: Moment, plan: &KeptRef, left: &LeftStanding) {
    let standing = StageStanding { since: at, ..left.standing.clone() };
    STANDINGS.set(state, &(plan.name.clone(), left.stage.clone()), &standing);
    if let Some(artifact) = &standing.subject {
        artifacts::apply::stand(state, &plan.name, &left.stage, artifact, at);
        if let Some(was) = left.artifact_was {
            artifacts::apply::mark(state, &plan.name, artifact, was);
        }
    }
    if let Some(was) = left.was {
        live_again(state, at, standing.change, was);
    }
}

/// A change that was reverted stands as it stood; what it still owes and asks for a vote is put to it anew.
fn live_again(state: &mut State, at: Moment, id: ChangeId, was: ChangeState) {
    update(state, id, |progress| {
        (progress.state, progress.since) = (was, at);
        progress.duties.iter_mut().filter(|duty| !duty.state.is_met()).for_each(|duty| duty.poll = None);
    });
    let Some((change, progress)) = CHANGES.get(state, &id).zip(PROGRESS.get(state, &id)) else { return };
    let owed: Vec<OwedDuty> = progress.owed().cloned().collect();
    if was == ChangeState::Active {
        open_votes(state, &change, &owed);
    }
}

/// A signal asked for a rollback of a stage: the next block opens it.
pub(super) fn ask_back(state: &mut State, plan: &Name, stage: &Name, signal: &Name, incident: Option<CaseId>) {
    let asked = AskedRollback { signal: signal.clone(), incident };
    ASKED_ROLLBACKS.set(state, &(plan.clone(), stage.clone()), &asked);
    if !is_node_plan(state, plan) {
        ASKING_GUESTS.insert(state, plan);
    }
}

/// A change stands for what a signal asked for.
pub(super) fn let_ask_go(state: &mut State, plan: &Name, stage: &Name) {
    let place = (plan.clone(), stage.clone());
    if ASKED_ROLLBACKS.contains(state, &place) {
        ASKED_ROLLBACKS.remove(state, &place);
    }
    if ASKED_ROLLBACKS.iter_under(state, plan).next().is_none() {
        ASKING_GUESTS.remove(state, plan);
    }
}

/// Incidents of this network are in the stage of it that stands last.
pub(super) fn tell_cases(state: &mut State, plan: &Name) {
    if is_node_plan(state, plan) {
        let stage = crate::queries::standing(state, plan).map(|(stage, _)| stage);
        cases::apply::enter(state, stage.as_ref());
    }
}
