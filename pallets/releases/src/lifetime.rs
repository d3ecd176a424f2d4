//! How long an approved build may run, and what ends that.

use crate::{ApprovedRelease, Reason};
use parity_scale_codec::{Decode, Encode};
use primitives::{BuildHash, Epoch};
use serde::{Deserialize, Serialize};

/// Where an approved build stands.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The latest for its platform.
    Active,
    /// A later release is active; this one still runs.
    Superseded {
        /// The later one.
        by: BuildHash,
        /// The epoch from which it no longer boots; none unless governance has ended its support since.
        end_of_support_epoch: Option<Epoch>,
    },
    /// Withdrawn from use.
    Revoked {
        /// Why.
        reason: Reason,
        /// The first epoch in which no node runs it.
        effective_epoch: Epoch,
    },
}

/// The least sequence number that may run, now and after the notice of the latest change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MinimumSequence {
    /// The number from `effective_epoch` on.
    pub sequence: u64,
    /// The first epoch it counts in.
    pub effective_epoch: Epoch,
    /// The number until then.
    pub before: u64,
}

impl MinimumSequence {
    /// The number that counts in an epoch.
    pub fn at(&self, now: Epoch) -> u64 {
        if now >= self.effective_epoch { self.sequence } else { self.before }
    }
}

/// Whether a build may run, and why not.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// Its support was ended after a later release had taken its place.
    EndOfSupport {
        /// From this epoch on.
        epoch: Epoch,
    },
}

/// From when a build may not run, as far as is decided.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Stop {
    /// The first epoch in which no node runs it.
    pub epoch: Epoch,
    /// What the verdict is from then on.
    pub verdict: Verdict,
}

impl ApprovedRelease {
    /// The earliest end that is decided for it.
    pub fn stop(&self, minimum: &MinimumSequence) -> Option<Stop> {
        [self.revocation(), self.below(minimum), self.end_of_support()]
            .into_iter()
            .flatten()
            .min_by_key(|stop| stop.epoch)
    }

    /// Whether it may run in an epoch.
    pub fn runs(&self, minimum: &MinimumSequence, now: Epoch) -> bool {
        self.stop(minimum).is_none_or(|stop| now < stop.epoch)
    }

    /// The end of its support, as far as one is decided: of a superseded build the epoch from which it no longer boots, of the
    /// latest one that from which it is no longer installed.
    pub fn support_ends(&self) -> Option<Epoch> {
        match self.standing {
            Standing::Active => self.manifest.end_of_support_epoch,
            Standing::Superseded { end_of_support_epoch, .. } => end_of_support_epoch,
            Standing::Revoked { .. } => None,
        }
    }

    fn revocation(&self) -> Option<Stop> {
        let Standing::Revoked { reason, effective_epoch } = &self.standing else { return None };
        Some(Stop { epoch: *effective_epoch, verdict: Verdict::Revoked { reason: reason.to_string() } })
    }

    fn below(&self, minimum: &MinimumSequence) -> Option<Stop> {
        let sequence = self.sequence;
        let stop = |epoch, minimum| Stop { epoch, verdict: Verdict::BelowMinimumSequence { sequence, minimum } };
        if sequence < minimum.before {
            return Some(stop(Epoch(0), minimum.before));
        }
        (sequence < minimum.sequence).then(|| stop(minimum.effective_epoch, minimum.sequence))
    }

    /// A date in a manifest never stops anything: a network must not halt because nobody released in time, nor because somebody
    /// did.
    fn end_of_support(&self) -> Option<Stop> {
        let Standing::Superseded { end_of_support_epoch: Some(epoch), .. } = self.standing else { return None };
        Some(Stop { epoch, verdict: Verdict::EndOfSupport { epoch } })
    }
}
