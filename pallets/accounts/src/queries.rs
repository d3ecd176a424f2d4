//! What can be asked about balances, and about those who own them.

use crate::{Account, Description, Error, FeeSchedule, storage::*};
use primitives::{AccountId, Amount};
use state::State;

/// An account; one never seen is empty.
pub fn account(state: &State, who: &AccountId) -> Account {
    ACCOUNTS.get(state, who).unwrap_or_default()
}

/// What an account says of itself; empty when it says nothing.
pub fn description(state: &State, who: &AccountId) -> Description {
    DESCRIPTIONS.get(state, who).unwrap_or_default()
}

/// Refuses when `who` has fewer than `need` free tokens.
pub fn require_free(state: &State, who: &AccountId, need: Amount) -> Result<(), Error> {
    let have = account(state, who).free;
    if have < need { Err(Error::InsufficientBalance { have, need }) } else { Ok(()) }
}

/// What transactions cost.
pub fn fees(state: &State) -> FeeSchedule {
    FEES.require(state)
}

/// Tokens destroyed by least fees, forfeited deposits and lost stake.
pub fn burned(state: &State) -> Amount {
    BURNED.get_or_default(state)
}

/// Free, held and burned tokens together; genesis fixes it.
pub fn supply(state: &State) -> Amount {
    let accounts: Amount = ACCOUNTS.iter(state).map(|(_, account)| account.free.saturating_add(account.held)).sum();
    accounts.saturating_add(burned(state))
}
