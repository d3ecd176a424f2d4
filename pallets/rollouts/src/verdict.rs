//! What a list of checks comes to. It is computed when it is asked for and stored nowhere; what is carried out records the answer.

use crate::deadline::ChangeDeadline;
use crate::plan::ListOf;
use parity_scale_codec::{Decode, Encode};
use primitives::Name;
use serde::{Deserialize, Serialize};

/// The code of a finding about a share of nobody: an empty segment is never met.
pub const EMPTY_SEGMENT: &str = "EMPTY_SEGMENT";

/// What a list says. In a page and on a board these are in capitals.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Everything is met, waived or left out.
    #[strum(serialize = "GO")]
    #[codec(index = 0)]
    Go,
    /// Something failed, or is missing that means no. It dominates.
    #[strum(serialize = "NO-GO")]
    #[codec(index = 1)]
    NoGo,
    /// Something is missing, expired, or not yet long enough.
    #[default]
    #[strum(serialize = "DEFERRED")]
    #[codec(index = 2)]
    Deferred,
}

/// A list, judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListVerdict {
    /// What it comes to. Of an empty list GO.
    pub answer: Answer,
    /// Every check of it, in its order.
    pub findings: Vec<Finding>,
}

impl ListVerdict {
    /// Whether everything is met, waived or left out.
    pub fn is_go(&self) -> bool {
        self.answer == Answer::Go
    }

    /// The findings that keep it from being GO.
    pub fn unmet(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| !finding.state.is_settled())
    }
}

/// How one check of a list stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// The check.
    pub key: Name,
    /// The list that it is from.
    pub from: ListOf,
    /// The stage that it asks about, where it asks about one.
    pub stage: Option<Name>,
    /// How it stands.
    pub state: FindingState,
    /// What is wrong while it is not met: the profile's own word, or [`EMPTY_SEGMENT`].
    pub code: Name,
    /// The role that owns it.
    pub owner: Option<Name>,
    /// Whether the chain measured it; else somebody attested it, and it is as true as they are.
    pub measured: bool,
    /// What there is, for people, such as `2 of 3`; may be empty.
    pub have: String,
    /// What there has to be, for people; may be empty.
    pub need: String,
    /// What is missing by name: rows, references, accounts, or nodes that drift.
    pub missing: Vec<String>,
    /// When that changes by itself: a soak that is long enough, a duty that is missed, a word that expires.
    pub until: Option<ChangeDeadline>,
}

/// How a check stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::Display, strum::EnumString,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum FindingState {
    /// It is so.
    #[codec(index = 0)]
    Met,
    /// Nobody said so yet, or it is not yet so.
    #[codec(index = 1)]
    Missing,
    /// It is not so.
    #[codec(index = 2)]
    Failed,
    /// It was so, and that is too old.
    #[codec(index = 3)]
    Expired,
    /// It is owed, and its time is over.
    #[codec(index = 4)]
    Overdue,
    /// It is not asked for, by a waiver that counts.
    #[codec(index = 5)]
    Waived,
    /// It drops out for the class of the change.
    #[codec(index = 6)]
    Skipped,
}

impl FindingState {
    /// Whether it keeps nothing back.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Met | Self::Waived | Self::Skipped)
    }
}
