//! What the clock brings to proposals: on stake at the start of an epoch, to polls of members in any block.

use crate::{DepositEnd, Event, Motion, Place, Poll, Proposal, Shortfall, Status, counting, queries, storage::*};
use primitives::{Moment, ProposalId};
use state::State;
use std::collections::BTreeSet;

/// The most polls of guests that come to an end in a block, or are counted again.
pub const MOST_GUESTS: usize = 32;

/// The proposals whose voting ends, each with its outcome; `most` of them, and the rest in the next blocks, in their order. Those on
/// stake come first, by epoch and number. Then come the polls of members whose time is over, and those that are decided, or whose members
/// changed, whoever waits longest first: of the network's own plan all, and behind them [`MOST_GUESTS`] of guests, and no more than a
/// fourth of what is left. What is over is looked up and not searched for.
///
/// Nobody votes meanwhile on what is over, or takes it back. On stake its outcome is the same in whatever block.
pub fn due<M: Motion>(state: &State, at: Moment, most: usize) -> Vec<Event<M>> {
    let open = ripe(state, at).filter(|(_, poll)| poll.status == Status::Open);
    let mut events: Vec<Event<M>> = open.take(most).map(|(id, poll)| end_on_stake(state, id, &poll)).collect();
    let left = most.saturating_sub(events.len());
    events.extend(to_count(state, at, Place::Chain, left).into_iter().map(|id| counted(state, at, id)));
    // Each that passes has two more facts, of what it does and that it did.
    let guests = MOST_GUESTS.min(most.saturating_sub(events.len()) / 4);
    events.extend(to_count(state, at, Place::Guest, guests).into_iter().map(|id| counted(state, at, id)));
    events
}

/// The passed proposals whose turn it is to be carried out: on stake those whose activation epoch has come, and the polls of members
/// that passed. They come in the [order](state::Enact::order) of their motions: what stops others first, and then by epoch and number;
/// those of guests stop nobody and come last. `most` of them, and the rest in the next blocks; all are ordered before they are cut, or
/// what is to be stopped could come a block before what stops it. The runtime carries each out and says whether that succeeded.
pub fn activate<M: Motion>(state: &State, at: Moment, most: usize) -> Vec<Proposal<M>> {
    let has_passed = |id: &ProposalId| queries::poll(state, *id).status == Status::Passed;
    let on_stake = ripe(state, at).map(|(id, _)| id);
    // Whoever waited longest was decided first.
    let guests = queued(state, Place::Guest).take(MOST_GUESTS);
    let all = on_stake.chain(queued(state, Place::Chain)).chain(guests).filter(has_passed);
    let mut passed: Vec<Proposal<M>> = all.map(|id| queries::proposal(state, id)).collect();
    passed.sort_by_key(|proposal| (proposal.place == Place::Guest, proposal.motion.order()));
    passed.truncate(most);
    passed
}

fn ripe<'s>(state: &'s State, at: Moment) -> impl Iterator<Item = (ProposalId, Poll)> + 's {
    AGENDA
        .iter(state)
        .take_while(move |(epoch, _)| *epoch <= at.epoch)
        .map(move |(_, id)| (id, queries::poll(state, id)))
}

/// The polls of members that wait, in their order.
fn queued<'s>(state: &'s State, place: Place) -> impl Iterator<Item = ProposalId> + 's {
    DECIDED.iter_under(state, &place.line()).map(|(_, _, id)| id)
}

/// The open polls of members that are to be counted: those that are said to be decided, and those whose time is over. Half of the places
/// are for these first: each of them ends when it is counted, while whoever changes the members of its roles in every block can have its
/// other polls counted in every block.
fn to_count(state: &State, at: Moment, place: Place, most: usize) -> Vec<ProposalId> {
    let line = place.line();
    let is_open = |id: &ProposalId| queries::poll(state, *id).status == Status::Open;
    let timed = CLOSING.iter_under(state, &line).take_while(|(_, running, _)| *running <= at.running);
    let by_epoch = CLOSING_EPOCHS.iter_under(state, &line).take_while(|(_, epoch, _)| *epoch <= at.epoch);
    let over: Vec<ProposalId> = timed.map(|(_, _, id)| id).chain(by_epoch.map(|(_, _, id)| id)).take(most).collect();
    let half = most.div_ceil(2);
    let (first, rest) = (over.iter().copied().take(half), over.iter().copied().skip(half));
    let mut seen = BTreeSet::new();
    first.chain(queued(state, place).filter(is_open)).chain(rest).filter(|id| seen.insert(*id)).take(most).collect()
}

fn end_on_stake<M: Motion>(state: &State, proposal_id: ProposalId, poll: &Poll) -> Event<M> {
    let (tally, total) = (poll.tally, poll.total);
    let shortfall = queries::shortfall(state, &queries::proposal::<M>(state, proposal_id), poll);
    if poll.place.is_of_chain() {
        return Event::Decided { proposal_id, tally, total, shortfall };
    }
    let deposit = queries::deposit(state, proposal_id);
    let returned = DepositEnd::Returned(deposit);
    match shortfall {
        None => {
            let activation_epoch = poll.activation_epoch;
            Event::Passed { proposal_id, tally, activation_epoch, deposit: returned }
        }
        Some(shortfall) => {
            let burned = DepositEnd::Burned(deposit);
            let deposit = if shortfall == Shortfall::Quorum { burned } else { returned };
            Event::Rejected { proposal_id, tally, shortfall, deposit }
        }
    }
}

/// What comes of a poll of members by its ballots: its end, if it is certain or its time is over, or else its count.
fn counted<M: Motion>(state: &State, at: Moment, proposal_id: ProposalId) -> Event<M> {
    let (proposal, poll) = (queries::proposal::<M>(state, proposal_id), queries::poll(state, proposal_id));
    let (tally, total) = counting::count(state, proposal_id, &poll.electorate);
    let outcome = match counting::settled(&poll.rules, &tally, total) {
        Some(outcome) => outcome.err(),
        None if poll.is_over(at) => poll.rules.shortfall(&tally, total),
        None => return Event::Recounted { proposal_id, tally, total },
    };
    let lacks = || proposal.motion.lacks(state, proposal_id, proposal.created, at.epoch);
    Event::Decided { proposal_id, tally, total, shortfall: outcome.or_else(lacks) }
}
