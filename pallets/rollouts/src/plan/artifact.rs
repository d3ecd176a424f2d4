//! What an application's artifacts are like, and how many are kept.

use parity_scale_codec::{Decode, Encode};
use primitives::{List, Name, Pattern};
use serde::{Deserialize, Serialize};

/// The rules for the artifacts of an application (ROLLOUTS 7.8).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ArtifactRules {
    /// The form of their names (REQ-117).
    pub format: Pattern,
    /// What is said of each, and in which form (REQ-118).
    #[cfg_attr(feature = "schema", schemars(with = "Vec<(Name, Pattern)>", length(max = 16)))]
    pub meta: List<(Name, Pattern), 16>,
    /// How many are kept of those that stood in a stage (REQ-119), at least one; all of them in a stage that is not listed.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<(Name, u16)>", length(max = 8)))]
    pub keep: List<(Name, u16), 8>,
}
