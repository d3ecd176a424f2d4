//! What is answered about rollouts: what facts say. What a node computes when it is asked, such as what a list comes to now, is the
//! node's to answer.

mod notes;
mod phases;
mod retrospective;

pub use self::notes::{NoteEntry, NoteGroup, NotesAnswer};
pub use self::phases::{DrillLine, DrillWord, PhaseLine, PhasesAnswer, PlaybookLine, PlaybooksAnswer};
pub use self::retrospective::{
    FlagQuarter, MOST_ENTRIES, MOST_QUARTERS, QuarterDrill, QuarterIncident, QuarterLine, QuarterTurn,
    RetrospectiveAnswer, RetrospectivesAnswer, SpentTime, TurnMark,
};

use crate::answers::Milestone;
use flags::{Flag, Gate};
use primitives::{AccountId, Amount, CaseId, ChangeId, Digest, Epoch, Height, Moment, Name, Path, Span};
use releases::Advertisement;
use rollouts::change::{ChangeDraft, Effected, FlagServing, FlagSide, MOST_EFFECTS, OwedDuty};
use rollouts::plan::ListOf;
use rollouts::standing::StageStanding;
use rollouts::statement::Stated;
use rpc::views::{
    BoardFlag, BoardFreeze, BoardPause, BoardStage, ChangeSummary, Descriptions, DueEstimate, FlagServed, FleetMatch,
    PageOf, ProposalDetail, StageStep,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Every plan, with what is live of all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PlansAnswer {
    /// The plans, that of the network first, then in the order of their names; at most a hundred.
    #[schemars(length(max = 100))]
    pub plans: Vec<PlanLine>,
    /// The latest changes that are open, approved or active.
    #[schemars(length(max = 64))]
    pub live: Vec<ChangeSummary>,
    /// What those who are named here say of themselves.
    pub described: Descriptions,
}

/// A plan in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PlanLine {
    /// What it is called.
    pub name: Name,
    /// The version in force; the last one of a plan that is retired.
    pub version: u32,
    /// When that was installed.
    pub installed: Moment,
    /// Who installed the first version; null of what genesis or the stake installed.
    pub owner: Option<AccountId>,
    /// Whether it is retired.
    pub retired: bool,
    /// Whether it governs this network.
    pub is_of_node: bool,
    /// What it calls itself.
    #[schemars(length(max = 128))]
    pub title: String,
    /// The BLAKE3 of the bundle's bytes.
    pub bundle: Digest,
    /// The BLAKE3 of the profile's bytes.
    pub profile: Digest,
    /// Its stages, in their order.
    #[schemars(length(max = 8))]
    pub stages: Vec<Name>,
    /// The last of them that stands.
    pub stage: Option<Name>,
    /// Since when, and by which promotion.
    pub standing: Option<StageStanding>,
    /// The one after that.
    pub next_stage: Option<Name>,
}

/// A plan at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BoardAnswer {
    /// The newest block, after which this is so.
    pub at: Moment,
    /// The plan in short.
    pub plan: PlanLine,
    /// Its stages, in their order.
    #[schemars(length(max = 8))]
    pub stages: Vec<BoardStage>,
    /// The flags that came with it, in its order.
    #[schemars(length(max = 64))]
    pub flags: Vec<BoardFlag>,
    /// The soaks that the next promotion asks for.
    #[schemars(length(max = 128))]
    pub soaks: Vec<SoakLine>,
    /// The freeze that holds.
    pub freeze: Option<BoardFreeze>,
    /// The pauses that hold.
    #[schemars(length(max = 64))]
    pub pauses: Vec<BoardPause>,
    /// Disables, rollbacks and pauses that are active, the latest first.
    #[schemars(length(max = 64))]
    pub emergencies: Vec<ChangeSummary>,
    /// Changes with a duty whose time is over.
    #[schemars(length(max = 64))]
    pub overdue: Vec<ChangeSummary>,
    /// Changes that are open, approved or active, the latest first, those above among them.
    #[schemars(length(max = 64))]
    pub live: Vec<ChangeSummary>,
    /// The playbooks that have to be tried, because no drill of them counts.
    #[schemars(length(max = 32))]
    pub stale_drills: Vec<Name>,
    /// Who decides the blocks of this epoch alone, of the network's plan; null where a quorum does.
    pub sealer: Option<AccountId>,
    /// What those who are named here say of themselves.
    pub described: Descriptions,
}

/// How far a soak is, by its clock: what facts say. What else its check is judged by is not here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SoakLine {
    /// The check.
    pub check: Name,
    /// The stage in which its clock runs.
    pub stage: Name,
    /// What is needed.
    pub need: Span,
    /// What has passed; nothing while the clock does not run.
    pub have: Span,
    /// When the clock started, or was restarted; null while it does not run.
    pub since: Option<Moment>,
    /// The signal that restarted it last.
    pub restarted_by: Option<Name>,
    /// When it will be enough, if nothing restarts the clock; null when it is, or does not run.
    pub due: Option<DueEstimate>,
}

/// A page of changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChangesAnswer {
    /// The changes, the latest first.
    #[serde(flatten)]
    pub page: PageOf<ChangeSummary>,
    /// What those who are named here say of themselves.
    pub described: Descriptions,
}

/// All that facts say of one change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChangeAnswer {
    /// The newest block, after which this is so.
    pub at: Moment,
    /// In short.
    #[serde(flatten)]
    pub summary: ChangeSummary,
    /// What is asked for, as it was submitted.
    pub asked: ChangeDraft,
    /// The content as one hash: what every ballot is on.
    pub digest: Digest,
    /// What happened to it, the earliest first; at most two hundred.
    #[schemars(length(max = 200))]
    pub milestones: Vec<Milestone>,
    /// What is asked before it is carried out, with what was said and which votes were held about that. What it comes to, a node says:
    /// `rollout.explain`.
    #[schemars(length(max = 256))]
    pub checks: Vec<CheckLine>,
    /// What it owes and owed, in its order.
    #[schemars(length(max = 64))]
    pub duties: Vec<DutyLine>,
    /// What it moved.
    #[schemars(length(max = MOST_EFFECTS))]
    pub effects: Vec<Effected>,
    /// The flags that it moves, or asks to move, as they are defined now: what it moves names variants by their places.
    #[schemars(length(max = MOST_EFFECTS))]
    pub flags: Vec<Flag>,
    /// Of a promotion: what every flag of the plan serves at the stage.
    #[schemars(length(max = MOST_EFFECTS))]
    pub map: Vec<FlagServing>,
    /// Of a promotion: the steps of its stage, in their order.
    #[schemars(length(max = 32))]
    pub steps: Vec<StageStep>,
    /// The incident that it opened, or that is linked to it.
    pub incident: Option<CaseId>,
    /// The freeze or pause that it brings holds until then.
    pub stops_until: Option<DueEstimate>,
    /// The polls on it, its approval first; each with who has not voted.
    #[schemars(length(max = 4))]
    pub polls: Vec<ProposalDetail>,
    /// What those who are named here say of themselves.
    pub described: Descriptions,
}

/// A check that is asked of a change, with what was said about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CheckLine {
    /// What it is called.
    pub key: Name,
    /// What it asks, for people.
    #[schemars(length(max = 160))]
    pub text: String,
    /// What is wrong while it is not met.
    pub code: Name,
    /// The role that owns it.
    pub by: Option<Name>,
    /// Whether it can be neither waived nor left out.
    pub blocker: bool,
    /// Which list it is from.
    pub from: ListOf,
    /// The kind of its question, such as `word` or `soak`.
    #[schemars(length(max = 32))]
    pub ask: &'static str,
    /// Whether the chain measures it; what it does not, people say.
    pub measured: bool,
    /// What was said about it, the latest first; at most twenty.
    #[schemars(length(max = 20))]
    pub said: Vec<Stated>,
}

/// Something that a change owes or owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DutyLine {
    /// The duty.
    #[serde(flatten)]
    pub duty: OwedDuty,
    /// When its time is over; null where it has none.
    pub due: Option<DueEstimate>,
    /// Whether members vote on it.
    pub is_vote: bool,
}

/// The flags of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FlagsAnswer {
    /// The newest block, after which this is so.
    pub at: Moment,
    /// The plan.
    pub plan: Name,
    /// Its flags, in the order of their keys.
    #[schemars(length(max = flags::MOST_FLAGS))]
    pub flags: Vec<FlagLine>,
}

/// A flag, with what it serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FlagLine {
    /// The flag.
    pub flag: Flag,
    /// The height of the block that defined it.
    pub since: Height,
    /// Whether it came with the version of the plan that is in force.
    pub is_of_plan: bool,
    /// Whether it is no more.
    pub is_retired: bool,
    /// Whether the day has come until which it was meant to be there.
    pub is_expired: bool,
    /// What it serves at the root.
    pub now: FlagServed,
}

/// A flag with everything that is set of it, and how it came to that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FlagAnswer {
    /// The newest block, after which this is so.
    pub at: Moment,
    /// The plan.
    pub plan: Name,
    /// The flag, with what it serves at the root.
    #[serde(flatten)]
    pub line: FlagLine,
    /// How it stands by path; the first hundred.
    #[schemars(length(max = 100))]
    pub settings: Vec<SettingLine>,
    /// How it was moved, the latest first; at most a hundred.
    #[schemars(length(max = 100))]
    pub moves: Vec<FlagFlip>,
}

/// How a flag stands at exactly a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SettingLine {
    /// The path.
    pub path: Path,
    /// How it stands there.
    pub side: FlagSide,
    /// Since when.
    pub since: Moment,
    /// The change that moved it so; 0 is a first version of the plan.
    pub change: ChangeId,
}

/// A move of a flag at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FlagFlip {
    /// The path.
    pub path: Path,
    /// How it stood there.
    pub before: FlagSide,
    /// How it stood there from then on.
    pub after: FlagSide,
    /// The block.
    pub at: Moment,
    /// The change that moved it; 0 is a first version of the plan.
    pub change: ChangeId,
    /// The ticket that the change is tracked under.
    pub ticket: Option<Name>,
}

/// Those who could be elected, by what they advertised last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FleetAnswer {
    /// The newest block, after which this is so.
    pub at: Moment,
    /// The plan.
    pub plan: Name,
    /// The epoch whose candidates these are.
    pub epoch: Epoch,
    /// The last stage that stands.
    pub stage: Option<Name>,
    /// The stage that comes next.
    pub next_stage: Option<Name>,
    /// How much of the power sees the gates as the chain has them, each for its own account.
    pub current: FleetMatch,
    /// How much of the power knows each gate that the next stage turns on, and holds none of them back. Null after the last.
    pub next: Option<FleetMatch>,
    /// How much of the power has the bundle of the plan.
    pub bundle: FleetMatch,
    /// Each of them, the strongest first.
    #[schemars(length(max = staking::MAX_VALIDATORS))]
    pub nodes: Vec<FleetLine>,
    /// What they say of themselves.
    pub described: Descriptions,
}

/// A node of the fleet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FleetLine {
    /// Its account.
    pub account: AccountId,
    /// Its power.
    pub power: Amount,
    /// When it last advertised; null while it never did.
    pub said_at: Option<Height>,
    /// What it said then.
    pub advertised: Option<Advertisement>,
    /// Whether it sees the gates as the chain has them for it.
    pub is_current: bool,
    /// Whether it is ready for the next stage; null after the last.
    pub is_ready: Option<bool>,
    /// Whether it has the bundle.
    pub has_bundle: bool,
    /// The gates that it holds back.
    #[schemars(length(max = 64))]
    pub held: Vec<Gate>,
    /// The gates that its build does not know.
    #[schemars(length(max = 64))]
    pub unknown: Vec<Gate>,
}
