//! What can be asked about proposals.

use crate::{
    Ballot, Deposit, GovernanceParams, IndexKey, Motion, Place, Poll, PollFailure, Proposal, Shortfall, Status,
    storage, storage::*,
};
use primitives::{AccountId, Amount, Epoch, ProposalId};
use roles::RoleKey;
use state::{State, corrupt};

/// The rules.
pub fn params(state: &State) -> GovernanceParams {
    PARAMS.require(state)
}

/// How many live proposals are counted on: see [`GovernanceParams::most_live`].
pub fn most_live(state: &State) -> u64 {
    params(state).most_live(staking::queries::params(state).max_validators)
}

/// The number of the latest proposal; zero before the first. Every number from 1 to it is a proposal's.
pub fn latest(state: &State) -> ProposalId {
    LATEST.get_or_default(state)
}

/// The number of the next proposal.
pub fn next_id(state: &State) -> ProposalId {
    latest(state).next()
}

/// A proposal, if there is one of this number.
pub fn find<M: Motion>(state: &State, id: ProposalId) -> Option<Proposal<M>> {
    storage::proposals().get(state, &id)
}

/// A proposal that is known to exist.
pub fn proposal<M: Motion>(state: &State, id: ProposalId) -> Proposal<M> {
    find(state, id).unwrap_or_else(|| corrupt(&format!("proposal {id} is missing")))
}

/// How many proposals ended in a way.
pub fn ended_count(state: &State, how: Status) -> u64 {
    ENDED.count(state, &how)
}

/// The proposal that was, as the so manyth from 1, the next to end in a way.
pub fn ended(state: &State, how: Status, number: u64) -> Option<ProposalId> {
    ENDED.get(state, &how, number)
}

/// Every proposal there ever was, the first one first; whoever asks reads them all.
pub fn proposals<'s, M: Motion>(state: &'s State) -> impl Iterator<Item = Proposal<M>> + use<'s, M> {
    storage::proposals::<M>().iter(state).map(|(_, proposal)| proposal)
}

/// What votes read of a proposal that is known to exist.
pub fn poll(state: &State, id: ProposalId) -> Poll {
    POLLS.get(state, &id).unwrap_or_else(|| corrupt(&format!("the poll of proposal {id} is missing")))
}

/// What a proposal would miss if voting ended with what is there now: votes, and if those are there, what its motion lacks beside
/// them. `None` when it would pass.
pub fn shortfall<M: Motion>(state: &State, proposal: &Proposal<M>, poll: &Poll) -> Option<Shortfall> {
    let lacks = || proposal.motion.lacks(state, proposal.id, proposal.created, poll.vote_deadline_epoch);
    poll.rules.shortfall(&poll.tally, poll.total).or_else(lacks)
}

/// The open and passed proposals on stake, by the epoch at whose start something happens to them: no more than there are places, and what
/// the chain opened.
pub fn live<'s>(state: &'s State) -> impl Iterator<Item = ProposalId> + use<'s> {
    AGENDA.iter(state).map(|(_, id)| id)
}

/// The open and passed polls of members of the network's own plan, by their role. Those of guests, of which there are as many as
/// strangers have changes, are found by their role and their number.
pub fn live_polls<'s>(state: &'s State) -> impl Iterator<Item = ProposalId> + use<'s> {
    OF_ROLES.iter_under(state, &Place::Chain.line()).map(|(_, _, id)| id)
}

/// The open and passed polls of the members of a role, the first one first.
pub fn polls_of<'s>(state: &'s State, key: &RoleKey) -> impl Iterator<Item = ProposalId> + use<'s> {
    let under = |place: Place| OF_ROLES.iter_under(state, &(place.line(), key.clone()));
    under(Place::Chain).chain(under(Place::Guest)).map(|(_, _, id)| id)
}

/// What the chain opened and nothing came of, the first one first, until whoever had it opened has [taken
/// note](crate::apply::take_note). What came of the others is what their motions did. Nothing is here that was not opened for somebody
/// who waits for it, so there is never more than was opened.
pub fn unmet<'s>(state: &'s State) -> impl Iterator<Item = (ProposalId, PollFailure)> + use<'s> {
    UNMET.iter(state)
}

/// The deposit of an open proposal that an account made.
pub(crate) fn deposit(state: &State, id: ProposalId) -> Deposit {
    DEPOSITS.get(state, &id).unwrap_or_else(|| corrupt(&format!("the deposit of proposal {id} is missing")))
}

/// How many ballots there are on a proposal.
pub fn ballot_count(state: &State, id: ProposalId) -> u64 {
    POLLS.get(state, &id).map(|poll| poll.ballots).unwrap_or_default()
}

/// A ballot on a proposal by its number, from 1.
pub fn numbered_ballot(state: &State, id: ProposalId, number: u64) -> Option<Ballot> {
    BALLOTS.get(state, &(id, VOTERS.get(state, &(id, number))?))
}

/// The ballots on a proposal, by voter; whoever asks reads them all.
pub fn ballots<'s>(state: &'s State, id: ProposalId) -> impl Iterator<Item = Ballot> + use<'s> {
    BALLOTS.iter_under(state, &id).map(|(_, ballot)| ballot)
}

/// Whether `who` has a ballot on a proposal.
pub fn has_voted(state: &State, id: ProposalId, who: &AccountId) -> bool {
    BALLOTS.contains(state, &(id, *who))
}

/// Whether anybody but `who` has a ballot on a proposal.
pub(crate) fn others_have_voted(state: &State, id: ProposalId, who: &AccountId) -> bool {
    ballots(state, id).any(|ballot| ballot.voter != *who)
}

/// The open and passed proposals that are found by a key, the first one first.
pub fn found_by<'s>(state: &'s State, key: &IndexKey) -> impl Iterator<Item = ProposalId> + use<'s> {
    INDEX.iter_under(state, &key.0).map(|(_, id)| id)
}

/// Whether an open or passed proposal is found by a key.
pub fn is_found_by(state: &State, id: ProposalId, key: &IndexKey) -> bool {
    INDEX.contains(state, &(key.0, id))
}

/// The open and passed proposals of an account, the first one first: at most [`MOST_PLACES_OF_ONE`](crate::MOST_PLACES_OF_ONE),
/// and a validator's own.
pub fn live_of<'s>(state: &'s State, proposer: &AccountId) -> impl Iterator<Item = ProposalId> + use<'s> {
    PLACES.iter_under(state, proposer).map(|((_, id), _)| id)
}

/// What `validator`, whose bond to itself is `own_bond`, speaks for on a proposal: the stake that others have delegated to it
/// and not voted with themselves.
pub fn represented(state: &State, id: ProposalId, validator: &AccountId, own_bond: Amount, epoch: Epoch) -> Amount {
    let delegated = staking::queries::power_at(state, validator, epoch).saturating_sub(own_bond);
    if delegated == Amount::ZERO {
        return Amount::ZERO;
    }
    delegated.saturating_sub(OVERRIDDEN.get(state, &(id, *validator)).unwrap_or_default())
}
