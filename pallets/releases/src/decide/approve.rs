//! When a build is approved.

use super::retire::require_notice;
use super::seal::opened;
use crate::{
    ApprovedRelease, Error, Event, Manifest, ReleaseVote, Roster, Standing, Superseded, attestation, storage::*,
};
use primitives::{BuildHash, Epoch, Mandate, Moment};
use state::State;
use std::collections::BTreeSet;

pub(super) fn admit(state: &State, activation: Epoch, vote: &ReleaseVote) -> Result<(), Error> {
    let roster = ROSTER.require(state);
    require_threshold(&roster, vote.signature_threshold)?;
    if vote.signer_set != roster.signers {
        return Err(Error::RosterChanged { current: roster.version });
    }
    if vote.sealed.is_some() && vote.manifest != Manifest::default() {
        return Err(Error::SealedAndOpen(vote.build_hash));
    }
    if let Some(end) = vote.manifest.end_of_support_epoch {
        require_notice(state, activation, end)?;
    }
    let mut seen = BTreeSet::new();
    for (target, signatures) in vote.attested() {
        if !seen.insert(target.build_hash) {
            return Err(Error::DuplicateTarget(target.build_hash));
        }
        require_new(state, target.build_hash)?;
        let have = attestation::count(target.build_hash, signatures, &roster.signers)?;
        attestation::require(have, vote.signature_threshold)?;
    }
    Ok(())
}

/// Judges the signatures again, by the roster of this moment: a removed key's no longer count, and a threshold that was
/// raised meanwhile counts (T24).
pub(super) fn enact(state: &State, at: Moment, vote: &ReleaseVote, mandate: &Mandate) -> Result<Event, Error> {
    let (roster, vote) = (ROSTER.require(state), opened(state, at.epoch, vote)?);
    let sequence = LATEST_SEQUENCE.get_or_default(state).saturating_add(1);
    let mut approved = Vec::new();
    for (target, signatures) in vote.attested() {
        require_new(state, target.build_hash)?;
        let signatures = attestation::remaining(signatures, &roster);
        let have = u32::try_from(signatures.len()).unwrap_or(u32::MAX);
        attestation::require(have, vote.signature_threshold.max(roster.threshold))?;
        approved.push(ApprovedRelease {
            build_hash: target.build_hash,
            proposal_id: Some(mandate.proposal_id),
            proposer: Some(mandate.proposer),
            activated_epoch: at.epoch,
            activated: Some(at),
            sequence,
            standing: Standing::Active,
            target,
            manifest: vote.manifest.brief(),
            signatures,
            signature_threshold: vote.signature_threshold,
            signer_set: vote.signer_set.clone(),
        });
    }
    Ok(Event::Approved {
        superseded: superseded(state, &approved),
        applied_threshold: vote.signature_threshold,
        builds: approved,
    })
}

/// The active builds that have a new one for their platform. That stops none of them, whatever end of support they name: what
/// nobody runs yet is no reason to stop what all run.
fn superseded(state: &State, by: &[ApprovedRelease]) -> Vec<Superseded> {
    let give_way = |build: ApprovedRelease| {
        let new = by.iter().find(|new| new.target.platform == build.target.platform)?;
        Some(Superseded { build_hash: build.build_hash, by: new.build_hash })
    };
    let active = ACTIVE.get_or_default(state).into_iter().filter_map(|hash| APPROVED.get(state, &hash));
    active.filter_map(give_way).collect()
}

/// What was sealed is judged when it is revealed and again when it is carried out, by the rules that [`admit`] has for open
/// manifests; whether there are enough signatures is judged with the threshold, when it is carried out.
pub(super) fn require_sound(
    state: &State,
    now: Epoch,
    build_hash: BuildHash,
    manifest: &Manifest,
) -> Result<(), Error> {
    if let Some(end) = manifest.end_of_support_epoch {
        require_notice(state, now, end)?;
    }
    let (roster, mut seen) = (ROSTER.require(state), BTreeSet::from([build_hash]));
    for other in &manifest.other_targets {
        let hash = other.target.build_hash;
        if !seen.insert(hash) {
            return Err(Error::DuplicateTarget(hash));
        }
        require_new(state, hash)?;
        attestation::count(hash, &attestation::remaining(&other.signatures, &roster), &roster.signers)?;
    }
    Ok(())
}

fn require_threshold(roster: &Roster, asked: u32) -> Result<(), Error> {
    let (least, most) = (roster.threshold, roster.size());
    if (least..=most).contains(&asked) { Ok(()) } else { Err(Error::ThresholdOutOfRange { asked, least, most }) }
}

fn require_new(state: &State, hash: BuildHash) -> Result<(), Error> {
    if APPROVED.contains(state, &hash) { Err(Error::HashTaken(hash)) } else { Ok(()) }
}
