//! What is asked of a change, put together from the rows of its plan (ROLLOUTS 7.2).

use super::asked::stage_of;
use crate::change::{ChangeProgress, ChangeRequest, SubmittedChange};
use crate::plan::{ActivationStep, AskedCheck, ChangeKind, ListOf, Stage, asked_of, joined};
use crate::plans::KeptRef;
use primitives::Name;
use state::State;

/// All that is asked before a change is carried out, with its vote: of a promotion its stage's readiness, what every promotion to it
/// asks, the steps of the stage before and what it takes to leave that; of any other what its procedure asks. What is owed of the stage
/// before is asked only where that stands: where nothing stands yet, there is none.
pub fn promotion_list(state: &State, plan: &KeptRef, change: &SubmittedChange) -> Vec<AskedCheck> {
    match &change.asked.request {
        ChangeRequest::Promote { to, .. } => list_to_enter(state, plan, to),
        _ => {
            let stage = stage_of(plan, change);
            let procedure = plan.procedure(state, change.kind(), stage.as_ref());
            let keys = procedure.map(|procedure| procedure.approve.into_inner()).unwrap_or_default();
            asked_of(stage.as_ref(), &keys, &ListOf::Approve)
        }
    }
}

/// The same without its vote: what a yes and `Execute` ask.
pub fn approve_list(state: &State, plan: &KeptRef, change: &SubmittedChange) -> Vec<AskedCheck> {
    let mut list = promotion_list(state, plan, change);
    list.retain(|asked| !is_vote(state, plan, &asked.key));
    list
}

/// The check of its list that asks for a vote; the plan has one at most in it.
pub fn vote_of(state: &State, plan: &KeptRef, change: &SubmittedChange) -> Option<Name> {
    let list = promotion_list(state, plan, change);
    list.into_iter().map(|asked| asked.key).find(|key| is_vote(state, plan, key))
}

/// What is asked before a stage is entered, whether or not anybody has asked to; nothing for one that is not of the plan.
pub fn list_to_enter(state: &State, plan: &KeptRef, to: &Name) -> Vec<AskedCheck> {
    let Ok(stage) = plan.stage(state, to) else { return Vec::new() };
    let procedure = plan.procedure(state, ChangeKind::Promote, Some(to));
    let before = plan.predecessor(to).and_then(|before| plan.stage(state, before).ok());
    joined(&stage, procedure.as_ref(), before.as_ref())
}

/// What a step of a stage needs before it is taken.
pub fn step_list(stage: &Stage, step: &ActivationStep) -> Vec<AskedCheck> {
    asked_of(Some(&stage.name), &step.needs, &ListOf::Step(step.key.clone()))
}

/// What a change owes and owed.
pub fn close_list(plan: &KeptRef, change: &SubmittedChange, progress: &ChangeProgress) -> Vec<AskedCheck> {
    let keys: Vec<Name> = progress.duties.iter().map(|duty| duty.check.clone()).collect();
    asked_of(stage_of(plan, change).as_ref(), &keys, &ListOf::Close)
}

fn is_vote(state: &State, plan: &KeptRef, key: &Name) -> bool {
    plan.check(state, key).is_some_and(|check| check.ask.is_vote())
}
