//! Whose words about themselves are kept no longer, so that what nodes advertised is bounded by who may advertise.

use crate::queries::require_reporter;
use crate::{Event, MAX_LEFT_FLEET, storage::*};
use primitives::{AccountId, Epoch, List, Moment};
use state::State;

/// Of those who advertised, who may not any more: who is no validator, no candidate, and has no longer the stake of a reporter. None where
/// there is nobody.
///
/// It looks at a few of them, in the order of their accounts from one on that moves with the epoch. So whoever asks once an epoch comes
/// to all of them in time, reads a bounded number of rows, and keeps no place from one epoch to the next.
pub fn left_fleet(state: &State, at: Moment) -> Option<Event> {
    let from = first_looked_at(at.epoch);
    let behind = FLEET.iter_from(state, &from);
    let before = FLEET.iter(state).take_while(|(node, _)| *node < from);
    let looked_at = behind.chain(before).map(|(node, _)| node).take(MAX_LEFT_FLEET as usize);
    let left: Vec<AccountId> = looked_at.filter(|node| require_reporter(state, at.epoch, *node).is_err()).collect();
    (!left.is_empty()).then(|| Event::LeftFleet { nodes: List::truncate_from(left) })
}

/// An account whose first byte is another one in each epoch, whose second is another every 256 epochs, and so on.
fn first_looked_at(epoch: Epoch) -> AccountId {
    let mut account = AccountId([0; 32]);
    account.0.iter_mut().zip(epoch.0.to_le_bytes()).for_each(|(byte, of_epoch)| *byte = of_epoch);
    account
}
