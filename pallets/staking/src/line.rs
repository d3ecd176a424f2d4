//! The line of tokens that left a bond: for which epoch they wait.

use crate::{Event, queries, storage::*};
use primitives::{AccountId, Amount, Epoch, Moment};
use state::State;
use std::ops::Range;

/// The epoch at whose start tokens of `who` that leave a bond to `validator` are free: `soonest`, or the first epoch after it
/// that has a place left.
///
/// An epoch has as many places as its blocks can free, so that all who wait for it are free before it ends. Places are taken in
/// the order in which tokens leave bonds; what the same account takes out of the same bond for the same epoch has one together.
pub(crate) fn free_epoch(state: &State, soonest: Epoch, who: &AccountId, validator: &AccountId) -> Epoch {
    let Some((last, taken)) = LINE.get(state).filter(|(last, _)| *last >= soonest) else { return soonest };
    let has_place = UNBONDING.contains(state, &(last, *validator, *who));
    if has_place || taken < MOST_FREED.require(state) { last } else { last.next() }
}

/// Has tokens wait for the epoch that [`free_epoch`] gave.
pub(crate) fn wait(state: &mut State, free_epoch: Epoch, who: &AccountId, validator: &AccountId, amount: Amount) {
    let key = (free_epoch, *validator, *who);
    let waiting = UNBONDING.get(state, &key);
    if waiting.is_none() {
        let (last, taken) = LINE.get(state).unwrap_or_default();
        let taken = if free_epoch > last { 0 } else { taken };
        LINE.set(state, &(free_epoch, taken.saturating_add(1)));
        WAITING.insert(state, &(*who, *validator, free_epoch));
    }
    UNBONDING.set(state, &key, &waiting.unwrap_or_default().saturating_add(amount));
}

/// Up to `most` of what waits for some epochs, in the order of the line, without what is bonded to validators whose bonds stand still.
///
/// Those are passed over without being read: the cost is a look for each of these validators and epochs, however many wait there.
pub(crate) fn freed(state: &State, epochs: Range<Epoch>, most: usize) -> Vec<Event> {
    let places = |from: &(Epoch, AccountId, AccountId)| UNBONDING.iter_from(state, from).map(|(place, _)| place);
    let none = AccountId([0; 32]);
    let mut first = places(&(epochs.start, none, none)).next();
    let mut events = Vec::new();
    while let Some((free_epoch, validator, _)) = first.filter(|(epoch, ..)| *epoch < epochs.end)
        && events.len() < most
    {
        if !queries::are_bonds_held(state, &validator) {
            let together = UNBONDING.iter_under(state, &(free_epoch, validator));
            let freed = together.map(|((_, _, who), amount)| Event::Unbonded { who, validator, amount, free_epoch });
            events.extend(freed.take(most.saturating_sub(events.len())));
        }
        let last = (free_epoch, validator, AccountId([0xff; 32]));
        first = places(&last).find(|(epoch, to, _)| (*epoch, *to) != (free_epoch, validator));
    }
    events
}

/// Up to `most` of the tokens that were promised for an earlier epoch than this one, and stood still since.
pub(crate) fn late(state: &State, at: Moment, most: usize) -> Vec<Event> {
    freed(state, Epoch(0)..at.epoch, most)
}

/// Has them wait no longer.
pub(crate) fn leave(state: &mut State, free_epoch: Epoch, who: &AccountId, validator: &AccountId) {
    UNBONDING.remove(state, &(free_epoch, *validator, *who));
    WAITING.remove(state, &(*who, *validator, free_epoch));
}
