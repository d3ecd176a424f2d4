//! When the word of an independent builder is taken.

use crate::{Error, queries, storage::*};
use primitives::{AccountId, BuildHash};
use state::State;

/// The number that what a builder says of a build gets, if its word is taken. While a release is voted on is when it matters most, so a
/// build that is proposed is enough. Each account says it once.
pub(super) fn next_number(state: &State, builder: AccountId, build_hash: BuildHash) -> Result<u64, Error> {
    if !APPROVED.contains(state, &build_hash) && queries::proposals_of(state, &build_hash).next().is_none() {
        return Err(Error::NotProposed(build_hash));
    }
    if REBUILDS.contains(state, &(build_hash, builder)) {
        return Err(Error::AlreadyAttested { build_hash, builder });
    }
    Ok(queries::rebuild_count(state, &build_hash).saturating_add(1))
}
