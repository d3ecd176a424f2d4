//! What the start of an epoch brings, and what waited long enough.

use crate::{Event, ValidatorSet, candidates, penalties, queries, storage::*};
use primitives::{Epoch, Moment};
use state::State;

/// The election in the first block of an epoch: the next set. Else none.
///
/// It comes before everything else in its epoch. So all changes of stake that were made are in force, and the candidates with the
/// most stake are the strongest by the stake in force.
pub fn due(state: &State, at: Moment) -> Option<Event> {
    let epoch = at.epoch.next();
    if SETS.contains(state, &epoch) {
        return None;
    }
    let remembered_from = queries::remembered_from(state, at.epoch);
    Some(Event::Elected { epoch, validators: elect(state, at.epoch), remembered_from })
}

/// What waited long enough, `most` of it: tokens that are free first, then bonds that nobody needs to remember; each in the order
/// of its line. The rest waits for the next blocks; so does everybody while an offence is [borne](crate::sweep), which is first.
pub fn ripe(state: &State, at: Moment, most: usize) -> Vec<Event> {
    if penalties::under_way(state) {
        return Vec::new();
    }
    let freed = UNBONDING
        .iter(state)
        .take_while(|((free_epoch, ..), _)| *free_epoch <= at.epoch)
        .map(|((free_epoch, who, validator), amount)| Event::Unbonded { who, validator, amount, free_epoch });
    let remembered_from = queries::remembered_from(state, at.epoch);
    let forgotten = SPENT.iter(state).take_while(|(forget_epoch, ..)| *forget_epoch <= at.epoch).map(
        |(forget_epoch, who, validator)| {
            let with_power = POWER.get(state, &validator).is_some_and(|power| power.is_spent(remembered_from));
            Event::Forgotten { who, validator, forget_epoch, with_power }
        },
    );
    freed.chain(forgotten).take(most).collect()
}

/// The strongest candidates; the current set when there is none.
fn elect(state: &State, epoch: Epoch) -> ValidatorSet {
    let most = PARAMS.require(state).max_validators;
    let strongest = candidates::strongest(state).take(most as usize).collect();
    let elected = ValidatorSet::strongest(strongest, most);
    if elected.validators.is_empty() { queries::validator_set(state, epoch) } else { elected }
}
