//! What events do to proposals and ballots.

use crate::{Ballot, Event, Motion, Overridden, Poll, Proposal, Shortfall, Status, Tally, queries, storage::*};
use primitives::{Epoch, ProposalId};
use state::State;

impl<M: Motion> Event<M> {
    /// Writes the effects; cannot refuse.
    pub fn apply(&self, state: &mut State) {
        match self {
            Event::Proposed(proposal) => open(state, proposal),
            Event::Voted { ballot, tally, overridden } => count(state, ballot, *tally, overridden),
            Event::Withdrawn { proposal_id } => close::<M>(state, *proposal_id, Status::Withdrawn, true),
            Event::Passed { proposal_id, .. } => pass::<M>(state, *proposal_id),
            Event::Rejected { proposal_id, shortfall, .. } => {
                close::<M>(state, *proposal_id, Status::Rejected, *shortfall != Shortfall::Quorum);
            }
            Event::Activated { proposal_id } => conclude::<M>(state, *proposal_id, Status::Activated),
            Event::Cancelled { proposal_id } => cancel::<M>(state, *proposal_id),
        }
    }
}

fn open<M: Motion>(state: &mut State, proposal: &Proposal<M>) {
    let id = proposal.id;
    accounts::apply::hold(state, &proposal.proposer, proposal.rules.deposit);
    LATEST.set(state, &id);
    let poll = Poll {
        status: Status::Open,
        electorate: proposal.electorate,
        vote_deadline_epoch: proposal.vote_deadline_epoch,
        tally: Tally::default(),
    };
    POLLS.set(state, &id, &poll);
    proposal.motion.claims().iter().for_each(|claim| CLAIMS.set(state, claim, &id));
    AGENDA.insert(state, &(proposal.vote_deadline_epoch, id));
    proposals().set(state, &id, proposal);
}

fn count(state: &mut State, ballot: &Ballot, tally: Tally, overridden: &[Overridden]) {
    let id = ballot.proposal_id;
    for Overridden { validator, amount } in overridden {
        let key = (id, *validator);
        let spoken = OVERRIDDEN.get(state, &key).unwrap_or_default().saturating_add(*amount);
        OVERRIDDEN.set(state, &key, &spoken);
        if let Some(mut theirs) = BALLOTS.get(state, &key) {
            theirs.weight = theirs.weight.saturating_sub(*amount);
            theirs.represented = theirs.represented.saturating_sub(*amount);
            BALLOTS.set(state, &key, &theirs);
        }
    }
    BALLOTS.set(state, &(id, ballot.voter), ballot);
    let mut poll = queries::poll(state, id);
    poll.tally = tally;
    POLLS.set(state, &id, &poll);
}

fn pass<M: Motion>(state: &mut State, id: ProposalId) {
    let proposal = queries::proposal::<M>(state, id);
    accounts::apply::release(state, &proposal.proposer, proposal.rules.deposit);
    reschedule(state, id, proposal.vote_deadline_epoch, Some(proposal.activation_epoch));
    set_status(state, id, Status::Passed);
}

/// Ends an open proposal; its deposit returns or is burned.
fn close<M: Motion>(state: &mut State, id: ProposalId, status: Status, deposit_returns: bool) {
    let proposal = queries::proposal::<M>(state, id);
    let settle_deposit = if deposit_returns { accounts::apply::release } else { accounts::apply::burn_held };
    settle_deposit(state, &proposal.proposer, proposal.rules.deposit);
    reschedule(state, id, proposal.vote_deadline_epoch, None);
    free_claims(state, &proposal);
    set_status(state, id, status);
}

/// Ends a passed proposal.
fn conclude<M: Motion>(state: &mut State, id: ProposalId, status: Status) {
    let proposal = queries::proposal::<M>(state, id);
    reschedule(state, id, proposal.activation_epoch, None);
    free_claims(state, &proposal);
    set_status(state, id, status);
}

/// Ends an open or passed proposal that is not carried out; a deposit that is still held returns.
fn cancel<M: Motion>(state: &mut State, id: ProposalId) {
    match queries::poll(state, id).status {
        Status::Open => close::<M>(state, id, Status::Cancelled, true),
        _ => conclude::<M>(state, id, Status::Cancelled),
    }
}

fn reschedule(state: &mut State, id: ProposalId, from: Epoch, to: Option<Epoch>) {
    AGENDA.remove(state, &(from, id));
    if let Some(epoch) = to {
        AGENDA.insert(state, &(epoch, id));
    }
}

fn free_claims<M: Motion>(state: &mut State, proposal: &Proposal<M>) {
    proposal.motion.claims().iter().for_each(|claim| CLAIMS.remove(state, claim));
}

fn set_status(state: &mut State, id: ProposalId, status: Status) {
    let mut poll = queries::poll(state, id);
    poll.status = status;
    POLLS.set(state, &id, &poll);
}
