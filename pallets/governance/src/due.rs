//! What the start of an epoch brings to proposals.

use crate::{DepositEnd, Event, Motion, Poll, Proposal, Shortfall, Status, queries, storage::*};
use primitives::{Moment, ProposalId};
use state::State;

/// The open proposals whose voting ends, each with its outcome, in the order of epoch and number; `most` of them, and the rest
/// in the next blocks. Nobody votes on those or takes them back meanwhile, and their outcome is the same in whatever block.
pub fn due<M: Motion>(state: &State, at: Moment, most: usize) -> Vec<Event<M>> {
    ripe(state, at)
        .filter(|(_, poll)| poll.status == Status::Open)
        .take(most)
        .map(|(proposal_id, poll)| {
            let tally = poll.tally;
            let deposit = queries::deposit(state, proposal_id);
            let returned = DepositEnd::Returned(deposit);
            match queries::shortfall(state, &queries::proposal::<M>(state, proposal_id), &poll) {
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
        })
        .collect()
}

/// The passed proposals whose activation epoch has come, in the [order](state::Enact::order) of their motions: what stops others
/// first, and then by epoch and number. `most` of them, and the rest in the next blocks; all are ordered before they are cut, or
/// what is to be stopped could come a block before what stops it. The runtime carries each out and says whether that succeeded.
pub fn activate<M: Motion>(state: &State, at: Moment, most: usize) -> Vec<Proposal<M>> {
    let passed = ripe(state, at).filter(|(_, poll)| poll.status == Status::Passed);
    let mut passed: Vec<Proposal<M>> = passed.map(|(id, _)| queries::proposal(state, id)).collect();
    passed.sort_by_key(|proposal| proposal.motion.order());
    passed.truncate(most);
    passed
}

fn ripe<'s>(state: &'s State, at: Moment) -> impl Iterator<Item = (ProposalId, Poll)> + 's {
    AGENDA
        .iter(state)
        .take_while(move |(epoch, _)| *epoch <= at.epoch)
        .map(move |(_, id)| (id, queries::poll(state, id)))
}
