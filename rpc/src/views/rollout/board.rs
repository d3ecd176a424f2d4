//! The board of a plan: what stands, what each flag serves at each stage and now, what is waited for, and what is late.

use super::change::{ChangeSummary, StageStep};
use super::clock::DueEstimate;
use super::plan::PlanSummary;
use crate::views::{Descriptions, FlagServed};
use flags::{Expiry, FlagKind, Gate};
use primitives::{AccountId, ChangeId, Height, Moment, Name, Path, Span};
use rollouts::plan::{Plan, WindowRule};
use rollouts::standing::{StageFreeze, StageStanding};
use rollouts::verdict::{Answer, FindingState};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many changes of each kind a board shows.
pub const MOST_ON_BOARD: usize = 100;

/// A plan at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RolloutBoard {
    /// The newest block, after which this is so.
    pub height: Height,
    /// Its moment, by which everything is judged.
    pub at: Moment,
    /// The plan in short.
    pub plan: PlanSummary,
    /// The stages, in their order.
    #[schemars(length(max = 8))]
    pub stages: Vec<BoardStage>,
    /// The flags, in the order of the plan.
    #[schemars(length(max = 64))]
    pub flags: Vec<BoardFlag>,
    /// What it takes to enter the next stage; null after the last.
    pub next: Option<BoardNext>,
    /// The freeze that holds.
    pub freeze: Option<BoardFreeze>,
    /// The pauses that hold.
    #[schemars(length(max = MOST_ON_BOARD))]
    pub pauses: Vec<BoardPause>,
    /// Disables, rollbacks and pauses that are active, the first first: emergencies with their countdown in `next_duty`.
    #[schemars(length(max = MOST_ON_BOARD))]
    pub emergencies: Vec<ChangeSummary>,
    /// Changes with a duty whose time is over, which stop promotions.
    #[schemars(length(max = MOST_ON_BOARD))]
    pub overdue: Vec<ChangeSummary>,
    /// Changes that are open, approved or active, the first first, those above among them.
    #[schemars(length(max = MOST_ON_BOARD))]
    pub live: Vec<ChangeSummary>,
    /// The playbooks that have to be tried, because no drill of them counts: what asks for one waits for that.
    #[schemars(length(max = 32))]
    pub stale_drills: Vec<Name>,
    /// Who decides blocks alone, of the node's plan; null where a quorum does.
    pub sealer: Option<AccountId>,
    /// What those who are named here say of themselves.
    #[serde(default)]
    pub described: Descriptions,
}

/// A stage of a board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BoardStage {
    /// What it is called.
    pub name: Name,
    /// The channel that builds for it are released in.
    pub channel: Name,
    /// Whether it is in production.
    pub production: bool,
    /// Whether others stand still while it is entered.
    pub freezes: bool,
    /// Since when it stands, and by which promotion; null while it does not.
    pub standing: Option<StageStanding>,
    /// Whether it is the last that stands.
    pub is_current: bool,
    /// The name of its window.
    pub window: Name,
    /// When that is.
    pub window_rule: Option<WindowRule>,
    /// When it begins next, of one that comes every week.
    pub next_window: Option<DueEstimate>,
    /// Its steps, in their order.
    #[schemars(length(max = 32))]
    pub steps: Vec<StageStep>,
}

/// A flag of a board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BoardFlag {
    /// Its key.
    pub key: Name,
    /// What it is for.
    pub kind: FlagKind,
    /// The role that answers for it.
    pub owner: Name,
    /// Until when it is meant to be there.
    pub expires: Expiry,
    /// Whether that day has come.
    pub is_expired: bool,
    /// What each stage says that it serves, in the order of the stages.
    #[schemars(length(max = 8))]
    pub cells: Vec<BoardCell>,
    /// What it serves now: of the node's plan everywhere, of an application's at the root.
    pub now: FlagServed,
    /// When what it does follows a change that moves it, of a gate of the network, as the rest of a sentence; null of any other.
    #[serde(default)]
    pub takes_effect: Option<String>,
}

impl BoardFlag {
    /// When what a flag of a plan does follows a change that moves it; none of one that is no gate of the network.
    pub fn takes_effect(plan: &Plan, flag: &Name) -> Option<String> {
        Gate::named(flag).filter(|_| plan.is_of_node()).map(|gate| gate.takes_effect().to_owned())
    }
}

/// What a flag serves at a stage, by the plan. What the stage's steps move is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BoardCell {
    /// The stage.
    pub stage: Name,
    /// The variant.
    pub variant: Name,
    /// Whether the flag is on with it.
    pub is_on: bool,
    /// The segment that alone gets it; all others have what the stage before serves.
    pub only: Option<Name>,
}

/// What it takes to enter the next stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BoardNext {
    /// The stage.
    pub stage: Name,
    /// The promotion to it that is waiting; the first, when there are several.
    pub change: Option<ChangeId>,
    /// What its list comes to.
    pub answer: Answer,
    /// How many checks are met, waived or left out.
    pub settled: u32,
    /// How many checks there are.
    pub checks: u32,
    /// The first checks that are not, in their order; `rollout.explain` has all.
    #[schemars(length(max = MOST_ON_BOARD))]
    pub unmet: Vec<Name>,
    /// The soaks among them, met or not.
    #[schemars(length(max = 128))]
    pub soaks: Vec<BoardSoak>,
}

/// How far a soak is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BoardSoak {
    /// The check.
    pub check: Name,
    /// The stage in which its clock runs.
    pub stage: Name,
    /// How it stands.
    pub state: FindingState,
    /// What has passed, in the unit of what is needed; nothing while the clock does not run.
    pub have: Span,
    /// What is needed.
    pub need: Span,
    /// The same for people, with what restarted the clock or keeps it from running.
    pub said: String,
    /// When it will be enough, if nothing restarts the clock; null when it is, or does not run.
    pub due: Option<DueEstimate>,
}

/// A freeze that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BoardFreeze {
    /// The change that brought it.
    pub change: ChangeId,
    /// The freeze.
    #[serde(flatten)]
    pub freeze: StageFreeze,
    /// When it ends at the latest.
    pub due: Option<DueEstimate>,
}

/// A pause that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BoardPause {
    /// The change that brought it.
    pub change: ChangeId,
    /// What it stops: this path, and what is below.
    pub path: Path,
    /// Since when.
    pub since: Moment,
    /// The role that asked for it.
    pub role: Name,
    /// When it ends by itself; null where that hangs on a vote, or on who closes it.
    pub due: Option<DueEstimate>,
}
