//! What holds for every change of a plan.

use crate::check::VoteRules;
use parity_scale_codec::{Decode, Encode};
use primitives::{Amount, List, Name, RecordClass, Span};
use serde::{Deserialize, Serialize};

/// The numbers and rules of a plan as a whole. None of them has a default: a profile says each.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Whether nothing is ever demoted (REQ-005, REQ-006). A rollback is no demotion.
    pub one_way: bool,
    /// Whether no flag that is on goes off from one stage to the next, and all are on in the last (REQ-007).
    pub monotonic: bool,
    /// Whether whoever submitted a change may agree to it.
    pub self_approval: bool,
    /// The vote that amends the plan, of the role that owns it. A node's plan has none: the stake amends it.
    pub amend: Option<VoteRules>,
    /// What a freeze does not stop beside what none stops: see [`NEVER_FROZEN`](super::NEVER_FROZEN).
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 8)))]
    pub never_frozen: List<Name, 8>,
    /// How long a freeze lasts at most.
    pub freeze_at_most: Span,
    /// How long something may be kept from retention by one hold.
    pub hold_at_most: Span,
    /// How many emergencies of one account may wait to be decided; at least one.
    pub open_emergencies: u8,
    /// How long records of each class are kept, 30 to 3,650 days (REQ-156).
    #[cfg_attr(feature = "schema", schemars(with = "Vec<(RecordClass, Span)>", length(max = 8)))]
    pub retain: List<(RecordClass, Span), 8>,
    /// What a change costs as long as it is open.
    pub deposit: Amount,
    /// Whether the plan is for tests, where spans may be shorter than a minute, and records kept for less than 30 days.
    pub test: bool,
}
