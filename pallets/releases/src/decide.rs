//! When a call about releases is granted, when a motion may be proposed, and what it does when it passed.

mod approve;
mod retire;
mod roster;

use crate::{Call, Error, Event, Motion, Receipt, storage::*};
use primitives::{AccountId, BuildHash, Epoch, Moment, ProposalId};
use state::State;

impl Call {
    /// Judges the call of `who`; reads everything, writes nothing.
    pub fn decide(&self, state: &State, at: Moment, who: AccountId) -> Result<Event, Error> {
        match self {
            Call::RecordInstall { build_hash } => record_install(state, at, who, *build_hash),
            Call::LeaveRoster { signer, version, signature } => roster::leave(state, at, *signer, *version, signature),
        }
    }
}

impl Motion {
    /// Whether the motion may be put to the vote `now`, to be carried out at `activation`. Refused here, nothing of it is
    /// stored.
    pub fn admit(&self, state: &State, now: Epoch, activation: Epoch) -> Result<(), Error> {
        match self {
            Motion::Approve(vote) => approve::admit(state, activation, vote),
            Motion::SetRoster(change) => roster::admit(state, change),
            Motion::Revoke { build_hashes, .. } => retire::require_revocable(state, now, build_hashes),
            Motion::RaiseMinimumSequence { minimum, .. } => retire::require_raisable(state, now, *minimum),
            Motion::EndSupport { build_hash, epoch } => {
                retire::require_notice(state, activation, *epoch)?;
                retire::release_of(state, build_hash).map(|_| ())
            }
        }
    }

    /// What the motion does, once it passed and its epoch has come.
    pub fn enact(&self, state: &State, at: Moment, id: ProposalId, proposer: AccountId) -> Result<Event, Error> {
        match self {
            Motion::Approve(vote) => approve::enact(state, at, vote, id, proposer),
            Motion::SetRoster(change) => roster::enact(state, at, change, id),
            Motion::Revoke { build_hashes, reason } => retire::revoke(state, at, build_hashes, reason),
            Motion::RaiseMinimumSequence { minimum, reason } => retire::raise(state, at, *minimum, reason),
            Motion::EndSupport { build_hash, epoch } => retire::end_support(state, build_hash, *epoch),
        }
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
