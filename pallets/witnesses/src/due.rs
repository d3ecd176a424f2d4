//! What the clock brings: that nobody is a witness without the bond of one.

use crate::{Event, queries};
use state::State;

/// The witnesses whose bond has fallen below the least, in the order of their accounts, and so many of them at most.
pub fn due(state: &State, most: usize) -> Vec<Event> {
    if most == 0 {
        return Vec::new();
    }
    let witnesses = queries::witnesses(state);
    if witnesses.is_empty() {
        return Vec::new();
    }
    let need = staking::queries::params(state).minimum_bond;
    let short = witnesses.into_iter().filter(|(who, _)| queries::bond(state, who) < need);
    short.take(most).map(|(witness, _)| Event::Retired { witness }).collect()
}
