//! The line of tokens that left a bond: for which epoch they wait.

use crate::storage::*;
use primitives::{AccountId, Amount, Epoch};
use state::State;

/// The epoch at whose start tokens of `who` that leave a bond to `validator` are free: `soonest`, or the first epoch after it
/// that has a place left.
///
/// An epoch has as many places as its blocks can free, so that all who wait for it are free before it ends. Places are taken in
/// the order in which tokens leave bonds; what the same account takes out of the same bond for the same epoch has one together.
pub(crate) fn free_epoch(state: &State, soonest: Epoch, who: &AccountId, validator: &AccountId) -> Epoch {
    let Some((last, taken)) = LINE.get(state).filter(|(last, _)| *last >= soonest) else { return soonest };
    let has_place = UNBONDING.contains(state, &(last, *who, *validator));
    if has_place || taken < MOST_FREED.require(state) { last } else { last.next() }
}

/// Has tokens wait for the epoch that [`free_epoch`] gave.
pub(crate) fn wait(state: &mut State, free_epoch: Epoch, who: &AccountId, validator: &AccountId, amount: Amount) {
    let key = (free_epoch, *who, *validator);
    let waiting = UNBONDING.get(state, &key);
    if waiting.is_none() {
        let (last, taken) = LINE.get(state).unwrap_or_default();
        let taken = if free_epoch > last { 0 } else { taken };
        LINE.set(state, &(free_epoch, taken.saturating_add(1)));
        WAITING.insert(state, &(*who, *validator, free_epoch));
    }
    UNBONDING.set(state, &key, &waiting.unwrap_or_default().saturating_add(amount));
}

/// Has them wait no longer.
pub(crate) fn leave(state: &mut State, free_epoch: Epoch, who: &AccountId, validator: &AccountId) {
    UNBONDING.remove(state, &(free_epoch, *who, *validator));
    WAITING.remove(state, &(*who, *validator, free_epoch));
}
