//! What events do to stake.

use crate::{Bond, Bonds, Event, StakeHistory, storage::*};
use primitives::{AccountId, Amount, Epoch, Moment};
use state::{Apply, State};

impl Apply for Event {
    fn apply(&self, state: &mut State, _at: Moment) {
        match self {
            Event::ParamsSet(params) => PARAMS.set(state, params),
            Event::Bonded { who, validator, amount, from_epoch, remembered_from } => {
                accounts::apply::hold(state, who, *amount);
                change(state, who, validator, *from_epoch, *remembered_from, |bonded| bonded.saturating_add(*amount));
            }
            Event::Unbonding { who, validator, amount, from_epoch, free_epoch, remembered_from } => {
                change(state, who, validator, *from_epoch, *remembered_from, |bonded| bonded.saturating_sub(*amount));
                let key = (*free_epoch, *who);
                let waiting = UNBONDING.get(state, &key).unwrap_or_default().saturating_add(*amount);
                UNBONDING.set(state, &key, &waiting);
            }
            Event::Unbonded { who, amount, free_epoch } => {
                UNBONDING.remove(state, &(*free_epoch, *who));
                accounts::apply::release(state, who, *amount);
            }
            Event::Elected { epoch, validators, remembered_from } => {
                SETS.set(state, epoch, validators);
                forget_sets(state, *remembered_from);
            }
        }
    }
}

/// Changes a bond, the validator's power and the total alike, and forgets what was in force in them only before `oldest`.
fn change(
    state: &mut State,
    who: &AccountId,
    validator: &AccountId,
    from: Epoch,
    oldest: Epoch,
    to: impl Fn(Amount) -> Amount,
) {
    let mut bonds = BONDS.get(state, who).unwrap_or_default();
    let mut history = bonds.iter().find(|bond| bond.validator == *validator).map(|bond| bond.history.clone());
    let before = history.as_ref().map(StakeHistory::latest).unwrap_or_default();
    let after = to(before);
    history.get_or_insert_default().set(from, after, oldest);
    bonds.retain(|bond| bond.validator != *validator && !bond.history.is_spent(oldest));
    put(&mut bonds, Bond { validator: *validator, history: history.unwrap_or_default() });
    BONDS.set(state, who, &bonds);

    let mut power = POWER.get(state, validator).unwrap_or_default();
    power.set(from, power.latest().saturating_sub(before).saturating_add(after), oldest);
    POWER.set(state, validator, &power);

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
