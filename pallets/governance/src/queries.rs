//! What can be asked about proposals.

use crate::{Ballot, Deposit, Motion, Poll, Proposal, storage::*};
use primitives::{AccountId, Amount, Epoch, ProposalId};
use state::{State, corrupt};

/// A proposal that is known to exist.
pub fn proposal<M: Motion>(state: &State, id: ProposalId) -> Proposal<M> {
    proposals().get(state, &id).unwrap_or_else(|| corrupt(&format!("proposal {id} is missing")))
}

/// The changing part of a proposal that is known to exist.
pub fn poll(state: &State, id: ProposalId) -> Poll {
    POLLS.get(state, &id).unwrap_or_else(|| corrupt(&format!("the poll of proposal {id} is missing")))
}

/// The deposit of an open proposal.
pub(crate) fn deposit(state: &State, id: ProposalId) -> Deposit {
    DEPOSITS.get(state, &id).unwrap_or_else(|| corrupt(&format!("the deposit of proposal {id} is missing")))
}

/// The ballots on a proposal, by voter.
pub fn ballots<'s>(state: &'s State, id: ProposalId) -> impl Iterator<Item = Ballot> + use<'s> {
    BALLOTS.iter_under(state, &id).map(|(_, ballot)| ballot)
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
