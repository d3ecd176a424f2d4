//! What somebody notices, and what follows from it by itself.

use parity_scale_codec::{Decode, Encode};
use primitives::{AlertSeverity, List, Name};
use serde::{Deserialize, Serialize};

/// Something that may be noticed (REQ-097).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// What it is called.
    pub key: Name,
    /// How bad it is.
    pub severity: AlertSeverity,
    /// Who may say it.
    pub by: Speakers,
    /// Whether it opens an incident.
    pub opens_incident: bool,
    /// Whether it opens a rollback, which waits for its authority.
    pub opens_rollback: bool,
}

/// Who may say something.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Speakers {
    /// Members of these roles.
    #[codec(index = 0)]
    Roles(#[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 4)))] List<Name, 4>),
    /// Whoever could be elected.
    #[codec(index = 1)]
    Validators,
}
