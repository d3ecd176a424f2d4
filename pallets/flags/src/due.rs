//! What the clock brings to flags: word of those whose day has come. It flips nothing (REQ-115).

use crate::{Event, queries, storage::*};
use primitives::Moment;
use state::State;

/// How many flags a block tells of at most; the others are told of in the next ones.
pub const MOST_EXPIRED: usize = 64;

/// The flags whose day has come and of which nobody was told yet, in the order of those days: `most` of them, and never more than
/// [`MOST_EXPIRED`]. Each is told of once for each day that it is given.
pub fn due(state: &State, at: Moment, most: usize) -> Vec<Event> {
    EXPIRIES
        .iter(state)
        .take_while(|(day, ..)| *day <= at.time)
        .take(most.min(MOST_EXPIRED))
        .filter_map(|(day, plan, key)| {
            let owner = queries::flag(state, &plan, &key)?.flag.owner;
            Some(Event::Expired { plan, key, owner, at: day })
        })
        .collect()
}
