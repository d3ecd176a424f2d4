//! When the roster changes, and when a key leaves it.

use crate::{
    Approvals, Departure, Error, Event, MAX_SIGNERS, Roster, RosterCause, RosterChange, RosterRecord, Side,
    leave_message, queries, storage::*,
};
use primitives::{Epoch, List, Mandate, Moment, PublicKey, Signature};
use state::State;
use std::collections::BTreeSet;

pub(super) fn admit(state: &State, now: Epoch, change: &RosterChange) -> Result<(), Error> {
    let record = queries::roster_record(state);
    let (current, signing, next) = (&record.roster, record.signing(now), &change.roster);
    require_next(current, next)?;
    require_usable(next)?;
    if next.threshold == current.threshold && next.signers == signing {
        return Err(Error::RosterUnchanged);
    }
    require_valid(&change.approvals, current, next, &next.approval_message(&CHAIN_ID.require(state)))?;
    require_both_sides(&record, change, now)
}

/// Carries it out with the approvals that it passed with. Only another rotation that came first is in its way (T5).
pub(super) fn enact(state: &State, at: Moment, change: &RosterChange, mandate: &Mandate) -> Result<Event, Error> {
    let (record, roster) = (queries::roster_record(state), change.roster.clone());
    require_next(&record.roster, &roster)?;
    require_both_sides(&record, change, mandate.passed)?;
    let left = staying_away(&record, change, mandate);
    let cause = RosterCause::Proposal(mandate.proposal_id);
    Ok(RosterRecord { roster, since: Some(at.position()), cause, left }.into())
}

/// A key takes itself out, alone: its holder knows first that it is lost. The roster stays able to release.
pub(super) fn require_leavable(
    state: &State,
    signer: PublicKey,
    version: u64,
    signature: &Signature,
) -> Result<(), Error> {
    let record = queries::roster_record(state);
    require_version(version, record.roster.version)?;
    if !record.roster.signers.contains(&signer) {
        return Err(Error::UnknownSigner(signer));
    }
    if let Some(Departure { from_epoch, .. }) = record.departure(&signer) {
        return Err(Error::AlreadyLeft { signer, from_epoch });
    }
    if !signer.verify(&leave_message(&CHAIN_ID.require(state), signer, version), signature) {
        return Err(Error::BadApproval(signer));
    }
    let mut signers = record.staying();
    signers.retain(|key| *key != signer);
    require_usable(&Roster { signers, ..record.roster })
}

/// Who left since the change was proposed stays out of the new roster too, while enough of its other keys approve it. A change
/// that was proposed later names the key on purpose.
fn staying_away(record: &RosterRecord, change: &RosterChange, mandate: &Mandate) -> List<Departure, MAX_SIGNERS> {
    let mut others = change.roster.signers.clone();
    let mut left = record.left.clone();
    left.retain(|departure| {
        let mut without = others.clone();
        without.retain(|key| *key != departure.signer);
        let (is_named, is_later) = (without.len() < others.len(), departure.from_epoch > mandate.proposed.epoch);
        let approving = change.approved_by(&record.without_departed(&without, mandate.passed));
        let stays_away = is_named && is_later && approving >= change.roster.threshold;
        if stays_away {
            others = without;
        }
        stays_away
    });
    left
}

fn require_next(current: &Roster, next: &Roster) -> Result<(), Error> {
    require_version(next.version, current.version.saturating_add(1))
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

/// Each approval is by a key of one of the two rosters, stands once (T13), and is valid.
fn require_valid(approvals: &Approvals, old: &Roster, new: &Roster, message: &[u8]) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    for approval in approvals {
        let signer = approval.signer;
        if !old.signers.contains(&signer) && !new.signers.contains(&signer) {
            return Err(Error::UnknownSigner(signer));
        }
        if !seen.insert(signer) {
            return Err(Error::DuplicateSigner(signer));
        }
        if !signer.verify(message, &approval.signature) {
            return Err(Error::BadApproval(signer));
        }
    }
    Ok(())
}

/// As many keys of either roster approve it as it needs. Those that have left the old one by an epoch count on neither side: a
/// key that signs nothing new does not show that the new roster can release.
fn require_both_sides(record: &RosterRecord, change: &RosterChange, epoch: Epoch) -> Result<(), Error> {
    let (old, new) = (record.signing(epoch), record.without_departed(&change.roster.signers, epoch));
    require_approved(Side::Old, change.approved_by(&old), record.roster.threshold)?;
    require_approved(Side::New, change.approved_by(&new), change.roster.threshold)
}

fn require_approved(side: Side, have: u32, need: u32) -> Result<(), Error> {
    if have >= need { Ok(()) } else { Err(Error::ApprovalsMissing { side, have, need }) }
}
