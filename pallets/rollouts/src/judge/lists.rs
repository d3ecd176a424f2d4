//! What is asked of a change, put together from the rows of its plan (ROLLOUTS 7.2).

use super::asked::{stage_of, stage_of_request};
use crate::change::{ChangeProgress, ChangeRequest, SubmittedChange};
use crate::check::Check;
use crate::phase;
use crate::plan::{ActivationStep, AskedCheck, ChangeKind, ListOf, Stage, asked_of, joined};
use crate::plans::KeptRef;
use primitives::Name;
use state::State;

/// All that is asked before a change is carried out, with its vote: of a promotion its stage's readiness, what every promotion to it
/// asks, the steps of the stage before and what it takes to leave that; of a phase that is opened or locked what that takes; of any other
/// what its procedure asks. What is owed of the stage
/// before is asked only where that stands: where nothing stands yet, there is none.
pub fn promotion_list(state: &State, plan: &KeptRef, change: &SubmittedChange) -> Vec<AskedCheck> {
    list_of_request(state, plan, &change.asked.request)
}

/// The same of a request, also before it is submitted.
pub(crate) fn list_of_request(state: &State, plan: &KeptRef, request: &ChangeRequest) -> Vec<AskedCheck> {
    match request {
        ChangeRequest::Promote { to, .. } => list_to_enter(state, plan, to),
        ChangeRequest::Phase { phase, to } => {
            let (keys, from) = phase::list_of(state, plan, phase, *to);
            let of_kind = asked_of(None, &approve_keys(state, plan, request.kind(), None), &ListOf::Approve);
            let mut list = asked_of(None, &keys, &from);
            list.extend(of_kind.into_iter().filter(|asked| !keys.contains(&asked.key)));
            list
        }
        _ => {
            let stage = stage_of_request(plan, request);
            let keys = approve_keys(state, plan, request.kind(), stage.as_ref());
            asked_of(stage.as_ref(), &keys, &ListOf::Approve)
        }
    }
}

fn approve_keys(state: &State, plan: &KeptRef, kind: ChangeKind, stage: Option<&Name>) -> Vec<Name> {
    let procedure = plan.procedure(state, kind, stage);
    procedure.map(|procedure| procedure.approve.into_inner()).unwrap_or_default()
}

/// The same without its vote: what a yes and `Execute` ask.
pub fn approve_list(state: &State, plan: &KeptRef, change: &SubmittedChange) -> Vec<AskedCheck> {
    ApproveList::of(state, plan, change).checks.into_iter().map(|listed| listed.asked).collect()
}

/// A check of a list, with what the plan says of it; none that it has not.
pub(crate) struct ListedCheck {
    pub asked: AskedCheck,
    pub check: Option<Check>,
}

impl ListedCheck {
    fn is_vote(&self) -> bool {
        self.check.as_ref().is_some_and(|check| check.ask.is_vote())
    }
}

/// A list with its checks, each of them read once.
pub(crate) fn listed(state: &State, plan: &KeptRef, list: Vec<AskedCheck>) -> Vec<ListedCheck> {
    let read = |asked: AskedCheck| ListedCheck { check: plan.check(state, &asked.key), asked };
    list.into_iter().map(read).collect()
}

/// All that is asked before a change is carried out, read once: the vote apart from what a yes and `Execute` ask.
pub(crate) struct ApproveList {
    /// The check that asks for the vote; the plan has one at most in it.
    pub vote: Option<Name>,
    /// The others.
    pub checks: Vec<ListedCheck>,
}

impl ApproveList {
    pub fn of(state: &State, plan: &KeptRef, change: &SubmittedChange) -> Self {
        let all = listed(state, plan, promotion_list(state, plan, change));
        let (votes, checks): (Vec<_>, Vec<_>) = all.into_iter().partition(ListedCheck::is_vote);
        Self { vote: votes.into_iter().next().map(|vote| vote.asked.key), checks }
    }
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
