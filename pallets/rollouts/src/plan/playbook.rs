//! What is done when something has gone wrong, by domain.

use super::Reference;
use parity_scale_codec::{Decode, Encode};
use primitives::{List, Name, Span};
use serde::{Deserialize, Serialize};

/// How one domain is brought back (REQ-094).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Playbook {
    /// The domain; stages and checks name it so.
    pub domain: Name,
    /// What people do.
    pub doc: Reference,
    /// The role that keeps it.
    pub owner: Name,
    /// How often it is tried, and how fast that has to go; never when there is none.
    pub drill: Option<DrillRules>,
    /// The flags that a rollback switches off (REQ-088).
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 8)))]
    pub disables: List<Name, 8>,
    /// The earlier stage whose values a rollback brings back (REQ-091).
    pub profile: Option<Name>,
}

/// How a playbook is tried (REQ-095, REQ-096).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DrillRules {
    /// How old the last trial may be.
    pub every: Span,
    /// How long one may take.
    pub window: Span,
}
