//! How long an approved build may run, and what ends that.

use crate::{ApprovedRelease, Reason};
use parity_scale_codec::{Decode, Encode};
use primitives::{BuildHash, Digest, Epoch};
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

/// The least sequence number that may run, epoch by epoch: a later raise never moves the epoch of an earlier one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MinimumSequence {
    /// What was raised to, each step to a larger number and from a later epoch on than the one before. What has come is one
    /// step, so there is at most one more of them than the notice has epochs.
    steps: Vec<MinimumStep>,
}

/// A raise of the minimum sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MinimumStep {
    /// The least number that may run.
    pub sequence: u64,
    /// The first epoch it counts in.
    pub effective_epoch: Epoch,
}

impl MinimumSequence {
    /// The number that counts in an epoch: the largest that has come. Zero before the first.
    pub fn at(&self, now: Epoch) -> u64 {
        self.counting(now).map_or(0, |step| step.sequence)
    }

    /// What has come in an epoch as one step: to the largest number, from the epoch of the first on. None before the first.
    pub fn counting(&self, now: Epoch) -> Option<MinimumStep> {
        self.steps.iter().copied().filter(|step| step.effective_epoch <= now).reduce(MinimumStep::merged)
    }

    /// The raise that was decided last; none before the first.
    pub fn latest(&self) -> Option<MinimumStep> {
        self.steps.last().copied()
    }

    /// The number once everything that is decided has come.
    pub fn highest(&self) -> u64 {
        self.latest().map_or(0, |step| step.sequence)
    }

    /// The raises that are decided and have not come in an epoch, the earliest first.
    pub fn ahead(&self, now: Epoch) -> impl Iterator<Item = MinimumStep> + '_ {
        self.steps.iter().copied().filter(move |step| now < step.effective_epoch)
    }

    /// The same with what has come in an epoch as one step, so that it names the number that counts.
    pub fn as_of(&self, now: Epoch) -> Self {
        Self { steps: self.counting(now).into_iter().chain(self.ahead(now)).collect() }
    }

    /// With a raise that is decided in epoch `now`; the number of no epoch falls.
    pub fn raised(&self, now: Epoch, to: MinimumStep) -> Self {
        let mut raised = self.as_of(now);
        match raised.steps.last_mut() {
            Some(last) if last.effective_epoch >= to.effective_epoch => *last = last.merged(to),
            _ => raised.steps.push(to),
        }
        raised
    }
}

impl MinimumStep {
    /// The larger number, from the earlier epoch on.
    fn merged(self, other: Self) -> Self {
        Self {
            sequence: self.sequence.max(other.sequence),
            effective_epoch: self.effective_epoch.min(other.effective_epoch),
        }
    }
}

impl From<MinimumStep> for MinimumSequence {
    fn from(only: MinimumStep) -> Self {
        Self { steps: vec![only] }
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

    /// The source that it has to have been compiled from to boot; none where nothing is said. What an amendment says is asked of
    /// whoever installs it, and of nobody who runs it: else words would stop builds, by a routine vote and without notice.
    pub fn boots_from(&self) -> Option<Digest> {
        match &self.amended {
            None => self.manifest.source_hash,
            Some(_) => None,
        }
    }

    /// The end of its support, as far as one is decided: of a superseded build the epoch from which it no longer boots, of the
    /// latest one that from which it is no longer installed.
    pub fn support_ends(&self) -> Option<Epoch> {
        match self.standing {
            Standing::Active => self.installed_until(),
            Standing::Superseded { end_of_support_epoch, .. } => end_of_support_epoch,
            Standing::Revoked { .. } => None,
        }
    }

    /// The epoch from which it is no longer installed, as far as one is named: by its manifest, or by governance since.
    pub fn installed_until(&self) -> Option<Epoch> {
        self.support_end.or(self.manifest.end_of_support_epoch)
    }

    fn revocation(&self) -> Option<Stop> {
        let Standing::Revoked { reason, effective_epoch } = &self.standing else { return None };
        Some(Stop { epoch: *effective_epoch, verdict: Verdict::Revoked { reason: reason.to_string() } })
    }

    fn below(&self, minimum: &MinimumSequence) -> Option<Stop> {
        let sequence = self.sequence;
        let MinimumStep { sequence: minimum, effective_epoch: epoch } =
            minimum.steps.iter().copied().find(|step| sequence < step.sequence)?;
        Some(Stop { epoch, verdict: Verdict::BelowMinimumSequence { sequence, minimum } })
    }

    /// A date in a manifest never stops anything: a network must not halt because nobody released in time, nor because somebody
    /// did.
    fn end_of_support(&self) -> Option<Stop> {
        let Standing::Superseded { end_of_support_epoch: Some(epoch), .. } = self.standing else { return None };
        Some(Stop { epoch, verdict: Verdict::EndOfSupport { epoch } })
    }
}
