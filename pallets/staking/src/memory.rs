//! When a bond may be forgotten: a vote may ask for the stake of as many epochs as are remembered, and then nobody does.

use crate::{queries, storage::*};
use primitives::{AccountId, Epoch};
use state::State;

/// Has the line of what is to be forgotten follow a bond: nothing was left of it since the epoch `before`, and nothing is left of
/// it since `after`; none where something is.
pub(crate) fn follow(
    state: &mut State,
    who: &AccountId,
    validator: &AccountId,
    before: Option<Epoch>,
    after: Option<Epoch>,
) {
    if before == after {
        return;
    }
    let remembered_epochs = PARAMS.require(state).remembered_epochs;
    let key = |since: Epoch| (since.plus(remembered_epochs), *who, *validator);
    if let Some(since) = before {
        SPENT.remove(state, &key(since));
    }
    if let Some(since) = after {
        SPENT.insert(state, &key(since));
    }
}

/// Removes a bond, and with it the power and the commission of its validator when nobody is bonded to that.
pub(crate) fn forget(state: &mut State, who: &AccountId, validator: &AccountId, forget_epoch: Epoch, with_power: bool) {
    SPENT.remove(state, &(forget_epoch, *who, *validator));
    let mut bonds = queries::bonds(state, who);
    bonds.retain(|bond| bond.validator != *validator);
    if who != validator {
        DELEGATORS.remove(state, &(*validator, *who));
    }
    if bonds.is_empty() {
        BONDS.remove(state, who);
    } else {
        BONDS.set(state, who, &bonds);
    }
    if with_power {
        POWER.remove(state, validator);
        if COMMISSIONS.contains(state, validator) {
            COMMISSIONS.remove(state, validator);
        }
    }
}
