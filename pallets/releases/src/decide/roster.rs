//! When the roster changes.

use crate::{
    Approvals, Error, Event, Roster, RosterCause, RosterChange, RosterRecord, Side, leave_message, storage::*,
};
use primitives::{Moment, ProposalId, PublicKey, Signature};
use state::State;
use std::collections::BTreeSet;

pub(super) fn admit(state: &State, change: &RosterChange) -> Result<(), Error> {
    let next = &change.roster;
    let current = require_next(state, next)?;
    require_usable(next)?;
    if (&next.signers, next.threshold) == (&current.signers, current.threshold) {
        return Err(Error::RosterUnchanged);
    }
    let message = next.approval_message(&CHAIN_ID.require(state));
    let approving = approving(&change.approvals, &current, next, &message)?;
    require_approved(Side::Old, &current, &approving)?;
    require_approved(Side::New, next, &approving)
}

/// A key may have left since, which is a new version. Where the version is still the next one, the roster is the one that the
/// change was admitted for, so its approvals hold.
pub(super) fn enact(state: &State, at: Moment, change: &RosterChange, id: ProposalId) -> Result<Event, Error> {
    require_next(state, &change.roster)?;
    let (roster, cause) = (change.roster.clone(), RosterCause::Proposal(id));
    Ok(Event::RosterSet(RosterRecord { roster, since: Some(at), cause }))
}

/// A key takes itself out, alone: its holder knows first that it is lost. The roster stays able to release.
pub(super) fn leave(
    state: &State,
    at: Moment,
    signer: PublicKey,
    version: u64,
    signature: &Signature,
) -> Result<Event, Error> {
    let mut roster = ROSTER.require(state);
    require_version(version, roster.version)?;
    if !roster.signers.contains(&signer) {
        return Err(Error::UnknownSigner(signer));
    }
    if !signer.verify(&leave_message(&CHAIN_ID.require(state), signer, version), signature) {
        return Err(Error::BadApproval(signer));
    }
    roster.signers.retain(|key| *key != signer);
    roster.version = roster.version.saturating_add(1);
    require_usable(&roster)?;
    Ok(Event::RosterSet(RosterRecord { roster, since: Some(at), cause: RosterCause::Left(signer) }))
}

/// The current roster, which another one must follow by its version.
fn require_next(state: &State, next: &Roster) -> Result<Roster, Error> {
    let current = ROSTER.require(state);
    require_version(next.version, current.version.saturating_add(1))?;
    Ok(current)
}

fn require_version(asked: u64, next: u64) -> Result<(), Error> {
    if asked == next { Ok(()) } else { Err(Error::RosterVersion { asked, next }) }
}

fn require_usable(roster: &Roster) -> Result<(), Error> {
    let (signers, threshold) = (roster.size(), roster.threshold);
    if !(1..=signers).contains(&threshold) {
        return Err(Error::RosterUnusable { signers, threshold });
    }
    let mut seen = BTreeSet::new();
    for key in &roster.signers {
        if !key.is_usable() {
            return Err(Error::UnusableKey(*key));
        }
        if !seen.insert(key) {
            return Err(Error::DuplicateSigner(*key));
        }
    }
    Ok(())
}

/// The keys that validly approve; each is of one of the two rosters and stands once (T13).
fn approving(approvals: &Approvals, old: &Roster, new: &Roster, message: &[u8]) -> Result<BTreeSet<PublicKey>, Error> {
    let mut approving = BTreeSet::new();
    for approval in approvals {
        let signer = approval.signer;
        if !old.signers.contains(&signer) && !new.signers.contains(&signer) {
            return Err(Error::UnknownSigner(signer));
        }
        if !approving.insert(signer) {
            return Err(Error::DuplicateSigner(signer));
        }
        if !signer.verify(message, &approval.signature) {
            return Err(Error::BadApproval(signer));
        }
    }
    Ok(approving)
}

fn require_approved(side: Side, roster: &Roster, approving: &BTreeSet<PublicKey>) -> Result<(), Error> {
    let approving = roster.signers.iter().filter(|key| approving.contains(key)).count();
    let (have, need) = (u32::try_from(approving).unwrap_or(u32::MAX), roster.threshold);
    if have >= need { Ok(()) } else { Err(Error::ApprovalsMissing { side, have, need }) }
}
