//! When a call about releases is granted, when a motion may be proposed, and what it does when it passed.

mod approve;
mod install;
mod rebuild;
mod retire;
mod roster;
mod seal;

use crate::{Call, Error, Event, Motion, Rebuild};
use primitives::{AccountId, Epoch, Moment, ProposalId};
use state::State;

impl Call {
    /// Judges the call of `who`; reads everything, writes nothing.
    pub fn decide(&self, state: &State, at: Moment, who: AccountId) -> Result<Event, Error> {
        match self {
            Call::RecordInstall { build_hash, stage } => install::record(state, at, who, *build_hash, stage),
            Call::AttestRebuild { build_hash, source_hash, source_commit } => {
                let (source_hash, source_commit) = (*source_hash, source_commit.clone());
                rebuild::attest(state, who, *build_hash, Rebuild { at, source_hash, source_commit })
            }
            Call::Reveal { build_hash, manifest, salt } => seal::reveal(state, at.epoch, *build_hash, manifest, *salt),
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
