//! When a call about releases is granted, when a motion may be proposed, and what it does when it passed.

mod amend;
mod approve;
mod available;
mod fleet;
pub(crate) mod install;
mod level;
mod rebuild;
mod retire;
mod roster;
mod seal;

use crate::{Call, Departure, Error, Event, Motion, Rebuild, attestation, queries};
use governance::Shortfall;
use primitives::{AccountId, Amount, Epoch, Mandate, Moment, ProposalId, TrackName};
use state::{Decide, Enact, State};

impl Decide for Call {
    type Event = Event;
    type Error = Error;

    fn decide(&self, state: &State, at: Moment, who: AccountId) -> Result<Event, Error> {
        match self {
            Call::RecordInstall { build_hash, stage } => install::record(state, at, who, *build_hash, stage),
            Call::AttestRebuild { build_hash, source_hash, source_commit } => {
                let (build_hash, builder) = (*build_hash, who);
                let (source_hash, source_commit) = (*source_hash, source_commit.clone());
                let number = rebuild::next_number(state, builder, build_hash)?;
                let rebuild = Rebuild { number, at: at.position(), source_hash, source_commit };
                Ok(Event::Rebuilt { build_hash, builder, rebuild })
            }
            Call::Reveal { build_hash, proposer, manifest, salt } => {
                seal::reveal(state, at.epoch, *proposer, *build_hash, manifest, *salt)
            }
            Call::LeaveRoster { signer, version, signature } => {
                let (signer, version) = (*signer, *version);
                roster::require_leavable(state, signer, version, signature)?;
                let departure = Departure { signer, from_epoch: at.epoch.next() };
                Ok(Event::SignerLeft { version, departure })
            }
            Call::Advertise(advertisement) => {
                fleet::require_to_advertise(state, at, who)?;
                Ok(Event::Advertised { node: who, advertisement: advertisement.clone() })
            }
        }
    }

    fn signatures(&self) -> u32 {
        match self {
            Call::RecordInstall { .. } | Call::AttestRebuild { .. } | Call::Advertise(_) => 0,
            Call::Reveal { manifest, .. } => manifest.signatures(),
            Call::LeaveRoster { .. } => 1,
        }
    }

    fn most_spent(&self, _state: &State) -> Amount {
        match self {
            Call::RecordInstall { .. }
            | Call::AttestRebuild { .. }
            | Call::Reveal { .. }
            | Call::LeaveRoster { .. }
            | Call::Advertise(_) => Amount::ZERO,
        }
    }
}

impl Enact for Motion {
    type Event = Event;
    type Error = Error;

    fn admit(&self, state: &State, at: Moment, activation: Epoch) -> Result<(), Error> {
        match self {
            Motion::Approve(vote) => approve::admit(state, at.epoch, activation, vote),
            Motion::SetRoster(change) => roster::admit(state, at.epoch, change),
            Motion::Revoke { build_hashes, .. } => retire::left_to_revoke(state, at.epoch, build_hashes).map(|_| ()),
            Motion::RaiseMinimumSequence { minimum, .. } => retire::require_raisable(state, at.epoch, *minimum),
            Motion::EndSupport { build_hash, epoch } => {
                retire::require_notice(state, activation, *epoch)?;
                retire::require_endable(state, at.epoch, build_hash, *epoch).map(|_| ())
            }
            Motion::Amend { build_hash, manifest } => amend::admit(state, at.epoch, build_hash, manifest),
        }
    }

    fn enact(&self, state: &State, at: Moment, mandate: &Mandate) -> Result<Event, Error> {
        match self {
            Motion::Approve(vote) => approve::enact(state, at, vote, mandate),
            Motion::SetRoster(change) => roster::enact(state, at, change, mandate),
            Motion::Revoke { build_hashes, reason } => retire::revoke(state, at, build_hashes, reason),
            Motion::RaiseMinimumSequence { minimum, reason } => retire::raise(state, at, *minimum, reason),
            Motion::EndSupport { build_hash, epoch } => retire::end_support(state, at, build_hash, *epoch, mandate),
            Motion::Amend { build_hash, manifest } => amend::enact(state, at, build_hash, manifest, mandate),
        }
    }

    /// What takes builds out of use, or brings that nearer, needs the high bar of an urgent decision. An amendment does not: see
    /// [`ApprovedRelease::boots_from`](crate::ApprovedRelease::boots_from).
    fn tracks(&self, state: &State) -> &'static [TrackName] {
        let stops = match self {
            Motion::Revoke { .. } | Motion::RaiseMinimumSequence { .. } => true,
            Motion::EndSupport { build_hash, epoch } => retire::ends_sooner(state, build_hash, *epoch),
            Motion::Approve(_) | Motion::SetRoster(_) | Motion::Amend { .. } => false,
        };
        if stops { &[TrackName::Expedited] } else { &[TrackName::Routine, TrackName::Expedited] }
    }

    fn signatures(&self) -> u32 {
        match self {
            Motion::Approve(vote) => {
                attestation::number(vote.signatures.len()).saturating_add(vote.manifest.signatures())
            }
            Motion::Amend { manifest, .. } => manifest.signatures(),
            Motion::SetRoster(change) => attestation::number(change.approvals.len()),
            Motion::Revoke { .. } | Motion::RaiseMinimumSequence { .. } | Motion::EndSupport { .. } => 0,
        }
    }

    /// After what may stop one of them.
    fn order(&self) -> u8 {
        1
    }
}

impl Motion {
    /// What it lacks beside votes when voting ends at the start of an epoch, as the proposal of a number that was made at a
    /// moment: signatures, and if those are there, validators that hold what it would approve.
    pub fn lacks(&self, state: &State, id: ProposalId, made: Moment, voting_ends: Epoch) -> Option<Shortfall> {
        let under = queries::signed_under(state, made);
        let of_signatures = self.shortfall(&under, voting_ends);
        let of_release =
            || amend::falls_short(state, self, &under.record, voting_ends).then_some(Shortfall::Signatures);
        let of_holders = || (!available::is_available(state, id, self)).then_some(Shortfall::Unavailable);
        of_signatures.or_else(of_release).or_else(of_holders)
    }
}
