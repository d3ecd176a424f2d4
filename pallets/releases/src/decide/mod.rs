//! When a call about releases is granted, when a motion may be proposed, and what it does when it passed.

mod approve;
mod available;
mod install;
mod rebuild;
mod retire;
mod roster;
mod seal;

use crate::{Call, Error, Event, Motion, Rebuild};
use primitives::{AccountId, Epoch, Mandate, Moment, TrackName};
use state::{Decide, Enact, State};

impl Decide for Call {
    type Event = Event;
    type Error = Error;

    fn decide(&self, state: &State, at: Moment, who: AccountId) -> Result<Event, Error> {
        match self {
            Call::RecordInstall { build_hash, stage } => install::record(state, at, who, *build_hash, stage),
            Call::AttestRebuild { build_hash, source_hash, source_commit } => {
                let (source_hash, source_commit) = (*source_hash, source_commit.clone());
                rebuild::attest(state, who, *build_hash, Rebuild { at, source_hash, source_commit })
            }
            Call::Reveal { build_hash, proposer, manifest, salt } => {
                seal::reveal(state, at.epoch, *proposer, *build_hash, manifest, *salt)
            }
            Call::LeaveRoster { signer, version, signature } => roster::leave(state, at, *signer, *version, signature),
        }
    }
}

impl Enact for Motion {
    type Event = Event;
    type Error = Error;

    fn admit(&self, state: &State, at: Moment, activation: Epoch) -> Result<(), Error> {
        match self {
            Motion::Approve(vote) => approve::admit(state, activation, vote),
            Motion::SetRoster(change) => roster::admit(state, change),
            Motion::Revoke { build_hashes, .. } => retire::require_revocable(state, at.epoch, build_hashes),
            Motion::RaiseMinimumSequence { minimum, .. } => retire::require_raisable(state, at.epoch, *minimum),
            Motion::EndSupport { build_hash, epoch } => {
                retire::require_notice(state, activation, *epoch)?;
                retire::release_of(state, build_hash).map(|_| ())
            }
        }
    }

    fn enact(&self, state: &State, at: Moment, mandate: &Mandate) -> Result<Event, Error> {
        match self {
            Motion::Approve(vote) => approve::enact(state, at, vote, mandate),
            Motion::SetRoster(change) => roster::enact(state, at, change, mandate.proposal_id),
            Motion::Revoke { build_hashes, reason } => retire::revoke(state, at, build_hashes, reason),
            Motion::RaiseMinimumSequence { minimum, reason } => retire::raise(state, at, *minimum, reason),
            Motion::EndSupport { build_hash, epoch } => retire::end_support(state, build_hash, *epoch, mandate),
        }
    }

    /// What takes builds out of use needs the high bar of an urgent decision.
    fn tracks(&self) -> &'static [TrackName] {
        match self {
            Motion::Revoke { .. } | Motion::RaiseMinimumSequence { .. } => &[TrackName::Expedited],
            Motion::Approve(_) | Motion::SetRoster(_) | Motion::EndSupport { .. } => {
                &[TrackName::Routine, TrackName::Expedited]
            }
        }
    }

    /// After what may stop one of them.
    fn order(&self) -> u8 {
        1
    }
}
