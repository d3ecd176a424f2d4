//! What carrying a change out comes to.

use super::LeftStanding;
use super::{Effected, MOST_EFFECTS, OwedDuty};
use crate::deadline::ChangeDeadline;
use crate::standing::StageFreeze;
use crate::verdict::Answer;
use cases::OpenedCase;
use parity_scale_codec::{Decode, Encode};
use primitives::{CaseId, ChangeId, Digest, List, Name};
use serde::{Deserialize, Serialize};

/// All that came of carrying a change out, decided before anything was written. Which stage or path it is about says the change.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Execution {
    /// What its list came to.
    pub verdict: Answer,
    /// Of a promotion or demotion: what every flag of the plan serves at the stage, moved or not (REQ-034).
    #[cfg_attr(feature = "schema", schemars(with = "Vec<FlagServing>", length(max = MOST_EFFECTS)))]
    pub map: List<FlagServing, MOST_EFFECTS>,
    /// What moved, each with what was before.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Effected>", length(max = MOST_EFFECTS)))]
    pub effects: List<Effected, MOST_EFFECTS>,
    /// What is owed from now on. With nothing owed a change that stops nothing is closed at once.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<OwedDuty>", length(max = 64)))]
    pub duties: List<OwedDuty, 64>,
    /// The changes that are reverted by it: of a demotion or rollback those of the stages that stand no longer. What
    /// is held for them is free again.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<ChangeId>", length(max = 8)))]
    pub reverts: List<ChangeId, 8>,
    /// What stands in the stage from now on: an artifact, or of the node's plan a build; of a rollback what is gone back to.
    pub subject: Option<Digest>,
    /// What stood before a rollback and does not any more, in the order of the stages: given back when its council says no.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<LeftStanding>", length(max = 8)))]
    pub left: List<LeftStanding, 8>,
    /// The promotion by which a stage stands again: of a rollback that goes back to an artifact.
    pub stands_by: Option<ChangeId>,
    /// The incident that a rollback is linked to; one that it opens is in [`opened`](Self::opened) too.
    pub incident: Option<CaseId>,
    /// The incident that a rollback opens.
    pub opened: Option<Box<OpenedCase>>,
    /// The freeze that begins with it, or goes on: of a promotion into a stage that freezes.
    pub freeze: Option<StageFreeze>,
    /// When a pause ends by itself, where nobody votes on it.
    pub pause_ends: Option<ChangeDeadline>,
    /// How many emergencies of the account it counts as, until they are decided (ROLLOUTS 7.7).
    pub emergencies: u8,
    /// Whether nothing is left to do, so that it is closed and nothing is held for it.
    pub closed: bool,
    /// Whether a flag serves somebody, from now on, a variant that bypasses what is enforced otherwise (REQ-112).
    pub bypasses: bool,
}

/// What a flag serves at a stage, by names.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FlagServing {
    /// The flag.
    pub flag: Name,
    /// The variant.
    pub variant: Name,
    /// The segment that alone gets it, where there is one; all others have what the stage before serves.
    pub only: Option<Name>,
}
