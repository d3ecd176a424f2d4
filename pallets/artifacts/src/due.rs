//! What the clock brings to artifacts: it lets those go that are beyond what is kept, and that nothing needs (ROLLOUTS 7.8).

use crate::{Event, storage::*};
use state::State;

/// How many artifacts a block lets go at most; the others go in the next ones.
pub const MOST_RELEASED: usize = 8;

/// The artifacts that are let go next, those of the first plans first and of each the first registered: `most` of them, and never
/// more than [`MOST_RELEASED`]. What there is was found when it came about, so that this reads no more than it brings.
pub fn due(state: &State, most: usize) -> Vec<Event> {
    let ripe = RELEASABLE.iter(state).take(most.min(MOST_RELEASED));
    ripe.filter_map(|(plan, _, digest)| {
        let row = ARTIFACTS.get(state, &(plan.clone(), digest))?;
        Some(Event::ArtifactReleased { plan, name: row.artifact.name, digest, before: row.standing })
    })
    .collect()
}
