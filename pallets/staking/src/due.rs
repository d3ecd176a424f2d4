//! What the start of an epoch brings.

use crate::{Event, Validator, ValidatorSet, queries, storage::*};
use primitives::{Epoch, Moment};
use state::State;

/// The events of the first block of an epoch: the next set is elected, and tokens that waited are freed. Else none.
pub fn due(state: &State, at: Moment) -> Vec<Event> {
    let elected_epoch = at.epoch.next();
    if SETS.contains(state, &elected_epoch) {
        return Vec::new();
    }
    let freed = UNBONDING
        .iter(state)
        .take_while(|((free_epoch, _), _)| *free_epoch <= at.epoch)
        .map(|((free_epoch, who), amount)| Event::Unbonded { who, amount, free_epoch });
    let elected = Event::Elected {
        epoch: elected_epoch,
        validators: elect(state, at.epoch),
        remembered_from: queries::remembered_from(state, at.epoch),
    };
    std::iter::once(elected).chain(freed).collect()
}

/// The strongest validators by the stake in force in `epoch`; the current set when there is none.
fn elect(state: &State, epoch: Epoch) -> ValidatorSet {
    let params = PARAMS.require(state);
    let candidates = POWER
        .iter(state)
        .filter(|(account, _)| queries::bond_at(state, account, account, epoch) >= params.minimum_bond)
        .map(|(account, power)| Validator { account, power: power.at(epoch) })
        .filter(|candidate| candidate.power.0 > 0)
        .collect();
    let elected = ValidatorSet::strongest(candidates, params.max_validators);
    if elected.validators.is_empty() { queries::validator_set(state, epoch) } else { elected }
}
