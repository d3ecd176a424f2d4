//! What is answered when somebody looks back on a quarter (REQ-160).

use super::{DrillLine, FlagFlip};
use cases::CaseStep;
use primitives::{AlertSeverity, CaseId, ChainPosition, ChangeId, Moment, Name, Path, ReleaseClass, Timestamp};
use rollouts::plan::ChangeKind;
use rpc::views::Descriptions;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many quarters are listed.
pub const MOST_QUARTERS: usize = 400;
/// How many entries of a kind one retrospective has: spans, moves, turns, incidents or drills.
pub const MOST_ENTRIES: usize = 4_096;

/// The quarters that a plan was there in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RetrospectivesAnswer {
    /// The newest block, after which this is so.
    pub at: Moment,
    /// The plan.
    pub plan: Name,
    /// The quarters, the latest first.
    #[schemars(length(max = MOST_QUARTERS))]
    pub quarters: Vec<QuarterLine>,
}

/// A quarter of a year, in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct QuarterLine {
    /// What it is called, such as `2026-q1`.
    #[schemars(regex(pattern = "^[0-9]{4}-q[1-4]$"))]
    pub quarter: String,
    /// Its first millisecond.
    pub from: Timestamp,
    /// The first millisecond after it.
    pub until: Timestamp,
    /// Whether a block after it is there: what is said of it stays so.
    pub is_over: bool,
}

/// What a plan went through in a quarter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RetrospectiveAnswer {
    /// The newest block, after which this is so.
    pub at: Moment,
    /// The plan.
    pub plan: Name,
    /// The quarter.
    #[serde(flatten)]
    pub quarter: QuarterLine,
    /// Every flag that was there in it, also those that nobody moved, in the order of their keys.
    #[schemars(length(max = MOST_ENTRIES))]
    pub flags: Vec<FlagQuarter>,
    /// Promotions, demotions and rollbacks that were carried out, and what was undone, in their order.
    #[schemars(length(max = MOST_ENTRIES))]
    pub stages: Vec<QuarterTurn>,
    /// Freezes and pauses that began, and those that ended.
    #[schemars(length(max = MOST_ENTRIES))]
    pub freezes: Vec<QuarterTurn>,
    /// What was owed and not there in time.
    #[schemars(length(max = MOST_ENTRIES))]
    pub lapses: Vec<QuarterTurn>,
    /// The incidents that were open in it, in their order.
    #[schemars(length(max = MOST_ENTRIES))]
    pub incidents: Vec<QuarterIncident>,
    /// The drills that began in it, in their order.
    #[schemars(length(max = MOST_ENTRIES))]
    pub drills: Vec<QuarterDrill>,
    /// What those who are named here say of themselves.
    pub described: Descriptions,
}

/// A flag in a quarter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FlagQuarter {
    /// The flag.
    pub key: Name,
    /// How long it served what where, by paths, and there in the order in which that began first.
    #[schemars(length(max = MOST_ENTRIES))]
    pub spent: Vec<SpentTime>,
    /// How it was moved, in the order of the moves.
    #[schemars(length(max = MOST_ENTRIES))]
    pub flips: Vec<FlagFlip>,
}

/// For how long a flag served something at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SpentTime {
    /// The path; the empty one is the root.
    pub path: Path,
    /// The stage: at the root the last one that stood, below it the one that the path names; null before any stood.
    pub stage: Option<Name>,
    /// The variants that somebody could be served.
    #[schemars(length(max = 16))]
    pub variants: Vec<Name>,
    /// The milliseconds of the quarter, by the times of blocks.
    pub ms: u64,
}

/// A turn in the life of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct QuarterTurn {
    /// The change.
    pub change: ChangeId,
    /// What kind of change it is.
    pub kind: ChangeKind,
    /// How much the release behind it changes.
    pub class: ReleaseClass,
    /// The stage that it is about; null where it is about none.
    pub stage: Option<Name>,
    /// The ticket that it is tracked under.
    pub ticket: Option<Name>,
    /// What happened to it.
    pub what: TurnMark,
    /// When.
    pub at: ChainPosition,
    /// The same as a sentence; strangers wrote parts of it.
    pub sentence: String,
}

/// What is looked back on, of all that happens to changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TurnMark {
    /// It was carried out.
    CarriedOut,
    /// Something that it owed was not there in time.
    Missed,
    /// It was undone, or gone back from.
    Undone,
    /// What it stopped went on.
    Thawed,
}

/// An incident in a quarter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct QuarterIncident {
    /// Its number.
    pub id: CaseId,
    /// Where it was.
    pub path: Path,
    /// How bad it was.
    pub severity: Option<AlertSeverity>,
    /// How far it has come by now.
    pub step: CaseStep,
    /// When it was opened.
    pub opened: Moment,
    /// When it was resolved; null while it is not.
    pub resolved: Option<Moment>,
    /// How many milliseconds that took, by the times of blocks.
    pub resolved_in_ms: Option<u64>,
}

/// A drill in a quarter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct QuarterDrill {
    /// The domain of the playbook that was tried.
    pub domain: Name,
    /// How.
    pub drill: DrillLine,
}
