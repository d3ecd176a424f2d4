//! What can be asked about releases; above all, whether a build may run.

use crate::{ApprovedRelease, MinimumSequence, Receipt, Roster, RosterRecord, Stop, storage::*};
use primitives::{AccountId, BuildHash, Epoch};
use state::State;

pub use crate::lifetime::Verdict;

/// Judges a build by its approval record, the minimum sequence and the epoch.
pub fn verdict(release: Option<&ApprovedRelease>, minimum: &MinimumSequence, now: Epoch) -> Verdict {
    let Some(release) = release else { return Verdict::NotApproved };
    release.stop(minimum).filter(|stop| now >= stop.epoch).map_or(Verdict::Approved, |stop| stop.verdict)
}

/// Judges a build by current state.
pub fn verdict_now(state: &State, hash: &BuildHash, now: Epoch) -> Verdict {
    verdict(APPROVED.get(state, hash).as_ref(), &minimum_sequence(state), now)
}

/// From when a build may not run, as far as is decided; none for one that was never approved.
pub fn stop(state: &State, hash: &BuildHash) -> Option<Stop> {
    APPROVED.get(state, hash)?.stop(&minimum_sequence(state))
}

/// The least sequence number that may run.
pub fn minimum_sequence(state: &State) -> MinimumSequence {
    MINIMUM_SEQUENCE.get_or_default(state)
}

/// The current roster.
pub fn roster(state: &State) -> Roster {
    ROSTER.require(state)
}

/// Every roster there ever was, the first one first.
pub fn rosters<'s>(state: &'s State) -> impl Iterator<Item = RosterRecord> + use<'s> {
    ROSTERS.iter(state).map(|(_, record)| record)
}

/// The threshold of the latest activated release.
pub fn applied_threshold(state: &State) -> u32 {
    APPLIED_THRESHOLD.require(state)
}

/// The installs of a build, by node.
pub fn receipts<'s>(state: &'s State, hash: &BuildHash) -> impl Iterator<Item = (AccountId, Receipt)> + use<'s> {
    RECEIPTS.iter_under(state, hash).map(|((_, node), receipt)| (node, receipt))
}

/// The build that a node said it booted last.
pub fn running(state: &State, node: &AccountId) -> Option<BuildHash> {
    RUNNING.get(state, node)
}
