//! What can be asked about rewards.

use crate::{Attendance, MOST_COLLECTED, RewardsParams, share, storage::*};
use primitives::{AccountId, Amount, Epoch, List};
use state::State;

/// The rules.
pub fn params(state: &State) -> RewardsParams {
    PARAMS.get(state).unwrap_or(RewardsParams::NOTHING)
}

/// What rewards are paid from.
pub fn pool(state: &State) -> Amount {
    POOL.get_or_default(state)
}

/// What was paid for delegators and nobody has collected.
pub fn to_collect(state: &State) -> Amount {
    TO_COLLECT.get_or_default(state)
}

/// Free, held and burned tokens, the pool, and what is to collect; genesis fixes it.
pub fn supply(state: &State) -> Amount {
    accounts::queries::supply(state).saturating_add(pool(state)).saturating_add(to_collect(state))
}

/// What the epoch has come to so far whose presence is counted; none while none is.
pub fn attendance(state: &State) -> Option<Attendance> {
    ATTENDANCE.get(state)
}

/// For how many thousandths of the epoch that is counted a validator was there so far; nothing while none is.
pub fn presence(state: &State, validator: &AccountId) -> u64 {
    let Some(counted) = attendance(state) else { return 0 };
    let candidates = staking::queries::candidates(state, counted.epoch).validators;
    let place = candidates.iter().position(|candidate| candidate.account == *validator);
    let done = place.and_then(|place| counted.places.get(place)).copied().unwrap_or_default();
    done.present_ms.saturating_mul(1_000).checked_div(counted.ms).unwrap_or(0)
}

/// The first epoch of which something can be collected in epoch `now`: the bonds that elected its validators are remembered.
pub fn oldest_due(state: &State, now: Epoch) -> Epoch {
    match staking::queries::remembered_from(state, now) {
        // The bonds of the first epoch elected two sets.
        Epoch(0) => Epoch(0),
        oldest => oldest.next(),
    }
}

/// What somebody can collect in epoch `now` for its delegation to a validator, by epoch and the oldest first, of as many as one call
/// collects. A validator has nothing of its own to collect.
pub fn due_of(
    state: &State,
    now: Epoch,
    who: &AccountId,
    validator: &AccountId,
) -> List<(Epoch, Amount), MOST_COLLECTED> {
    let bonds = staking::queries::bonds(state, who);
    let Some(bond) = bonds.iter().find(|bond| bond.validator == *validator && who != validator) else {
        return List::default();
    };
    let after_collected = COLLECTED.get(state, &(*who, *validator)).map(Epoch::next).unwrap_or_default();
    let first = after_collected.max(oldest_due(state, now));
    let rows = OWED.iter_from(state, &(*validator, first)).take_while(|((of, _), _)| of == validator);
    let had = |epoch| bond.history.at(share::elected_with(epoch));
    let due = rows.map(|((_, epoch), owed)| (epoch, share::part(owed.amount, had(epoch).0, owed.delegation.0)));
    List::truncate_from(due.filter(|(_, amount)| *amount > Amount::ZERO).take(MOST_COLLECTED as usize).collect())
}

/// What waits for each of those to whom somebody had delegated, as far as one call each collects it.
pub fn due(state: &State, now: Epoch, who: &AccountId) -> Vec<(AccountId, Amount)> {
    let bonds = staking::queries::bonds(state, who);
    let of = |validator: AccountId| {
        let amount: Amount = due_of(state, now, who, &validator).iter().map(|(_, amount)| *amount).sum();
        (validator, amount)
    };
    bonds.iter().map(|bond| of(bond.validator)).filter(|(_, amount)| *amount > Amount::ZERO).collect()
}
