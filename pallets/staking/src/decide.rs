//! When a call about stake is granted.

use crate::{Bond, Call, Error, Event, MAX_BONDS, queries, storage::*};
use primitives::{AccountId, Amount, Moment};
use state::{Decide, State};

impl Decide for Call {
    type Event = Event;
    type Error = Error;

    fn decide(&self, state: &State, at: Moment, who: AccountId) -> Result<Event, Error> {
        match self {
            Call::Bond { amount } => bond(state, at, who, who, *amount),
            Call::Delegate { validator, amount } => bond(state, at, who, *validator, *amount),
            Call::Unbond { validator, amount } => unbond(state, at, who, *validator, *amount),
        }
    }
}

fn bond(state: &State, at: Moment, who: AccountId, validator: AccountId, amount: Amount) -> Result<Event, Error> {
    require_some(amount)?;
    accounts::queries::require_free(state, &who, amount)?;
    let bonded = queries::bonded(state, &who, &validator);
    if who == validator {
        require_minimum(state, bonded.saturating_add(amount))?;
    } else if queries::bonded(state, &validator, &validator) == Amount::ZERO {
        return Err(Error::UnknownValidator(validator));
    }
    let bonds = queries::bonds(state, &who);
    let remembered_from = queries::remembered_from(state, at.epoch);
    let is_kept = |bond: &&Bond| bond.validator != validator && !bond.history.is_spent(remembered_from);
    let others = bonds.iter().filter(is_kept).count();
    if others >= MAX_BONDS as usize {
        return Err(Error::TooManyBonds(MAX_BONDS));
    }
    Ok(Event::Bonded { who, validator, amount, from_epoch: at.epoch.next(), remembered_from })
}

fn unbond(state: &State, at: Moment, who: AccountId, validator: AccountId, amount: Amount) -> Result<Event, Error> {
    require_some(amount)?;
    let have = queries::bonded(state, &who, &validator);
    let left = have.checked_sub(amount).ok_or(Error::BondTooSmall { validator, have, need: amount })?;
    if who == validator && left > Amount::ZERO {
        require_minimum(state, left)?;
    }
    let from_epoch = at.epoch.next();
    let free_epoch = from_epoch.plus(PARAMS.require(state).unbonding_epochs);
    let remembered_from = queries::remembered_from(state, at.epoch);
    Ok(Event::Unbonding { who, validator, amount, from_epoch, free_epoch, remembered_from })
}

fn require_some(amount: Amount) -> Result<(), Error> {
    if amount == Amount::ZERO { Err(accounts::Error::ZeroAmount.into()) } else { Ok(()) }
}

fn require_minimum(state: &State, have: Amount) -> Result<(), Error> {
    let need = PARAMS.require(state).minimum_bond;
    if have < need { Err(Error::BelowMinimumBond { have, need }) } else { Ok(()) }
}
