//! Changes: in short for lists and boards, and all that there is to know of one.

use super::clock::DueEstimate;
use super::explain::{ExplainedFinding, ExplainedList};
use crate::views::{Deadline, Descriptions, ProposalDetail};
use primitives::{
    AccountId, ChangeId, Digest, Height, Moment, Name, Path, ProposalId, Reason, ReleaseClass, Timestamp,
};
use roles::Actor;
use rollouts::change::{ChangeDraft, ChangeState, Effected, MOST_EFFECTS, OwedDuty};
use rollouts::plan::ChangeKind;
use rollouts::queries::{ChangeLabel, NextAct};
use rollouts::verdict::Answer;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many polls on a change are shown with it.
pub const MOST_POLLS_SHOWN: usize = 4;
/// How many paths of a change are shown in short.
pub const MOST_PATHS_SHOWN: usize = 64;

/// A change in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangeSummary {
    /// Its number.
    pub id: ChangeId,
    /// The plan that governs what it alters.
    pub plan: Name,
    /// The version of the plan that it is under.
    pub version: u32,
    /// What kind of change it is.
    pub kind: ChangeKind,
    /// How much the release behind it changes.
    pub class: ReleaseClass,
    /// The stage that it is about; null where it is about none.
    pub stage: Option<Name>,
    /// Where it moves something; the empty path is everywhere.
    #[schemars(length(max = MOST_PATHS_SHOWN))]
    pub paths: Vec<Path>,
    /// The flags that it names; of a promotion none, which moves what the stage says.
    #[schemars(length(max = MOST_EFFECTS))]
    pub flags: Vec<Name>,
    /// Who submitted it, and as what; null of what the chain opened by itself.
    pub by: Option<Actor>,
    /// When it was submitted.
    pub created: Moment,
    /// Why.
    pub reason: Reason,
    /// The ticket that it is tracked under.
    pub ticket: Option<Name>,
    /// The milestone that it is for.
    pub milestone: Option<Name>,
    /// Where it stands.
    pub state: ChangeState,
    /// The same in the word that people use.
    pub label: ChangeLabel,
    /// Since when it stands there.
    pub since: Moment,
    /// What its list came to when it was last carried on.
    pub verdict: Answer,
    /// The poll on its approval, once it is open.
    pub poll: Option<ProposalId>,
    /// When it expires; null of one that does not, or waits no longer.
    pub expires: Option<DueEstimate>,
    /// The first epoch in which it may be carried out, so that the stake has time to stop it.
    pub not_before: Option<Deadline>,
    /// The window that was announced last.
    pub window: Option<AnnouncedWindow>,
    /// When it was carried out.
    pub executed: Option<Moment>,
    /// The check that it owes next, with the time left; null where nothing is owed by a time.
    pub next_duty: Option<NextDuty>,
    /// The checks that it owes and whose time is over.
    #[schemars(length(max = 64))]
    pub overdue: Vec<Name>,
}

/// Where a change stands, without why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeStateName {
    /// It waits for its approval, or where nobody votes on it, to be carried out.
    Open,
    /// It waits to be carried out.
    Approved,
    /// It was carried out, and owes something, or stops something.
    Active,
    /// It was carried out, and owes nothing.
    Closed,
    /// It was carried out, and undone or gone back from.
    Reverted,
    /// It was not carried out, and never will be.
    Ended,
}

impl From<ChangeState> for ChangeStateName {
    fn from(state: ChangeState) -> Self {
        match state {
            ChangeState::Open => Self::Open,
            ChangeState::Approved => Self::Approved,
            ChangeState::Active => Self::Active,
            ChangeState::Closed => Self::Closed,
            ChangeState::Reverted { .. } => Self::Reverted,
            ChangeState::Ended { .. } => Self::Ended,
        }
    }
}

impl std::fmt::Display for ChangeStateName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.serialize(f)
    }
}

impl std::str::FromStr for ChangeStateName {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        serde_json::from_value(text.to_lowercase().into()).map_err(|error| error.to_string())
    }
}

/// A window, by block time: from the first millisecond on, and before the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AnnouncedWindow {
    /// From which on.
    pub from: Timestamp,
    /// Before which.
    pub until: Timestamp,
    /// Whether the newest block lies in it.
    pub is_open: bool,
}

/// Something that is owed by a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NextDuty {
    /// The check.
    pub check: Name,
    /// Until when.
    pub due: DueEstimate,
}

/// All of a change, as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangeDetail {
    /// The newest block, after which this is so.
    pub height: Height,
    /// In short.
    #[serde(flatten)]
    pub summary: ChangeSummary,
    /// What is asked for, as it was submitted.
    pub asked: ChangeDraft,
    /// The content as one hash: what every ballot is on.
    pub digest: Digest,
    /// What happened to it, as far as the state remembers, the first first. An explorer knows the rest.
    #[schemars(length(max = 128))]
    pub timeline: Vec<ChangeMoment>,
    /// What is asked before it is carried out, judged now, its vote included.
    pub list: ExplainedList,
    /// What it owes and owed, in its order.
    #[schemars(length(max = 64))]
    pub duties: Vec<ChangeDuty>,
    /// What it moved; of one that is not carried out, what it would move now.
    #[schemars(length(max = MOST_EFFECTS))]
    pub effects: Vec<Effected>,
    /// Whether that is what it would move, and not what it moved.
    pub is_foreseen: bool,
    /// What would undo that: as it stands now, or once it is carried out.
    #[schemars(length(max = MOST_EFFECTS))]
    pub inverse: Vec<Effected>,
    /// Of a promotion: the steps of its stage, in their order.
    #[schemars(length(max = 32))]
    pub steps: Vec<StageStep>,
    /// The polls on it, its approval first; each as `gov.proposal` answers it.
    #[schemars(length(max = MOST_POLLS_SHOWN))]
    pub polls: Vec<ProposalDetail>,
    /// What is to be done next, and by whom.
    #[schemars(length(max = 256))]
    pub next: Vec<NextAct>,
    /// What those who are named here say of themselves.
    #[serde(default)]
    pub described: Descriptions,
}

/// Something that happened to a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangeMoment {
    /// What happened.
    pub what: ChangeMomentKind,
    /// The block, and its time.
    pub at: Moment,
    /// Who did it; null where nobody is remembered.
    pub by: Option<AccountId>,
    /// The check, of a duty that began.
    pub check: Option<Name>,
}

/// What happens to changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeMomentKind {
    /// It was submitted.
    Submitted,
    /// The poll on its approval was opened.
    VoteOpened,
    /// Its window was announced, the last time.
    Announced,
    /// It was carried out.
    Executed,
    /// Something is owed since then: after the execution, or anew.
    DutyBegan,
    /// Its freeze or pause ended.
    Thawed,
    /// It stands as it stands since then.
    CameToStand,
}

/// Something that a change owes or owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangeDuty {
    /// The duty.
    #[serde(flatten)]
    pub duty: OwedDuty,
    /// When its time is over; null where it has none.
    pub due: Option<DueEstimate>,
    /// How its check stands now.
    pub finding: Option<ExplainedFinding>,
}

/// A step of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StageStep {
    /// What it is called.
    pub key: Name,
    /// What is done.
    pub text: String,
    /// The checks before it.
    #[schemars(length(max = 8))]
    pub needs: Vec<Name>,
    /// Whether it is taken.
    pub is_taken: bool,
}
