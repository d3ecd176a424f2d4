//! When a sealed proposal is opened.

use super::approve::require_sound;
use super::available;
use super::level;
use crate::index::{approval_key, seal_key};
use crate::{Error, Event, Manifest, ReleaseVote, attestation, queries, storage::*};
use governance::queries::{is_found_by, live_of, poll};
use primitives::{AccountId, BuildHash, Digest, Epoch, ProposalId};
use state::State;
use std::borrow::Cow;

/// Anybody who knows the manifest and the salt may reveal them. What is opened is a proposal of the account that sealed it, and
/// no other that carries the same seal. Whose signatures the manifest brings is sealed with it, so whoever is first to reveal
/// it cannot leave some out. What signers did not sign is not revealed at all: from now on everybody would look for its builds,
/// which whoever sealed it may never give.
pub(super) fn reveal(
    state: &State,
    now: Epoch,
    proposer: AccountId,
    build_hash: BuildHash,
    manifest: &Manifest,
    salt: Digest,
) -> Result<Event, Error> {
    let seal = manifest.seal(&proposer, &build_hash, &salt);
    let proposal_id = sealed(state, now, proposer, build_hash, seal)?;
    require_sound(state, now, build_hash, manifest)?;
    require_signed(state, queries::measured_in(state, proposal_id), build_hash, manifest)?;
    level::require(state, poll(state, proposal_id).activation_epoch, build_hash, manifest)?;
    let domain = queries::signing_domain(state);
    for other in &manifest.other_targets {
        attestation::require_valid(&domain, &other.target, &other.signatures)?;
    }
    if let Some(signed) = &manifest.signed_root {
        attestation::require_valid_root(&domain, build_hash, signed)?;
    }
    Ok(Event::Revealed { proposal_id, build_hash, seal, salt, manifest: Box::new(manifest.clone()) })
}

/// What a seal of an epoch hid must be signed by a roster of that epoch. Which one, if another took its place within the epoch,
/// and whether the vote asks for more than its threshold, is judged with the vote.
fn require_signed(state: &State, made: Epoch, build_hash: BuildHash, manifest: &Manifest) -> Result<(), Error> {
    let mut judged = Ok(());
    for record in queries::rosters_in(state, made) {
        let (signing, need) = (record.signing(made), record.roster.threshold);
        judged = attestation::require_quorums(build_hash, manifest, &signing, need);
        if judged.is_ok() {
            break;
        }
    }
    judged
}

/// The first live proposal of an account for a build that carries a seal and is not open yet; an account has but a few. One whose
/// activation epoch has come is opened no more, also while it waits for the block that carries it out: what comes of it is the
/// same in whatever block that is.
fn sealed(
    state: &State,
    now: Epoch,
    proposer: AccountId,
    build_hash: BuildHash,
    seal: Digest,
) -> Result<ProposalId, Error> {
    let (approval, under_seal) = (approval_key(&build_hash), seal_key(&build_hash, &seal));
    let mut found: Vec<ProposalId> =
        live_of(state, &proposer).filter(|id| is_found_by(state, *id, &approval)).collect();
    if found.is_empty() {
        return Err(Error::NothingSealed(build_hash));
    }
    found.retain(|id| is_found_by(state, *id, &under_seal));
    if found.is_empty() {
        return Err(Error::SealBroken(build_hash));
    }
    found.retain(|id| !REVEALED.contains(state, id));
    if found.is_empty() {
        return Err(Error::AlreadyRevealed(build_hash));
    }
    let is_in_time = |id: &ProposalId| now < poll(state, *id).activation_epoch;
    found.into_iter().find(is_in_time).ok_or(Error::RevealedTooLate(build_hash))
}

/// The vote of a proposal with the manifest it was sealed over, once that is known. It must be what was signed, and its builds at
/// hand. One that was never sealed has it already, and was asked when it was proposed and when it passed.
pub(super) fn opened<'v>(
    state: &State,
    now: Epoch,
    id: ProposalId,
    vote: &'v ReleaseVote,
) -> Result<Cow<'v, ReleaseVote>, Error> {
    if vote.sealed.is_none() {
        return Ok(Cow::Borrowed(vote));
    }
    let manifest = REVEALED.get(state, &id).ok_or(Error::StillSealed(vote.build_hash))?;
    require_sound(state, now, vote.build_hash, &manifest)?;
    let vote = ReleaseVote { manifest, ..vote.clone() };
    attestation::require_root(vote.build_hash, &vote.manifest, vote.manifest_root())?;
    available::require(state, id, &vote)?;
    Ok(Cow::Owned(vote))
}
