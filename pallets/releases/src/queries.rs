//! What can be asked about releases; above all, whether a build may run.

use crate::{ApprovedRelease, Receipt, Roster, Standing, storage::*};
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, BuildHash, Epoch};
use serde::{Deserialize, Serialize};
use state::State;

/// Whether a build may run, and why not.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is approved.
    Approved,
    /// Governance never approved it.
    NotApproved,
    /// It was approved and then revoked.
    Revoked {
        /// The reason that was voted on.
        reason: String,
    },
    /// Governance demands a later release.
    BelowMinimumSequence {
        /// This release's number.
        sequence: u64,
        /// The least that may run.
        minimum: u64,
    },
    /// Its support has ended.
    EndOfSupport {
        /// From this epoch on.
        epoch: Epoch,
    },
}

/// Judges a build by its approval record, the minimum sequence and the epoch.
pub fn verdict(release: Option<&ApprovedRelease>, minimum_sequence: u64, now: Epoch) -> Verdict {
    let Some(release) = release else { return Verdict::NotApproved };
    if let Standing::Revoked { reason } = &release.standing {
        return Verdict::Revoked { reason: reason.to_string() };
    }
    if release.sequence < minimum_sequence {
        return Verdict::BelowMinimumSequence { sequence: release.sequence, minimum: minimum_sequence };
    }
    match release.manifest.end_of_support_epoch {
        Some(epoch) if now >= epoch => Verdict::EndOfSupport { epoch },
        _ => Verdict::Approved,
    }
}

/// Judges a build by current state.
pub fn verdict_now(state: &State, hash: &BuildHash, now: Epoch) -> Verdict {
    verdict(APPROVED.get(state, hash).as_ref(), MINIMUM_SEQUENCE.get_or_default(state), now)
}

/// The current roster.
pub fn roster(state: &State) -> Roster {
    ROSTER.require(state)
}

/// The threshold of the latest activated release.
pub fn applied_threshold(state: &State) -> u32 {
    APPLIED_THRESHOLD.require(state)
}

/// The installs of a build, by node.
pub fn receipts<'s>(state: &'s State, hash: &BuildHash) -> impl Iterator<Item = (AccountId, Receipt)> + use<'s> {
    RECEIPTS.iter_under(state, hash).map(|((_, node), receipt)| (node, receipt))
}
