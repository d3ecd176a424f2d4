//! What became different from one view of a change to the next, one sentence each.

use super::{Watched, proposal};
use crate::failure::Failure;
use crate::render::{self, Screen};
use crate::session::Session;
use primitives::ChangeId;
use rollouts::change::ChangeState;
use rollouts::queries::NextAct;
use rpc::api::RolloutApiClient as _;
use rpc::views::{ChangeDetail, ChangeDuty, ProposalDetail};

impl Watched for ChangeDetail {
    type Id = ChangeId;

    async fn asked(session: &Session, id: ChangeId) -> Result<Self, Failure> {
        session.node.rollout_change(id).await.map_err(|error| session.explain(error))
    }

    fn is_concluded(&self) -> bool {
        match self.summary.state {
            ChangeState::Open | ChangeState::Approved | ChangeState::Active => false,
            ChangeState::Closed | ChangeState::Reverted { .. } | ChangeState::Ended { .. } => true,
        }
    }

    fn sentences(&self, screen: &Screen, before: Option<&Self>) -> Vec<String> {
        let mut said = Vec::new();
        if let Some(before) = before {
            said.extend(self.polls.iter().flat_map(|poll| proposal::votes(same_poll(before, poll), poll)));
            said.extend(self.duties.iter().filter(|owed| !is_known(before, owed)).map(duty));
            let taken = self.steps.iter().filter(|step| step.is_taken && !before.steps.contains(step));
            said.extend(taken.map(|step| format!("step {} is taken: {}", step.key, step.text)));
            if self.list.answer != before.list.answer {
                said.push(format!("its list comes to {}", self.list.answer));
            }
            let window = self.summary.window.as_ref().map(|window| (window.from, window.until));
            if let Some((from, until)) = window
                && before.summary.window.as_ref().map(|window| (window.from, window.until)) != window
            {
                said.push(format!("its window is from {} until {}", screen.time(from), screen.time(until)));
            }
        }
        if before.is_none_or(|before| stands(before) != stands(self)) {
            let next = self.next.first().map(|act| format!("; next: {}", next(act))).unwrap_or_default();
            let list = if self.summary.state.waits() {
                format!("; its list comes to {}", self.list.answer)
            } else {
                String::new()
            };
            said.push(format!("{}{list}{next}", stands(self)));
        }
        said
    }

    fn is_different(&self, before: Option<&Self>) -> bool {
        before.is_none_or(|before| told(before) != told(self))
    }

    fn drawn(&self, screen: &Screen, _epoch_length: u64, foot: &str) -> String {
        format!("{}\n{}", render::rollout::change(screen, self), screen.line(foot))
    }

    fn conclusion(&self) -> String {
        format!("Change {} is {}.", self.summary.id, self.summary.state)
    }
}

/// How it stands, in words.
fn stands(view: &ChangeDetail) -> String {
    let (id, label, state) = (view.summary.id, view.summary.label.to_string(), view.summary.state.to_string());
    if view.summary.state.waits() || label == state {
        format!("change {id} is {label}")
    } else {
        format!("change {id} is {label} ({state})")
    }
}

/// The same poll as it was before.
fn same_poll<'v>(before: &'v ChangeDetail, poll: &ProposalDetail) -> Option<&'v ProposalDetail> {
    before.polls.iter().find(|earlier| earlier.proposal.id == poll.proposal.id)
}

fn is_known(before: &ChangeDetail, owed: &ChangeDuty) -> bool {
    before.duties.iter().any(|earlier| earlier.duty.check == owed.duty.check && earlier.duty.state == owed.duty.state)
}

fn duty(owed: &ChangeDuty) -> String {
    format!("duty {} is {}", owed.duty.check, owed.duty.state)
}

/// What is to be done, and by whom.
fn next(act: &NextAct) -> String {
    let what = act.key.as_ref().map_or_else(|| act.what.to_string(), |key| format!("{} {key}", act.what));
    match &act.segment {
        Some(segment) => format!("{what}, each of {segment}"),
        None if act.roles.is_empty() => format!("{what}, the stake"),
        None => format!("{what}, {}", act.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" or ")),
    }
}

/// A view without what is estimated or counted anew with every block.
fn told(view: &ChangeDetail) -> ChangeDetail {
    let mut told = view.clone();
    told.height = Default::default();
    told.summary.expires = None;
    told.summary.not_before = None;
    told.summary.next_duty = None;
    if let Some(window) = &mut told.summary.window {
        window.is_open = false;
    }
    let findings = told.duties.iter_mut().filter_map(|owed| {
        owed.due = None;
        owed.finding.as_mut()
    });
    for explained in told.list.findings.iter_mut().chain(findings) {
        explained.due = None;
        explained.finding.have = String::new();
    }
    for poll in &mut told.polls {
        (poll.vote_deadline, poll.activation) = (None, None);
    }
    told
}
