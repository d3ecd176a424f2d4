//! When a call about releases is granted, when a motion may be proposed, and what it does when it passed.

use crate::{ApprovedRelease, Call, Error, Event, Motion, Receipt, ReleaseVote, Roster, Standing};
use crate::{attestation, storage::*};
use primitives::{AccountId, BuildHash, Epoch, Moment, ProposalId};
use state::State;
use std::collections::BTreeSet;

impl Call {
    /// Judges the call of `who`; reads everything, writes nothing.
    pub fn decide(&self, state: &State, at: Moment, who: AccountId) -> Result<Event, Error> {
        match self {
            Call::RecordInstall { build_hash } => record_install(state, at, who, *build_hash),
        }
    }
}

impl Motion {
    /// Whether the motion may be put to the vote, to be carried out at `activation`. Refused here, nothing of it is stored.
    pub fn admit(&self, state: &State, activation: Epoch) -> Result<(), Error> {
        let Motion::Approve(vote) = self;
        admit_release(state, activation, vote)
    }

    /// What the motion does, once it passed and its epoch has come.
    pub fn enact(&self, state: &State, at: Moment, id: ProposalId, proposer: AccountId) -> Result<Event, Error> {
        let Motion::Approve(vote) = self;
        approve(state, at, vote, id, proposer)
    }
}

fn record_install(state: &State, at: Moment, node: AccountId, build_hash: BuildHash) -> Result<Event, Error> {
    if !APPROVED.contains(state, &build_hash) {
        return Err(Error::NotApproved(build_hash));
    }
    let receipt = match RECEIPTS.get(state, &(build_hash, node)) {
        Some(receipt) if receipt.last.epoch == at.epoch => {
            return Err(Error::AlreadyRecorded { build_hash, epoch: at.epoch });
        }
        Some(receipt) => Receipt { last: at, count: receipt.count.saturating_add(1), ..receipt },
        None => Receipt { first: at, last: at, count: 1 },
    };
    Ok(Event::Installed { build_hash, node, receipt })
}

fn admit_release(state: &State, activation: Epoch, vote: &ReleaseVote) -> Result<(), Error> {
    let roster = ROSTER.require(state);
    require_threshold(&roster, vote.signature_threshold)?;
    if vote.signer_set != roster.signers {
        return Err(Error::RosterChanged { current: roster.version });
    }
    if let Some(end) = vote.manifest.end_of_support_epoch.filter(|end| *end <= activation) {
        return Err(Error::SupportEndsTooSoon { end });
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

fn require_threshold(roster: &Roster, asked: u32) -> Result<(), Error> {
    let (least, most) = (roster.threshold, u32::try_from(roster.signers.len()).unwrap_or(u32::MAX));
    if (least..=most).contains(&asked) { Ok(()) } else { Err(Error::ThresholdOutOfRange { asked, least, most }) }
}

fn require_new(state: &State, hash: BuildHash) -> Result<(), Error> {
    if APPROVED.contains(state, &hash) { Err(Error::HashTaken(hash)) } else { Ok(()) }
}

fn approve(state: &State, at: Moment, vote: &ReleaseVote, id: ProposalId, proposer: AccountId) -> Result<Event, Error> {
    let roster = ROSTER.require(state);
    let sequence = LATEST_SEQUENCE.get_or_default(state).saturating_add(1);
    let mut approved = Vec::new();
    for (target, signatures) in vote.attested() {
        require_new(state, target.build_hash)?;
        let signatures = attestation::remaining(signatures, &roster);
        let have = u32::try_from(signatures.len()).unwrap_or(u32::MAX);
        attestation::require(have, vote.signature_threshold)?;
        approved.push(ApprovedRelease {
            build_hash: target.build_hash,
            proposal_id: Some(id),
            proposer: Some(proposer),
            activated_epoch: at.epoch,
            activated: Some(at),
            sequence,
            standing: Standing::Active,
            target,
            manifest: vote.manifest.clone(),
            signatures,
            signature_threshold: vote.signature_threshold,
            signer_set: vote.signer_set.clone(),
        });
    }
    Ok(Event::Approved(approved))
}
