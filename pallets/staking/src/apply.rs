//! What events do to stake.

use crate::{Bond, Bonds, Event, candidates, line, memory, storage::*};
use primitives::{AccountId, Amount, Epoch, Moment};
use state::{Apply, State};

impl Apply for Event {
    fn apply(&self, state: &mut State, _at: Moment) {
        match self {
            Event::ParamsSet { params, most_freed } => {
                PARAMS.set(state, params);
                MOST_FREED.set(state, most_freed);
            }
            Event::Bonded { who, validator, amount, from_epoch, remembered_from } => {
                accounts::apply::hold(state, who, *amount);
                change(state, who, validator, *from_epoch, *remembered_from, |bonded| bonded.saturating_add(*amount));
            }
            Event::Unbonding { who, validator, amount, from_epoch, free_epoch, remembered_from } => {
                change(state, who, validator, *from_epoch, *remembered_from, |bonded| bonded.saturating_sub(*amount));
                line::wait(state, *free_epoch, who, validator, *amount);
            }
            Event::Unbonded { who, validator, amount, free_epoch } => {
                line::leave(state, *free_epoch, who, validator);
                accounts::apply::release(state, who, *amount);
            }
            Event::Elected { epoch, validators, remembered_from } => {
                SETS.set(state, epoch, validators);
                forget_sets(state, *remembered_from);
            }
            Event::Forgotten { who, validator, forget_epoch, with_power } => {
                memory::forget(state, who, validator, *forget_epoch, *with_power);
            }
        }
    }
}

/// Changes a bond, the validator's power and the total alike, and forgets what was in force in them only before `oldest`. What
/// is looked up by them follows.
fn change(
    state: &mut State,
    who: &AccountId,
    validator: &AccountId,
    from: Epoch,
    oldest: Epoch,
    to: impl Fn(Amount) -> Amount,
) {
    let stood = candidates::standing(state, validator);
    let mut bonds = BONDS.get(state, who).unwrap_or_default();
    let history = bonds.iter().find(|bond| bond.validator == *validator).map(|bond| bond.history.clone());
    let mut history = history.unwrap_or_default();
    let (before, spent_since) = (history.latest(), history.spent_since());
    let after = to(before);
    history.set(from, after, oldest);
    memory::follow(state, who, validator, spent_since, history.spent_since());
    bonds.retain(|bond| bond.validator != *validator);
    put(&mut bonds, Bond { validator: *validator, history });
    BONDS.set(state, who, &bonds);

    let mut power = POWER.get(state, validator).unwrap_or_default();
    power.set(from, power.latest().saturating_sub(before).saturating_add(after), oldest);
    POWER.set(state, validator, &power);
    candidates::follow(state, validator, stood);

    let mut total = TOTAL.get_or_default(state);
    total.set(from, total.latest().saturating_sub(before).saturating_add(after), oldest);
    TOTAL.set(state, &total);
}

/// Adds a bond. `decide` counted them, so there is room.
fn put(bonds: &mut Bonds, bond: Bond) {
    if bonds.try_push(bond).is_err() {
        state::corrupt("an account is bonded to more validators than allowed");
    }
}

fn forget_sets(state: &mut State, oldest: Epoch) {
    let forgotten: Vec<Epoch> = SETS.iter(state).map(|(epoch, _)| epoch).take_while(|epoch| *epoch < oldest).collect();
    for epoch in forgotten {
        SETS.remove(state, &epoch);
    }
}
