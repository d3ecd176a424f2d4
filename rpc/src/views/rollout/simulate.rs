//! What a call about a change would do, before anybody signs it.

use super::explain::ExplainedList;
use crate::views::FlagServed;
use primitives::{AccountId, ChainPosition, ChangeId, Height, Name, Path};
use roles::Actor;
use rollouts::change::{Effected, Execution, MOST_EFFECTS};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What would come of a call that asks for a change, carries one out or takes a step, in the next block. What the clock brings there
/// before is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RolloutSimulation {
    /// The newest block, after which this is so.
    pub height: Height,
    /// Where the next block would stand, by which it is judged.
    pub at: ChainPosition,
    /// The plan.
    pub plan: Name,
    /// The change; of one that is asked for, null.
    pub change: Option<ChangeId>,
    /// For whom it was tried: the account that was named, or the first member of the acting role that may; null where nobody has it.
    pub tried: Option<Actor>,
    /// Why it would be refused, the first as whoever sends it is told; empty when it would be granted.
    #[schemars(length(max = 16))]
    pub refusals: Vec<SimulatedRefusal>,
    /// What is asked before the change is carried out; null of a step, and of a change that is not submitted yet.
    pub list: Option<ExplainedList>,
    /// All that would be written: of a call that would be granted, and carries something out at once.
    pub execution: Option<Box<Execution>>,
    /// What would move: of a change that waits, once it is carried out.
    #[schemars(length(max = MOST_EFFECTS))]
    pub effects: Vec<Effected>,
    /// What would undo that.
    #[schemars(length(max = MOST_EFFECTS))]
    pub inverse: Vec<Effected>,
    /// What every flag of the plan serves before and after, moved or not; at other paths than the root what moves there.
    #[schemars(length(max = 128))]
    pub map: Vec<SimulatedFlag>,
    /// The paths at which something would move.
    #[schemars(length(max = MOST_EFFECTS))]
    pub paths: Vec<Path>,
    /// The candidates for whom a gate would be another than it is, the strongest first; none of an application's plan.
    #[schemars(length(max = staking::MAX_VALIDATORS))]
    pub nodes: Vec<AccountId>,
}

/// A flag before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SimulatedFlag {
    /// The flag.
    pub flag: Name,
    /// Where.
    pub path: Path,
    /// Whether it would serve something else, or to others.
    pub moves: bool,
    /// What it serves.
    pub before: FlagServed,
    /// What it would serve.
    pub after: FlagServed,
}

/// A refusal that a call would meet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SimulatedRefusal {
    /// Its stable code, such as `E_WINDOW`.
    pub code: String,
    /// It as a sentence.
    pub refusal: String,
    /// It as a type.
    pub error: rollouts::Error,
}
