//! When a sealed proposal is opened.

use super::approve::require_sound;
use crate::{Error, Event, Manifest, ReleaseVote, attestation, queries, storage::*};
use primitives::{BuildHash, Digest, Epoch};
use state::State;
use std::borrow::Cow;

/// Anybody who knows the manifest and the salt may reveal them. The seal is claimed by the proposal that carries it, so the
/// proposal for the build and the one with this seal have to be the same.
pub(super) fn reveal(
    state: &State,
    now: Epoch,
    build_hash: BuildHash,
    manifest: &Manifest,
    salt: Digest,
) -> Result<Event, Error> {
    let proposal = queries::proposal_of(state, &build_hash).ok_or(Error::NothingSealed(build_hash))?;
    let seal = manifest.seal(&salt);
    if governance::queries::claimant(state, &seal) != Some(proposal) {
        return Err(Error::SealBroken(build_hash));
    }
    if REVEALED.contains(state, &seal) {
        return Err(Error::AlreadyRevealed(build_hash));
    }
    require_sound(state, now, build_hash, manifest)?;
    for other in &manifest.other_targets {
        attestation::verify(other.target.build_hash, &other.signatures)?;
    }
    Ok(Event::Revealed { build_hash, seal, salt, manifest: Box::new(manifest.clone()) })
}

/// The vote with the manifest it was sealed over. One that was never sealed has it already.
pub(super) fn opened<'v>(state: &State, now: Epoch, vote: &'v ReleaseVote) -> Result<Cow<'v, ReleaseVote>, Error> {
    let Some(seal) = vote.sealed else { return Ok(Cow::Borrowed(vote)) };
    let manifest = REVEALED.get(state, &seal).ok_or(Error::StillSealed(vote.build_hash))?;
    require_sound(state, now, vote.build_hash, &manifest)?;
    Ok(Cow::Owned(ReleaseVote { manifest, ..vote.clone() }))
}
