//! What a build has to know, and what all builds know that may run (ROLLOUTS 3.3).

use crate::{Error, Manifest, MinimumSequence, MinimumStep, queries, storage::*};
use primitives::{BuildHash, Epoch};
use state::State;

/// The level that a release counts as of which is carried out in an epoch: what its manifest says, else what is in force then. One that
/// knows less than is in force or decided is refused, because it could not run with the others by then; whatever other releases know
/// changes nothing, so that what still runs can be mended.
pub(super) fn require(
    state: &State,
    carried_out: Epoch,
    build_hash: BuildHash,
    manifest: &Manifest,
) -> Result<u32, Error> {
    let levels = queries::levels(state);
    let (level, needed) = (manifest.level.unwrap_or_else(|| levels.at(carried_out)), levels.highest());
    if level < needed { Err(Error::LevelTooLow { build_hash, level, needed }) } else { Ok(level) }
}

/// The level from the epoch of a raise on: the least of the builds that may run then, and no lower than is decided already. Those
/// are few, since each took a vote.
pub(super) fn known_from(state: &State, minimum: &MinimumSequence, raise: MinimumStep) -> u32 {
    let sequences = raise.sequence..=LATEST_SEQUENCE.get_or_default(state);
    let hashes = sequences.flat_map(|sequence| BUILDS.get(state, &sequence).unwrap_or_default());
    let builds = hashes.filter_map(|hash| APPROVED.get(state, &hash));
    let known = builds.filter(|build| build.runs(minimum, raise.effective_epoch)).map(|build| build.level).min();
    known.unwrap_or(0).max(queries::levels(state).highest())
}
