//! What could go wrong: the entries of the risk register (REQ-134).

use parity_scale_codec::{Decode, Encode};
use primitives::{Name, Reason, Text, Timestamp};
use roles::Actor;
use serde::{Deserialize, Serialize};

/// The longest time in milliseconds from an acceptance to its review: a year. What nobody looks at again is not accepted, it is
/// forgotten.
pub const MOST_REVIEW_MS: u64 = 366 * 86_400_000;

/// What was said about a risk.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RiskBody {
    /// What could happen.
    pub text: Text<1024>,
    /// The role that answers for it.
    pub owner: Name,
    /// What was done against it.
    pub mitigation: Text<1024>,
    /// That it is lived with.
    pub acceptance: Option<Acceptance>,
    /// Why it is none any more.
    pub closed: Option<Reason>,
}

/// That a risk is lived with.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Acceptance {
    /// Who accepted it.
    pub by: Actor,
    /// The block time from which on it counts no longer.
    pub review: Timestamp,
    /// Why.
    pub reason: Reason,
}
