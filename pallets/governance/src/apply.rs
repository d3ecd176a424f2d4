//! What events do to proposals and ballots; and the keys by which other pallets' events have a proposal found.

use crate::{
    Ballot, Deposit, DepositEnd, Event, IndexKey, Motion, Overridden, Place, Poll, Proposal, Status, Tally, queries,
    storage::*,
};
use primitives::{Digest, Epoch, Moment, ProposalId};
use state::{Apply, State};

impl<M: Motion> Apply for Event<M> {
    fn apply(&self, state: &mut State, _at: Moment) {
        match self {
            Event::ParamsSet(params) => PARAMS.set(state, params),
            Event::Proposed(proposal) => open(state, proposal),
            Event::Voted { ballot, tally, overridden } => count(state, ballot, *tally, overridden),
            Event::Withdrawn { proposal_id, deposit } => {
                end::<M>(state, *proposal_id, Status::Withdrawn, Some(deposit))
            }
            Event::Passed { proposal_id, activation_epoch, deposit, .. } => {
                settle(state, *proposal_id, deposit);
                reschedule(state, *proposal_id, Some(*activation_epoch));
                set_status(state, *proposal_id, Status::Passed);
            }
            Event::Rejected { proposal_id, deposit, .. } => {
                end::<M>(state, *proposal_id, Status::Rejected, Some(deposit))
            }
            Event::Activated { proposal_id } => end::<M>(state, *proposal_id, Status::Activated, None),
            Event::Cancelled(cancelled) => {
                end::<M>(state, cancelled.proposal_id, Status::Cancelled, cancelled.deposit.as_ref());
            }
        }
    }
}

/// Has a live proposal found by keys until it is concluded: by those of its motion from the start, and by those of what only
/// became known of it since.
pub fn index(state: &mut State, id: ProposalId, keys: &[IndexKey]) {
    for IndexKey(key) in keys {
        INDEX.insert(state, &(*key, id));
        KEYS.insert(state, &(id, *key));
    }
}

fn unindex(state: &mut State, id: ProposalId) {
    let keys: Vec<(ProposalId, Digest)> = KEYS.iter_under(state, &id).collect();
    for (id, key) in keys {
        INDEX.remove(state, &(key, id));
        KEYS.remove(state, &(id, key));
    }
}

fn open<M: Motion>(state: &mut State, proposal: &Proposal<M>) {
    let id = proposal.id;
    let deposit = Deposit { account: proposal.proposer, amount: proposal.rules.deposit };
    accounts::apply::hold(state, &deposit.account, deposit.amount);
    DEPOSITS.set(state, &id, &deposit);
    LATEST.set(state, &id);
    let poll = Poll {
        status: Status::Open,
        electorate: proposal.electorate,
        vote_deadline_epoch: proposal.vote_deadline_epoch,
        activation_epoch: proposal.activation_epoch,
        tally: Tally::default(),
    };
    POLLS.set(state, &id, &poll);
    PLACES.set(state, &(proposal.proposer, id), &proposal.place);
    count_place(state, proposal, |held| held.saturating_add(1));
    index(state, id, &proposal.motion.index_keys());
    AGENDA.insert(state, &(proposal.vote_deadline_epoch, id));
    proposals().set(state, &id, proposal);
}

fn count(state: &mut State, ballot: &Ballot, tally: Tally, overridden: &[Overridden]) {
    let id = ballot.proposal_id;
    for Overridden { validator, total, lighter, .. } in overridden {
        let key = (id, *validator);
        OVERRIDDEN.set(state, &key, total);
        if let Some((ballot, lighter)) = BALLOTS.get(state, &key).zip(lighter.as_ref()) {
            BALLOTS.set(state, &key, &ballot.lightened(lighter));
        }
    }
    if ballot.number > VOTERS.count(state, &id) {
        VOTERS.push(state, &id, &ballot.voter);
    }
    BALLOTS.set(state, &(id, ballot.voter), ballot);
    let mut poll = queries::poll(state, id);
    poll.tally = tally;
    POLLS.set(state, &id, &poll);
}

/// Ends a proposal that is open or passed.
fn end<M: Motion>(state: &mut State, id: ProposalId, status: Status, deposit: Option<&DepositEnd>) {
    if let Some(deposit) = deposit {
        settle(state, id, deposit);
    }
    reschedule(state, id, None);
    let proposal = queries::proposal::<M>(state, id);
    PLACES.remove(state, &(proposal.proposer, id));
    count_place(state, &proposal, |held| held.saturating_sub(1));
    unindex(state, id);
    ENDED.push(state, &status, &id);
    set_status(state, id, status);
}

/// Changes how many shared places are held on the track of a proposal that holds one of them.
fn count_place<M>(state: &mut State, proposal: &Proposal<M>, change: impl FnOnce(u32) -> u32) {
    if proposal.place == Place::Shared {
        let mut shared = SHARED_PLACES.get_or_default(state);
        let held = shared.of(proposal.track);
        *held = change(*held);
        SHARED_PLACES.set(state, &shared);
    }
}

fn settle(state: &mut State, id: ProposalId, deposit: &DepositEnd) {
    DEPOSITS.remove(state, &id);
    match deposit {
        DepositEnd::Returned(Deposit { account, amount }) => accounts::apply::release(state, account, *amount),
        DepositEnd::Burned(Deposit { account, amount }) => accounts::apply::burn_held(state, account, *amount),
    }
}

fn reschedule(state: &mut State, id: ProposalId, to: Option<Epoch>) {
    let now = queries::poll(state, id).next_epoch();
    AGENDA.remove(state, &(now, id));
    if let Some(epoch) = to {
        AGENDA.insert(state, &(epoch, id));
    }
}

fn set_status(state: &mut State, id: ProposalId, status: Status) {
    let mut poll = queries::poll(state, id);
    poll.status = status;
    POLLS.set(state, &id, &poll);
}
