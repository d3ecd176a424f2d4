//! When a call about stake is granted.

use crate::{Call, Error, Event, MAX_BONDS, StakingParams, WHOLE_COMMISSION, evidence, line, queries, storage::*};
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
            Call::Evidence(offence) => evidence::judge(state, at, who, offence),
            Call::Unjail => unjail(state, at, who),
            Call::SetCommission { millionths } => set_commission(state, at, who, *millionths),
        }
    }

    fn signatures(&self) -> u32 {
        match self {
            Call::Evidence(offence) => offence.signatures(),
            Call::Bond { .. }
            | Call::Delegate { .. }
            | Call::Unbond { .. }
            | Call::Unjail
            | Call::SetCommission { .. } => 0,
        }
    }

    fn most_spent(&self, _state: &State) -> Amount {
        match self {
            Call::Bond { amount } | Call::Delegate { amount, .. } => *amount,
            Call::Unbond { .. } | Call::Evidence(_) | Call::Unjail | Call::SetCommission { .. } => Amount::ZERO,
        }
    }
}

fn bond(state: &State, at: Moment, who: AccountId, validator: AccountId, amount: Amount) -> Result<Event, Error> {
    require_some(amount)?;
    require_free_to_move(state, validator)?;
    accounts::queries::require_free(state, &who, amount)?;
    if who != validator && queries::bonded(state, &validator, &validator) == Amount::ZERO {
        return Err(Error::UnknownValidator(validator));
    }
    require_minimum(state, who, validator, queries::bonded(state, &who, &validator).saturating_add(amount))?;
    let bonds = queries::bonds(state, &who);
    let others = bonds.iter().filter(|bond| bond.validator != validator).count();
    if others >= MAX_BONDS as usize {
        return Err(Error::TooManyBonds(MAX_BONDS));
    }
    let remembered_from = queries::remembered_from(state, at.epoch);
    Ok(Event::Bonded { who, validator, amount, from_epoch: at.epoch.next(), remembered_from })
}

fn unbond(state: &State, at: Moment, who: AccountId, validator: AccountId, amount: Amount) -> Result<Event, Error> {
    require_some(amount)?;
    require_free_to_move(state, validator)?;
    let have = queries::bonded(state, &who, &validator);
    let left = have.checked_sub(amount).ok_or(Error::BondTooSmall { validator, have, need: amount })?;
    if left > Amount::ZERO {
        require_minimum(state, who, validator, left)?;
    }
    let from_epoch = at.epoch.next();
    let soonest = from_epoch.plus(PARAMS.require(state).unbonding_epochs);
    let free_epoch = line::free_epoch(state, soonest, &who, &validator);
    let remembered_from = queries::remembered_from(state, at.epoch);
    Ok(Event::Unbonding { who, validator, amount, from_epoch, free_epoch, remembered_from })
}

fn unjail(state: &State, at: Moment, validator: AccountId) -> Result<Event, Error> {
    let until = JAILED.get(state, &validator).ok_or(Error::NotJailed(validator))?;
    if at.epoch < until {
        return Err(Error::StillJailed { until });
    }
    let (have, need) = (queries::bonded(state, &validator, &validator), PARAMS.require(state).minimum_bond);
    if have < need {
        return Err(Error::BelowMinimumBond { have, need });
    }
    Ok(Event::Unjailed { validator })
}

fn set_commission(state: &State, at: Moment, validator: AccountId, millionths: u32) -> Result<Event, Error> {
    if millionths > WHOLE_COMMISSION {
        return Err(Error::CommissionTooHigh { millionths, most: WHOLE_COMMISSION });
    }
    if queries::bonded(state, &validator, &validator) == Amount::ZERO {
        return Err(Error::UnknownValidator(validator));
    }
    let before = queries::commission_at(state, &validator, at.epoch);
    Ok(Event::CommissionSet { validator, millionths, before, from_epoch: at.epoch.next() })
}

/// Bonds to a validator stand still while its delegators bear an offence of it.
fn require_free_to_move(state: &State, validator: AccountId) -> Result<(), Error> {
    if queries::are_bonds_held(state, &validator) { Err(Error::BondsHeld(validator)) } else { Ok(()) }
}

fn require_some(amount: Amount) -> Result<(), Error> {
    if amount == Amount::ZERO { Err(accounts::Error::ZeroAmount.into()) } else { Ok(()) }
}

/// One's own bond and a delegation have a minimum each.
fn require_minimum(state: &State, who: AccountId, validator: AccountId, have: Amount) -> Result<(), Error> {
    let StakingParams { minimum_bond, minimum_delegation, .. } = PARAMS.require(state);
    if who == validator && have < minimum_bond {
        return Err(Error::BelowMinimumBond { have, need: minimum_bond });
    }
    if who != validator && have < minimum_delegation {
        return Err(Error::BelowMinimumDelegation { have, need: minimum_delegation });
    }
    Ok(())
}
