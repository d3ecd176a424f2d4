//! When a build is approved.

use super::level;
use super::retire::require_notice;
use super::seal::opened;
use crate::attestation::{self, Counting};
use crate::{ApprovedRelease, Error, Event, Manifest, ReleaseVote, Standing, Superseded, queries, storage::*};
use primitives::{BuildHash, Epoch, Mandate, Moment, PublicKey};
use state::State;
use std::collections::BTreeSet;

pub(super) fn admit(state: &State, now: Epoch, activation: Epoch, vote: &ReleaseVote) -> Result<(), Error> {
    let record = queries::roster_record(state);
    let (roster, signing) = (&record.roster, record.signing(now));
    require_threshold(roster.threshold, &signing, vote.signature_threshold)?;
    // With or without any of the keys that have left: a departure undoes no proposal that is on its way.
    if !record.is_named_by(&vote.signer_set, now) {
        return Err(Error::RosterChanged { current: roster.version });
    }
    if vote.sealed.is_some() && vote.manifest != Manifest::default() {
        return Err(Error::SealedAndOpen(vote.build_hash));
    }
    if let Some(end) = vote.manifest.end_of_support_epoch {
        require_notice(state, activation, end)?;
    }
    // Of what is sealed, the level is not known yet.
    if vote.sealed.is_none() {
        level::require(state, activation, vote.build_hash, &vote.manifest)?;
    }
    let domain = queries::signing_domain(state);
    let mut seen = BTreeSet::new();
    for (target, signatures) in vote.attested() {
        if !seen.insert(target.build_hash) {
            return Err(Error::DuplicateTarget(target.build_hash));
        }
        require_new(state, target.build_hash)?;
        attestation::require_known(signatures, &vote.signer_set)?;
        attestation::require_valid(&domain, &target, signatures)?;
        attestation::require(attestation::count(signatures, &signing), vote.signature_threshold)?;
    }
    attestation::require_root(vote.build_hash, &vote.manifest, vote.manifest_root())?;
    if let Some(signed) = &vote.manifest.signed_root {
        attestation::require_known(&signed.signatures, &vote.signer_set)?;
        attestation::require_valid_root(&domain, vote.build_hash, signed)?;
    }
    attestation::require_said(vote.build_hash, &vote.manifest, &signing, vote.signature_threshold)
}

/// Carries it out with the signatures that it passed with: of the keys that signed under its roster when voting ended. What
/// happened to the signers since does not undo a decision (T11, T24). They were verified when they came, with the proposal or
/// with what was revealed; here they are counted.
pub(super) fn enact(state: &State, at: Moment, vote: &ReleaseVote, mandate: &Mandate) -> Result<Event, Error> {
    let record = queries::signed_under(state, mandate.proposed).record;
    let vote = opened(state, at.epoch, mandate.proposal_id, vote)?;
    vote.targets().try_for_each(|target| require_new(state, target.build_hash))?;
    let counting = Counting::of(&record, mandate.proposed.epoch, mandate.passed);
    counting.require_signed(&vote)?;
    let level = level::require(state, at.epoch, vote.build_hash, &vote.manifest)?;
    let sequence = LATEST_SEQUENCE.get_or_default(state).saturating_add(1);
    let manifest = vote.manifest.counted(counting.over_all(&vote)).brief();
    let long_parts = vote.manifest.long_parts(vote.build_hash, &vote.platform);
    let mut approved = Vec::new();
    for (target, signatures) in vote.attested() {
        let signatures = attestation::counted(signatures, counting.over(&vote, target.build_hash));
        approved.push(ApprovedRelease {
            build_hash: target.build_hash,
            proposal_id: Some(mandate.proposal_id),
            proposer: Some(mandate.proposer),
            activated_epoch: at.epoch,
            activated: Some(at.position()),
            sequence,
            level,
            standing: Standing::Active,
            target,
            manifest: manifest.clone(),
            signatures,
            signature_threshold: vote.signature_threshold,
            signer_set: vote.signer_set.clone(),
            long_parts: long_parts.clone(),
            support_end: None,
            amended: None,
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
/// manifests. Its signatures are verified when it is revealed, by whomever they are, and counted both times.
pub(super) fn require_sound(
    state: &State,
    now: Epoch,
    build_hash: BuildHash,
    manifest: &Manifest,
) -> Result<(), Error> {
    if let Some(end) = manifest.end_of_support_epoch {
        require_notice(state, now, end)?;
    }
    let mut seen = BTreeSet::from([build_hash]);
    for other in &manifest.other_targets {
        let hash = other.target.build_hash;
        if !seen.insert(hash) {
            return Err(Error::DuplicateTarget(hash));
        }
        require_new(state, hash)?;
    }
    Ok(())
}

fn require_threshold(least: u32, signing: &[PublicKey], asked: u32) -> Result<(), Error> {
    let most = u32::try_from(signing.len()).unwrap_or(u32::MAX);
    if (least..=most).contains(&asked) { Ok(()) } else { Err(Error::ThresholdOutOfRange { asked, least, most }) }
}

fn require_new(state: &State, hash: BuildHash) -> Result<(), Error> {
    if APPROVED.contains(state, &hash) { Err(Error::HashTaken(hash)) } else { Ok(()) }
}
