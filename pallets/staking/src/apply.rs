//! What events do to stake.

use crate::{Bond, Bonds, Event, History, ValidatorSet, storage::*};
use primitives::{AccountId, Amount, Epoch, Moment};
use state::State;

impl Event {
    /// Writes the effects; cannot refuse.
    pub fn apply(&self, state: &mut State, at: Moment) {
        match self {
            Event::Bonded { who, validator, amount } => {
                accounts::apply::hold(state, who, *amount);
                shift(state, at, who, validator, |bonded| bonded.saturating_add(*amount));
            }
            Event::Unbonding { who, validator, amount, free_epoch } => {
                shift(state, at, who, validator, |bonded| bonded.saturating_sub(*amount));
                let key = (*free_epoch, *who);
                let waiting = UNBONDING.get(state, &key).unwrap_or_default().saturating_add(*amount);
                UNBONDING.set(state, &key, &waiting);
            }
            Event::Unbonded { who, amount, free_epoch } => {
                UNBONDING.remove(state, &(*free_epoch, *who));
                accounts::apply::release(state, who, *amount);
            }
            Event::Elected { epoch, validators } => {
                SETS.set(state, epoch, validators);
                forget_sets(state, at);
            }
        }
    }
}

/// Genesis: bonds of `who` that are in force from epoch 0.
pub fn endow(state: &mut State, who: &AccountId, validator: &AccountId, amount: Amount) {
    accounts::apply::hold(state, who, amount);
    change(state, who, validator, Epoch(0), Epoch(0), |bonded| bonded.saturating_add(amount));
}

/// Genesis: the set of the first two epochs.
pub fn enthrone(state: &mut State, validators: &ValidatorSet) {
    SETS.set(state, &Epoch(0), validators);
    SETS.set(state, &Epoch(1), validators);
}

fn shift(state: &mut State, at: Moment, who: &AccountId, validator: &AccountId, to: impl Fn(Amount) -> Amount) {
    let oldest = at.epoch.minus(PARAMS.require(state).remembered_epochs);
    change(state, who, validator, at.epoch.next(), oldest, to);
}

/// Changes a bond, the validator's power and the total alike.
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
    let before = history.as_ref().map(History::latest).unwrap_or_default();
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

fn forget_sets(state: &mut State, at: Moment) {
    let oldest = at.epoch.minus(PARAMS.require(state).remembered_epochs);
    let forgotten: Vec<Epoch> = SETS.iter(state).map(|(epoch, _)| epoch).take_while(|epoch| *epoch < oldest).collect();
    for epoch in forgotten {
        SETS.remove(state, &epoch);
    }
}
