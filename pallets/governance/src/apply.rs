//! What events do to proposals and ballots; and what other pallets' events do to them: the keys by which a proposal is found, members
//! that went, and who has taken note of what came of a poll.

use crate::{
    Ballot, Deposit, DepositEnd, Event, IndexKey, Motion, Overridden, Place, Poll, PollFailure, Proposal, Status,
    Tally, queries, schedule, storage::*,
};
use primitives::{Amount, Digest, Moment, ProposalId};
use roles::RoleKey;
use state::{Apply, State};

impl<M: Motion> Apply for Event<M> {
    fn apply(&self, state: &mut State, at: Moment) {
        match self {
            Event::ParamsSet(params) => PARAMS.set(state, params),
            Event::Proposed(proposal) => propose(state, proposal),
            Event::Voted { ballot, tally, overridden, decides } => {
                count(state, ballot, *tally, overridden);
                if *decides {
                    schedule::queue(state, at, ballot.proposal_id);
                }
            }
            Event::Withdrawn { proposal_id, deposit } => {
                end::<M>(state, *proposal_id, Status::Withdrawn, Some(deposit))
            }
            Event::Passed { proposal_id, deposit, .. } => {
                settle(state, *proposal_id, deposit);
                pass(state, at, *proposal_id);
            }
            Event::Rejected { proposal_id, deposit, .. } => {
                end::<M>(state, *proposal_id, Status::Rejected, Some(deposit))
            }
            Event::Activated { proposal_id } => end::<M>(state, *proposal_id, Status::Activated, None),
            Event::Cancelled(cancelled) => {
                let id = cancelled.proposal_id;
                let is_of_chain = queries::poll(state, id).place.is_of_chain();
                end::<M>(state, id, Status::Cancelled, cancelled.deposit.as_ref());
                if is_of_chain {
                    UNMET.set(state, &id, &PollFailure::Cancelled);
                }
            }
            Event::Opened { proposal, total } => open(state, proposal, *total),
            Event::Decided { proposal_id, tally, total, shortfall } => {
                set_count(state, *proposal_id, *tally, *total);
                match shortfall {
                    None => pass(state, at, *proposal_id),
                    Some(shortfall) => {
                        end::<M>(state, *proposal_id, Status::Rejected, None);
                        UNMET.set(state, proposal_id, &PollFailure::Rejected(*shortfall));
                    }
                }
            }
            Event::Recounted { proposal_id, tally, total } => {
                set_count(state, *proposal_id, *tally, *total);
                schedule::unqueue(state, *proposal_id);
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

/// Has the open polls of a role counted again, because its members changed: in the next block, or when their turn comes. Whatever
/// changes members calls it.
pub fn recount(state: &mut State, at: Moment, key: &RoleKey) {
    let polls: Vec<ProposalId> = queries::polls_of(state, key).collect();
    polls.into_iter().for_each(|id| schedule::queue(state, at, id));
}

/// Whoever had a poll opened has taken note that nothing came of it: [`queries::unmet`] no longer names it.
pub fn take_note(state: &mut State, id: ProposalId) {
    UNMET.remove(state, &id);
}

fn unindex(state: &mut State, id: ProposalId) {
    let keys: Vec<(ProposalId, Digest)> = KEYS.iter_under(state, &id).collect();
    for (id, key) in keys {
        INDEX.remove(state, &(key, id));
        KEYS.remove(state, &(id, key));
    }
}

/// What an account proposes has its deposit and its place.
fn propose<M: Motion>(state: &mut State, proposal: &Proposal<M>) {
    let id = proposal.id;
    let deposit = Deposit { account: proposal.proposer, amount: proposal.rules.deposit };
    accounts::apply::hold(state, &deposit.account, deposit.amount);
    DEPOSITS.set(state, &id, &deposit);
    PLACES.set(state, &(proposal.proposer, id), &proposal.place);
    count_place(state, proposal, |held| held.saturating_add(1));
    let total = proposal.electorate.total(state);
    open(state, proposal, total);
}

fn open<M: Motion>(state: &mut State, proposal: &Proposal<M>, total: Amount) {
    let id = proposal.id;
    LATEST.set(state, &id);
    let poll = Poll {
        status: Status::Open,
        electorate: proposal.electorate.clone(),
        place: proposal.place,
        vote_deadline_epoch: proposal.vote_deadline_epoch,
        activation_epoch: proposal.activation_epoch,
        closes_at: proposal.closes_at,
        rules: proposal.rules,
        ballots: 0,
        tally: Tally::default(),
        total,
        queued: None,
    };
    POLLS.set(state, &id, &poll);
    index(state, id, &proposal.motion.index_keys());
    schedule::begin(state, id, &poll);
    proposals().set(state, &id, proposal);
}

fn count(state: &mut State, ballot: &Ballot, tally: Tally, overridden: &[Overridden]) {
    let id = ballot.proposal_id;
    for Overridden { validator, total, lighter, .. } in overridden {
        let key = (id, *validator);
        OVERRIDDEN.set(state, &key, total);
        if let Some(lighter) = lighter
            && let Some(ballot) = BALLOTS.get(state, &key)
        {
            BALLOTS.set(state, &key, &ballot.lightened(lighter));
        }
    }
    BALLOTS.set(state, &(id, ballot.voter), ballot);
    let mut poll = queries::poll(state, id);
    if ballot.number > poll.ballots {
        poll.ballots = ballot.number;
        VOTERS.set(state, &(id, ballot.number), &ballot.voter);
    }
    poll.tally = tally;
    POLLS.set(state, &id, &poll);
}

fn set_count(state: &mut State, id: ProposalId, tally: Tally, total: Amount) {
    let poll = queries::poll(state, id);
    POLLS.set(state, &id, &Poll { tally, total, ..poll });
}

/// An open proposal waits to be carried out.
fn pass(state: &mut State, at: Moment, id: ProposalId) {
    schedule::pass(state, at, id);
    set_status(state, id, Status::Passed);
}

/// Ends a proposal that is open or passed.
fn end<M: Motion>(state: &mut State, id: ProposalId, status: Status, deposit: Option<&DepositEnd>) {
    if let Some(deposit) = deposit {
        settle(state, id, deposit);
    }
    schedule::end(state, id);
    let proposal = queries::proposal::<M>(state, id);
    if !proposal.place.is_of_chain() {
        PLACES.remove(state, &(proposal.proposer, id));
        count_place(state, &proposal, |held| held.saturating_sub(1));
    }
    unindex(state, id);
    ENDED.push(state, &status, &id);
    set_status(state, id, status);
}

/// Changes how many shared places are held on the track of a proposal that holds one of them.
fn count_place<M>(state: &mut State, proposal: &Proposal<M>, change: impl FnOnce(u32) -> u32) {
    if proposal.place == Place::Shared {
        let mut shared = SHARED_PLACES.get_or_default(state);
        if let Some(held) = shared.of(proposal.track) {
            *held = change(*held);
        }
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

fn set_status(state: &mut State, id: ProposalId, status: Status) {
    let poll = queries::poll(state, id);
    POLLS.set(state, &id, &Poll { status, ..poll });
}
