//! When a call about rewards is granted.

use crate::{Call, Error, Event, queries};
use primitives::{AccountId, Amount, Moment};
use state::{Decide, State};

impl Decide for Call {
    type Event = Event;
    type Error = Error;

    fn decide(&self, state: &State, at: Moment, who: AccountId) -> Result<Event, Error> {
        match self {
            Call::Fund { amount } => fund(state, who, *amount),
            Call::Collect { validator } => collect(state, at, who, *validator),
        }
    }

    /// Something may wait of every epoch whose stake is remembered.
    fn reads(&self, state: &State) -> u32 {
        match self {
            Call::Fund { .. } => 0,
            Call::Collect { .. } => {
                u32::try_from(staking::queries::params(state).remembered_epochs).unwrap_or(u32::MAX)
            }
        }
    }

    fn most_spent(&self, _state: &State) -> Amount {
        match self {
            Call::Fund { amount } => *amount,
            Call::Collect { .. } => Amount::ZERO,
        }
    }
}

fn fund(state: &State, from: AccountId, amount: Amount) -> Result<Event, Error> {
    if amount == Amount::ZERO {
        return Err(accounts::Error::ZeroAmount.into());
    }
    accounts::queries::require_free(state, &from, amount)?;
    Ok(Event::Funded { from, amount })
}

fn collect(state: &State, at: Moment, who: AccountId, validator: AccountId) -> Result<Event, Error> {
    let epochs = queries::due_of(state, at.epoch, &who, &validator);
    if epochs.is_empty() {
        return Err(Error::NothingDue { who, validator });
    }
    Ok(Event::Collected { who, validator, epochs })
}
