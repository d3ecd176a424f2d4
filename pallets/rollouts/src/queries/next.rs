//! What is to be done next about a change, and by whom (ROLLOUTS 13).

use super::{change, progress};
use crate::change::{ChangeProgress, ChangeRequest, ChangeState, SubmittedChange};
use crate::check::Ask;
use crate::decide::close;
use crate::judge::{lists, verdict};
use crate::plan::{ActivationStep, AskedCheck, ChangeKind, Stage, WindowRule};
use crate::plans::{KeptRef, version_of};
use crate::verdict::{FindingState, ListVerdict};
use crate::{polls, scope};
use primitives::{ChangeId, Moment, Name};
use serde::{Deserialize, Serialize};
use state::State;

/// Something that is to be done next about a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NextAct {
    /// What.
    pub what: NextActKind,
    /// The check that is to be answered or voted on, or the step that is to be taken.
    pub key: Option<Name>,
    /// The roles whose members can do it, in the order of their names. Nobody is named where the stake votes.
    pub roles: Vec<Name>,
    /// The segment whose members are asked to say so, each for itself.
    pub segment: Option<Name>,
}

/// What can be done about a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::Display)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum NextActKind {
    /// A check asks for a statement.
    State,
    /// A poll on it is open.
    Vote,
    /// Its window is to be announced.
    Announce,
    /// It can be carried out as soon as its window, its list and its time let it.
    Execute,
    /// The next step of its stage is to be taken.
    Step,
    /// It owes nothing any more, and can be closed.
    Close,
}

/// What is to be done next about a change, in the order in which it is done; nothing about one that is over, or that there is not.
pub fn next_acts(state: &State, at: Moment, id: ChangeId) -> Vec<NextAct> {
    let Some((change, progress)) = change(state, id).zip(progress(state, id)) else { return Vec::new() };
    let Ok(plan) = version_of(state, &change) else { return Vec::new() };
    let next = Next { state, at, plan: &plan, change: &change, progress: &progress };
    match progress.state {
        ChangeState::Open | ChangeState::Approved => next.while_it_waits(),
        ChangeState::Active => next.while_it_owes(),
        ChangeState::Closed => next.step(),
        ChangeState::Reverted { .. } | ChangeState::Ended { .. } => Vec::new(),
    }
}

/// A change, while it is looked at.
struct Next<'s> {
    state: &'s State<'s>,
    at: Moment,
    plan: &'s KeptRef,
    change: &'s SubmittedChange,
    progress: &'s ChangeProgress,
}

impl Next<'_> {
    fn while_it_waits(&self) -> Vec<NextAct> {
        let list = lists::approve_list(self.state, self.plan, self.change);
        let mut acts = self.statements(&list);
        let is_open = self.progress.state == ChangeState::Open;
        match self.progress.poll.filter(|_| is_open) {
            Some(poll) => acts.push(self.approval(!polls::is_of_stake(self.state, poll))),
            // What is voted on and has no poll yet waits for the next block.
            None if is_open && self.is_voted_on() => {}
            None => {
                acts.extend(self.announcement());
                acts.push(self.by_grant(NextActKind::Execute, &format!("{}.execute", self.change.kind()), None));
            }
        }
        acts
    }

    fn while_it_owes(&self) -> Vec<NextAct> {
        let list = lists::close_list(self.plan, self.change, self.progress);
        let mut acts = self.statements(&list);
        for duty in self.progress.owed().filter(|duty| duty.poll.is_some()) {
            acts.extend(polls::vote_rules(self.state, self.plan, &duty.check).map(|rules| NextAct {
                what: NextActKind::Vote,
                key: Some(duty.check.clone()),
                roles: vec![rules.role],
                segment: None,
            }));
        }
        acts.extend(self.step());
        // A pause is lifted before it is ratified, too.
        let falls_away = close::lifted(self.state, self.plan, self.change, self.progress);
        if self.progress.owed().all(|duty| falls_away.contains(&duty.check)) {
            acts.push(self.by_grant(NextActKind::Close, &format!("{}.close", self.change.kind()), None));
        }
        acts
    }

    /// What a list asks somebody to say and that is not said, each check once.
    fn statements(&self, list: &[AskedCheck]) -> Vec<NextAct> {
        let judged = self.judged(list);
        let unsaid = judged.unmet().filter(|finding| !finding.measured && finding.state != FindingState::Waived);
        unsaid
            .map(|finding| NextAct {
                what: NextActKind::State,
                key: Some(finding.key.clone()),
                roles: finding.owner.iter().cloned().collect(),
                segment: self.chorus(&finding.key),
            })
            .collect()
    }

    fn judged(&self, list: &[AskedCheck]) -> ListVerdict {
        verdict(self.state, self.at, self.plan, Some(self.change), Some(self.progress), list)
    }

    fn chorus(&self, key: &Name) -> Option<Name> {
        match self.plan.check(self.state, key)?.ask {
            Ask::Chorus { segment, .. } => Some(segment),
            _ => None,
        }
    }

    fn is_voted_on(&self) -> bool {
        lists::vote_of(self.state, self.plan, self.change).is_some() || polls::awaits_poll(self.state, self.change)
    }

    fn approval(&self, by_members: bool) -> NextAct {
        let key = lists::vote_of(self.state, self.plan, self.change);
        let rules = key.as_ref().filter(|_| by_members).and_then(|key| polls::vote_rules(self.state, self.plan, key));
        NextAct {
            what: NextActKind::Vote,
            key,
            roles: rules.into_iter().map(|rules| rules.role).collect(),
            segment: None,
        }
    }

    /// A window that has to be announced, and is not, or is over.
    fn announcement(&self) -> Option<NextAct> {
        let (state, at) = (self.state, self.at);
        let stages = scope::touched(state, self.plan, &self.change.asked.request).unwrap_or_default();
        let is_announced = |stage: &Stage| {
            let window = self.plan.window(state, &stage.window);
            window.is_some_and(|window| matches!(window.rule, WindowRule::Announced { .. }))
        };
        let procedure = self.plan.procedure(state, self.change.kind(), self.change.asked.request.stage());
        let is_asked = procedure.is_some_and(|procedure| procedure.window) && stages.iter().any(is_announced);
        let is_there = self.progress.window.is_some_and(|(_, until)| at.time < until);
        (is_asked && !is_there).then(|| self.by_grant(NextActKind::Announce, "announce", None))
    }

    /// The first step of the stage of a promotion that is not taken, while that stage stands by it, with what is to be said before.
    fn step(&self) -> Vec<NextAct> {
        let Some((stage, step)) = self.next_step() else { return Vec::new() };
        let mut acts = self.statements(&lists::step_list(&stage, &step));
        let action = format!("{}.execute", ChangeKind::Promote);
        acts.push(self.by_grant(NextActKind::Step, &action, Some(step.key)));
        acts
    }

    fn next_step(&self) -> Option<(Stage, ActivationStep)> {
        let ChangeRequest::Promote { to, .. } = &self.change.asked.request else { return None };
        self.plan.standing(self.state, to).filter(|standing| standing.change == self.change.id)?;
        let stage = self.plan.stage(self.state, to).ok()?;
        let step = stage.steps.iter().find(|step| !self.progress.steps.contains(&step.key))?.clone();
        Some((stage, step))
    }

    fn by_grant(&self, what: NextActKind, action: &str, key: Option<Name>) -> NextAct {
        let roles = roles::queries::granted(self.state, &self.change.plan, action);
        NextAct { what, key, roles, segment: None }
    }
}
