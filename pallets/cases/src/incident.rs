//! What went wrong, from the moment at which it is noticed until what was learned of it is written down (REQ-122).

use flags::Gates;
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, AlertSeverity, CaseId, ChangeId, Digest, List, Name, Path, Text};
use roles::Actor;
use serde::{Deserialize, Serialize};

/// The most that one incident names as what contains it.
pub const MOST_CONTAINMENTS: u32 = 16;

/// What was said about an incident.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IncidentBody {
    /// Why it was opened.
    pub cause: IncidentCause,
    /// What was noticed; nothing when the chain opened it, which says why in the cause.
    pub observation: Text<1024>,
    /// What it did to whom; nothing when the chain opened it.
    pub impact: Text<1024>,
    /// The stage in which it is; none where it is in all of them.
    pub stage: Option<Name>,
    /// The gates of this network when it was opened (REQ-127).
    pub gates: Gates,
    /// What it is about, by whoever classified it.
    pub module: Option<Name>,
    /// Who classified it last.
    pub classified_by: Option<Actor>,
    /// What contains it.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Containment>", length(max = 16)))]
    pub containments: List<Containment, MOST_CONTAINMENTS>,
    /// What is known once it is over.
    pub recovery: Option<Box<Recovery>>,
}

/// Why an incident was opened.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum IncidentCause {
    /// A member of a role noticed something.
    #[codec(index = 0)]
    ByHand {
        /// The report that it takes up.
        report: Option<CaseId>,
        /// The duty for which it stands.
        duty: Option<DutyOfChange>,
    },
    /// A duty was not met in time.
    #[codec(index = 1)]
    Missed(DutyOfChange),
    /// A stage is rolled back, or is to be.
    #[codec(index = 2)]
    Rollback(ChangeId),
    /// A signal of the plan failed.
    #[codec(index = 3)]
    Signal(SignalledBy),
}

/// A duty of a change.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DutyOfChange {
    /// The change.
    pub change: ChangeId,
    /// The check that it owes.
    pub check: Name,
}

/// Who said that a signal failed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignalledBy {
    /// The signal.
    pub key: Name,
    /// Who.
    pub account: AccountId,
}

/// What contains an incident (REQ-125).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Containment {
    /// A change that disabled or set a flag.
    #[codec(index = 0)]
    FeatureFlag(ChangeId),
    /// A rollback.
    #[codec(index = 1)]
    Rollback(ChangeId),
    /// A pause or freeze; without a change, that nothing is promoted there while the incident is open.
    #[codec(index = 2)]
    PolicyLock(Option<ChangeId>),
}

impl Containment {
    /// The change that it names.
    pub fn change(&self) -> Option<ChangeId> {
        match self {
            Self::FeatureFlag(change) | Self::Rollback(change) => Some(*change),
            Self::PolicyLock(change) => *change,
        }
    }
}

/// What is known of an incident that is over.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// How things came back to what they were.
    pub statement: Text<1024>,
    /// Why it happened.
    pub root_cause: Text<1024>,
    /// BLAKE3 of what shows that it is over.
    pub verification: Digest,
    /// What the public can read about it; needed where its stage wants that (REQ-090).
    pub public_report: Option<PublicReport>,
    /// Whether there was nothing wrong. Of whoever opened it by a signal, the next of that signal there is a report.
    pub unfounded: bool,
}

/// What the public can read about an incident.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PublicReport {
    /// Where.
    pub uri: Text<256>,
    /// BLAKE3 of its bytes.
    pub digest: Digest,
}

/// What the chain opens by itself, in the fact that brings it: [`queries::opened`](crate::queries::opened) makes it, and
/// [`apply::open`](crate::apply::open) writes it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OpenedCase {
    /// Its number.
    pub id: CaseId,
    /// Where it is.
    pub path: Path,
    /// How bad it is at least.
    pub floor: AlertSeverity,
    /// Why it is opened.
    pub cause: IncidentCause,
    /// The stage in which it is; none where it is in all of them.
    pub stage: Option<Name>,
    /// The gates of this network before the fact that opens it.
    pub gates: Gates,
    /// Whether it is only a report, because the last of this signal by the same account there was unfounded.
    pub as_report: bool,
}
