//! The phases of a product: what may still change in each, and what ends it.

use parity_scale_codec::{Decode, Encode};
use primitives::{List, Name};
use serde::{Deserialize, Serialize};

/// A phase (REQ-073 to REQ-076).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// What it is called.
    pub key: Name,
    /// The phases that have come so far, or further, before it is opened.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<(Name, PhaseState)>", length(max = 4)))]
    pub requires: List<(Name, PhaseState), 4>,
    /// The checks before it is opened.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 32)))]
    pub start: List<Name, 32>,
    /// The checks before it is locked.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 64)))]
    pub exit: List<Name, 64>,
    /// What may change while it is frozen.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Nature>", length(max = 4)))]
    pub allows: List<Nature, 4>,
}

/// How far a phase has come; one way, in this order. A profile has these in capitals.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum PhaseState {
    /// To come: nothing belongs to it yet.
    #[codec(index = 0)]
    Planned,
    /// Under way.
    #[codec(index = 1)]
    Open,
    /// Only what it allows.
    #[codec(index = 2)]
    Frozen,
    /// Done with: nothing changes any more.
    #[codec(index = 3)]
    Locked,
}

impl PhaseState {
    /// The state after that one; none after the last.
    pub fn next(self) -> Option<Self> {
        match self {
            Self::Planned => Some(Self::Open),
            Self::Open => Some(Self::Frozen),
            Self::Frozen => Some(Self::Locked),
            Self::Locked => None,
        }
    }
}

/// What a change does to a product.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Encode,
    Decode,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Nature {
    /// Makes what is there harder to break.
    #[codec(index = 0)]
    Hardening,
    /// Mends what is there.
    #[codec(index = 1)]
    Fix,
    /// Brings something new.
    #[codec(index = 2)]
    Feature,
}
