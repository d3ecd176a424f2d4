//! What is answered about a milestone.

use primitives::{Digest, Moment, Name};
use rollouts::change::{ChangeState, Feature, MOST_FEATURES};
use rpc::views::{ChangeSummary, Descriptions};
use schemars::JsonSchema;
use serde::Serialize;

/// Release notes: what the changes for a milestone bring to users (REQ-158).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NotesAnswer {
    /// The newest block, after which this is so.
    pub at: Moment,
    /// The plan.
    pub plan: Name,
    /// The milestones of the plan, the one with the latest change first; at most a hundred.
    #[schemars(length(max = 100))]
    pub milestones: Vec<Name>,
    /// The milestone of these notes: the one that was asked for, or else the first of those; null where there is none.
    pub milestone: Option<Name>,
    /// Its changes, in the order in which they were asked for; those that were ended before they were carried out are left out.
    #[schemars(length(max = 256))]
    pub entries: Vec<NoteEntry>,
    /// What those who are named here say of themselves.
    pub described: Descriptions,
}

/// A change for a milestone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NoteEntry {
    /// In short.
    #[serde(flatten)]
    pub summary: ChangeSummary,
    /// What users will notice, in the words of whoever submitted it.
    #[schemars(length(max = 512))]
    pub impact: String,
    /// What it brings.
    #[schemars(length(max = MOST_FEATURES))]
    pub features: Vec<Feature>,
    /// What it promotes: an artifact, or a build.
    pub artifact: Option<Digest>,
}

/// What became of the change of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteGroup {
    /// It was carried out.
    CarriedOut,
    /// It was carried out, and undone or gone back from.
    GoneBackFrom,
    /// It waits to be carried out.
    ToCome,
}

impl NoteGroup {
    /// All of them, as they are told.
    pub const ALL: [Self; 3] = [Self::CarriedOut, Self::GoneBackFrom, Self::ToCome];

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::CarriedOut => "Carried out",
            Self::GoneBackFrom => "Gone back from",
            Self::ToCome => "To come",
        }
    }

    /// That of a change; none of one that was ended before it was carried out.
    pub fn of(state: ChangeState) -> Option<Self> {
        match state {
            ChangeState::Open | ChangeState::Approved => Some(Self::ToCome),
            ChangeState::Active | ChangeState::Closed => Some(Self::CarriedOut),
            ChangeState::Reverted { .. } => Some(Self::GoneBackFrom),
            ChangeState::Ended { .. } => None,
        }
    }
}

impl NotesAnswer {
    /// The entries of a group.
    pub fn of_group(&self, group: NoteGroup) -> impl Iterator<Item = &NoteEntry> {
        self.entries.iter().filter(move |entry| NoteGroup::of(entry.summary.state) == Some(group))
    }
}
