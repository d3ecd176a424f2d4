//! What a plan says of itself, for whoever reads it.

use parity_scale_codec::{Decode, Encode};
use primitives::{List, Text};
use serde::{Deserialize, Serialize};

/// The head of the document that a plan is (REQ-014). Nothing of it decides anything.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlanDocument {
    /// What it is called.
    pub title: Text<128>,
    /// Its version, as its authors count.
    pub version: Text<32>,
    /// Where it stands, such as `Draft for Review`.
    pub status: Text<64>,
    /// Its date, as its authors write it.
    pub date: Text<32>,
    /// Who answers for it.
    pub owner: Text<64>,
    /// The documents that it rests on.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Text<160>>", length(max = 16)))]
    pub references: List<Text<160>, 16>,
    /// Where it belongs on the roadmap.
    pub roadmap: Text<256>,
}
