//! When a call of an account holder is granted.

use crate::{Call, Error, Event, queries};
use primitives::{AccountId, Amount, Moment};
use state::{Decide, State};

impl Decide for Call {
    type Event = Event;
    type Error = Error;

    fn decide(&self, state: &State, _at: Moment, who: AccountId) -> Result<Event, Error> {
        match self {
            Call::Transfer { amount: Amount::ZERO, .. } => Err(Error::ZeroAmount),
            Call::Transfer { to, amount } => {
                queries::require_free(state, &who, *amount)?;
                Ok(Event::Transferred { from: who, to: *to, amount: *amount })
            }
            Call::Describe(description) => {
                description.check()?;
                Ok(Event::Described { account: who, description: description.clone() })
            }
        }
    }

    fn most_spent(&self, _state: &State) -> Amount {
        match self {
            Call::Transfer { amount, .. } => *amount,
            Call::Describe(_) => Amount::ZERO,
        }
    }
}
