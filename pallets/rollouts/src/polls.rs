//! Votes on changes: all that this pallet has to do with governance (ROLLOUTS 5 and 7.4).
//!
//! The chain itself opens the polls that changes wait for. A runtime asks for the [next one](next_poll) and opens it, tells
//! [`apply::opened`](crate::apply::opened) its number when that is applied, and ends those that are [needless](needless_polls). A poll
//! that passes carries out its [motion](crate::Motion::Decide); of one that came to nothing [the clock](crate::due_of_node) takes note.

use crate::Motion;
use crate::change::{ChangeProgress, SubmittedChange};
use crate::check::{Ask, VoteRules};
use crate::effects::{self, QuorumMove};
use crate::judge::lists::vote_of;
use crate::plan::QUORUM_GATE;
use crate::plans::{self, KeptRef};
use crate::storage::*;
use governance::{PollFailure, PollRules, Status};
use primitives::{AccountId, ChangeId, Epoch, Moment, Name, ProposalId};
use roles::RoleKey;
use state::State;

/// A poll that is to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuePoll {
    /// For whom: who submitted the change.
    pub proposer: AccountId,
    /// What is decided.
    pub motion: Motion,
    /// Who votes, and by which rules.
    pub rules: PollRules,
}

/// The poll that is opened next, those of the node's plan first; none when nothing waits for one. A role in which nobody
/// votes decides nothing, so a poll of it waits until somebody does.
///
/// Of the node's plan all that waits is looked at, because the stake may vote where no member does: up to
/// [`MOST_LIVE`](crate::change::MOST_LIVE) changes, with the votes that each owes. Those of applications are found by the roles that have
/// both something to vote on and somebody who votes: a role without voters costs a block nothing, however much waits for it, and one who
/// comes to vote writes one row.
pub fn next_poll(state: &State, at: Moment) -> Option<DuePoll> {
    let node = flags::queries::node_plan(state);
    let mut of_node = node.iter().flat_map(|plan| TO_OPEN.iter_under(state, plan));
    let found = of_node.find_map(|((_, change, check), _)| due_poll(state, at, change, check));
    found.or_else(|| VOTING.iter(state).find_map(|key| of_role(state, at, &key)))
}

/// The next poll of a role of an application: on changes in the order of their numbers, and then on later versions.
fn of_role(state: &State, at: Moment, key: &RoleKey) -> Option<DuePoll> {
    let mut changes = TO_ASK.iter_under(state, key);
    let on_change = changes.find_map(|(_, change, check)| due_poll(state, at, change, check));
    on_change.or_else(|| TO_AMEND.iter_under(state, key).find_map(|(key, number)| on_amendment(state, key, number)))
}

/// The vote of the role that owns an application's plan on a later version of it (ROLLOUTS 7.4).
fn on_amendment(state: &State, key: RoleKey, number: u64) -> Option<DuePoll> {
    let asked = AMENDMENTS.get(state, &(key.plan.clone(), number))?;
    let amend = plans::current(state, &key.plan).ok()?.kept.policy.amend?;
    let rules = PollRules::Members { key, share: amend.share, within: Some(amend.within), guest: true };
    Some(DuePoll { proposer: asked.by.account, motion: Motion::Install(Box::new(asked.installation)), rules })
}

/// Whether a poll is on a later version of an application's plan that its owner decides.
pub(crate) fn is_on_amendment(state: &State, poll: ProposalId) -> bool {
    AMENDMENT_POLLS.contains(state, &poll)
}

/// The polls on later versions that came to nothing and of which nobody took note here yet, with the plan and the number of each.
pub(crate) fn failed_amendments<'s>(state: &'s State) -> impl Iterator<Item = (ProposalId, Name, u64)> + 's {
    governance::queries::unmet(state).filter_map(|(poll, _)| {
        let (plan, number) = AMENDMENT_POLLS.get(state, &poll)?;
        Some((poll, plan, number))
    })
}

pub(crate) fn due_poll(state: &State, at: Moment, id: ChangeId, check: Name) -> Option<DuePoll> {
    let (change, progress) = (CHANGES.get(state, &id)?, PROGRESS.get(state, &id)?);
    let plan = plans::of_version(state, &change.plan, change.asked.version).ok()?;
    let is_approval = progress.state.waits();
    let rules = if is_approval && is_for_stake(state, at, &plan, &change) {
        PollRules::Stake
    } else {
        of_members(state, &plan, &change, &check, is_approval)?
    };
    let proposer = change.submitter().unwrap_or(AccountId([0; 32]));
    Some(DuePoll { proposer, motion: Motion::Decide { change: id, check, digest: change.digest }, rules })
}

/// An approval can be voted on for so long; what is owed, until it is decided (REQ-031).
fn of_members(
    state: &State,
    plan: &KeptRef,
    change: &SubmittedChange,
    check: &Name,
    is_approval: bool,
) -> Option<PollRules> {
    let ballot = vote_rules(state, plan, check)?;
    let key = RoleKey { plan: plan.name.clone(), role: ballot.role.clone() };
    // Who has no vote, or none yet, decides nothing.
    let has_voters = roles::queries::has_voters(state, &key);
    has_voters.then(|| PollRules::Members {
        key,
        share: ballot.share_of(change.asked.class),
        within: is_approval.then_some(ballot.within),
        guest: !plan.kept.is_of_node(),
    })
}

/// The rules of a check that asks for a vote; none of any other.
pub(crate) fn vote_rules(state: &State, plan: &KeptRef, check: &Name) -> Option<VoteRules> {
    match plan.check(state, check)?.ask {
        Ask::Vote { ballot } => Some(ballot),
        _ => None,
    }
}

/// The check of a change's list that asks for a vote. Of what takes the rule of a quorum from anybody the stake votes, also where the
/// list asks nobody: then the poll is on the gate itself.
pub(crate) fn vote_on(state: &State, plan: &KeptRef, change: &SubmittedChange, quorum: QuorumMove) -> Option<Name> {
    let of_gate = || Name::new(QUORUM_GATE).filter(|_| quorum.lost);
    vote_of(state, plan, change).or_else(of_gate)
}

/// Whether the stake votes on a change, whatever its check says: it takes the rule of a quorum from somebody (ROLLOUTS 5).
fn is_for_stake(state: &State, at: Moment, plan: &KeptRef, change: &SubmittedChange) -> bool {
    // Nothing of a guest does. What waits is looked at in every block, so what each of them would move is not reckoned for that.
    if !flags::queries::is_node_plan(state, &plan.name) {
        return false;
    }
    // What could not be carried out now is for those whom the check names; when it is carried out, this is asked again.
    let effects = effects::of_request(state, at, plan, &change.asked.request).unwrap_or_default();
    effects::quorum_move(state, at, &plan.name, &effects).lost
}

/// Whether the stake voted in a poll.
pub(crate) fn is_of_stake(state: &State, poll: ProposalId) -> bool {
    governance::queries::poll(state, poll).electorate.stake_epoch().is_some()
}

/// The first epoch in which it may be carried out what members decided now: the stake has the time of a vote on the expedited track to
/// stop it (ROLLOUTS 5). That time is of whole epochs, because what is proposed after a decision in the last block of an epoch is
/// proposed in the next one.
pub(crate) fn not_before(state: &State, at: Moment) -> Epoch {
    let track = governance::queries::params(state).expedited;
    at.epoch.next().plus(track.least_window.saturating_add(track.least_delay))
}

/// The polls that came to nothing and of which nobody took note here yet, with the change and the check that asked for the vote.
pub(crate) fn failed<'s>(state: &'s State) -> impl Iterator<Item = (ProposalId, PollFailure, ChangeId, Name)> + 's {
    governance::queries::unmet(state).filter_map(|(poll, why)| {
        let (change, check) = POLLS.get(state, &poll)?;
        Some((poll, why, change, check))
    })
}

/// The polls that are open and can decide nothing any more, because their changes are over: `most` of them. A runtime has them
/// cancelled.
pub fn needless_polls(state: &State, most: usize) -> Vec<ProposalId> {
    NEEDLESS.iter(state).filter(|poll| is_live(state, *poll)).take(most).collect()
}

/// The change of a poll is over: a poll that is still open can decide nothing, and of one that ended note is taken.
pub(crate) fn let_go(state: &mut State, poll: ProposalId) {
    if is_live(state, poll) {
        NEEDLESS.insert(state, &poll);
    } else {
        settle(state, poll);
    }
}

fn is_live(state: &State, poll: ProposalId) -> bool {
    matches!(governance::queries::poll(state, poll).status, Status::Open | Status::Passed)
}

/// Nothing comes of a poll any more, or all that could.
pub(crate) fn settle(state: &mut State, poll: ProposalId) {
    POLLS.remove(state, &poll);
    NEEDLESS.remove(state, &poll);
    governance::apply::take_note(state, poll);
}

/// The polls of a change that nothing has come of yet.
pub(crate) fn of_change(state: &State, progress: &ChangeProgress) -> Vec<ProposalId> {
    let all = progress.poll.into_iter().chain(progress.duties.iter().filter_map(|duty| duty.poll));
    all.filter(|poll| POLLS.contains(state, poll)).collect()
}

/// Whether the approval of a change waits for its poll to be opened.
pub(crate) fn awaits_poll(state: &State, change: &SubmittedChange) -> bool {
    TO_OPEN.iter_under(state, &(change.plan.clone(), change.id)).next().is_some()
}
