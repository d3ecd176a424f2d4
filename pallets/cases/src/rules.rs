//! What a plan says about cases.

use parity_scale_codec::{Decode, Encode};
use primitives::{Amount, List, Name, Path, Span};
use serde::{Deserialize, Serialize};

/// What the version of a plan that is in force says about cases; written by its installation.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CaseRules {
    /// How many names a path of the plan has at most: none of a node's plan, otherwise the stage and the levels below it.
    pub depth: u8,
    /// Its stages in their order, and of each whether an incident in it is resolved with a public report alone.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<(Name, bool)>", length(max = 8)))]
    pub stages: List<(Name, bool), 8>,
    /// How long a hold lasts at most.
    pub hold_at_most: Span,
    /// How long what was said about a case is kept after it is over.
    pub retain: Span,
    /// What a report costs until somebody looks at it.
    pub deposit: Amount,
}

impl CaseRules {
    /// Whether something can be at a path: one of a stage of the plan, with no more names than it has levels.
    pub fn has_path(&self, path: &Path) -> bool {
        let stage = path.names().next();
        let is_of_stage = stage.is_none_or(|first| self.stages.iter().any(|(stage, _)| stage.as_str() == first));
        path.depth() <= usize::from(self.depth) && is_of_stage
    }

    /// Whether an incident in a stage is resolved with a public report alone; of one in all stages, whether that is so of any of them.
    pub fn wants_public_report(&self, stage: Option<&Name>) -> bool {
        self.stages.iter().any(|(name, wants)| *wants && stage.is_none_or(|stage| stage == name))
    }
}
