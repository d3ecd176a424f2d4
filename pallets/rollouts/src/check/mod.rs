//! One question about what is so, with whoever owns it, and what it means when nobody has answered it yet.

mod ask;
mod vote;

pub use ask::{AboutKind, Ask, FleetProfile, Least, Refs, Register, RowKeys, SoakSince};
pub use vote::VoteRules;

use parity_scale_codec::{Decode, Encode};
use primitives::{List, Name, ReleaseClass, Span, Text};
use serde::{Deserialize, Serialize};

/// A question of a plan (ROLLOUTS 7.2). Lists of these guard whatever moves; what is asked is in [`ask`](Self::ask).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// What it is called: lists name it so, and so do the words that answer it.
    pub key: Name,
    /// What it asks, for people; may be empty.
    pub text: Text<160>,
    /// What is wrong while it is not met, such as `SOAK`: a stable word for programs, which locales translate.
    pub code: Name,
    /// The role that owns it, whose word counts where a word is asked for (REQ-022). A plan has none without one.
    pub by: Option<Name>,
    /// Whether it can be neither waived nor left out for a class (REQ-037).
    pub blocker: bool,
    /// The classes for which it drops out of what is asked before a promotion (REQ-036). It never drops out of steps and duties, and
    /// a vote of a node's plan for no class.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<ReleaseClass>", length(max = 3)))]
    pub skip: List<ReleaseClass, 3>,
    /// How old its answer may be; any age when there is none.
    pub fresh: Option<Span>,
    /// What it means that the answer is missing.
    pub missing: IfMissing,
    /// The question.
    pub ask: Ask,
}

/// What a missing answer means for the list it is missing from.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
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
#[strum(serialize_all = "kebab-case")]
pub enum IfMissing {
    /// Not yet: the list is DEFERRED. In a profile `deferred`.
    #[default]
    #[codec(index = 0)]
    Deferred,
    /// No: the list is NO-GO (REQ-132). In a profile `no-go`.
    #[codec(index = 1)]
    NoGo,
}
