//! When the word of an independent builder is taken.

use crate::{Error, Event, Rebuild, queries, storage::*};
use primitives::{AccountId, BuildHash};
use state::State;

/// While a release is voted on is when it matters most, so a build that is proposed is enough. Each account says it once.
pub(super) fn attest(
    state: &State,
    builder: AccountId,
    build_hash: BuildHash,
    rebuild: Rebuild,
) -> Result<Event, Error> {
    if !APPROVED.contains(state, &build_hash) && queries::proposals_of(state, &build_hash).next().is_none() {
        return Err(Error::NotProposed(build_hash));
    }
    if REBUILDS.contains(state, &(build_hash, builder)) {
        return Err(Error::AlreadyAttested { build_hash, builder });
    }
    Ok(Event::Rebuilt { build_hash, builder, rebuild })
}
