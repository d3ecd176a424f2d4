//! How a kind of change is approved, and what it owes afterwards.

use super::Duty;
use parity_scale_codec::{Decode, Encode};
use primitives::{List, Name, Pattern, Span};
use serde::{Deserialize, Serialize};

/// The kinds of change, without what each of them moves.
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
#[strum(serialize_all = "snake_case")]
pub enum ChangeKind {
    /// Enters the next stage (REQ-005).
    #[codec(index = 0)]
    Promote,
    /// Goes back to an earlier stage by the plan's vote (REQ-006); no rollback.
    #[codec(index = 1)]
    Demote,
    /// Moves values.
    #[codec(index = 2)]
    Set,
    /// Switches flags off in an emergency (REQ-081).
    #[codec(index = 3)]
    Disable,
    /// Goes back to what was good, because something went wrong (REQ-084).
    #[codec(index = 4)]
    Rollback,
    /// Stops changes for a while (REQ-071).
    #[codec(index = 5)]
    Freeze,
    /// Moves a phase on (REQ-073).
    #[codec(index = 6)]
    Phase,
}

/// How changes of a kind go.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// The kind.
    pub of: ChangeKind,
    /// The stage that it is for; for every stage without one of its own when there is none.
    pub stage: Option<Name>,
    /// The checks before a change is approved, beside those of the stage. A vote among them is opened by the chain.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 64)))]
    pub approve: List<Name, 64>,
    /// Whether a change is carried out in the block that takes it.
    pub at_once: bool,
    /// Whether it is carried out in the stage's window alone (REQ-033).
    pub window: bool,
    /// The form of the ticket that a change has, beside the one that the stage asks for.
    pub ticket: Option<Pattern>,
    /// What may be named as the cause of a disable; the signals that may be the trigger of a rollback.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 8)))]
    pub causes: List<Name, 8>,
    /// Where a rollback's trigger may have been seen.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 4)))]
    pub sources: List<Name, 4>,
    /// How long a change waits to be carried out, open and then approved. Of no length where changes are carried out at once;
    /// one that waits all the same, as a rollback does that a signal opened, waits for as long as it takes.
    pub execute_within: Span,
    /// What is owed afterwards.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Duty>", length(max = 32)))]
    pub close: List<Duty, 32>,
}
