//! Where a change stands, and what it owes.

use super::LeftStanding;
use super::{Effected, MOST_EFFECTS};
use crate::deadline::ChangeDeadline;
use crate::plan::Missed;
use crate::verdict::Answer;
use parity_scale_codec::{Decode, Encode};
use primitives::{Amount, CaseId, ChangeId, Epoch, List, Moment, Name, ProposalId, Timestamp};
use serde::{Deserialize, Serialize};

/// The part of a change that changes.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChangeProgress {
    /// Where it stands.
    pub state: ChangeState,
    /// Since when it stands there.
    pub since: Moment,
    /// When it expires, open or approved: `execute_within` from its submission, and anew from its approval. None of one that waits
    /// for as long as it takes, or waits no longer.
    pub expires: Option<ChangeDeadline>,
    /// The poll on its approval, once it is open.
    pub poll: Option<ProposalId>,
    /// The first epoch in which it may be carried out, so that the stake has time to stop what a council decided (ROLLOUTS 5).
    pub not_before: Option<Epoch>,
    /// The window that was announced last, by block time: from the first, before the second.
    pub window: Option<(Timestamp, Timestamp)>,
    /// How often it was announced; at most [`MOST_ANNOUNCEMENTS`](super::MOST_ANNOUNCEMENTS).
    pub announced: u8,
    /// When it was announced last.
    pub announced_at: Option<Moment>,
    /// When it was carried out.
    pub executed: Option<Moment>,
    /// When the freeze or pause ended that it brought. It does not begin again.
    pub thawed: Option<Moment>,
    /// What it moved, its steps included: each flag once at a path, with what was before the first and after the last move. What a
    /// reversal undoes.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Effected>", length(max = MOST_EFFECTS)))]
    pub effects: List<Effected, MOST_EFFECTS>,
    /// What stood before a rollback and does not any more: what its council gives back when it says no.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<LeftStanding>", length(max = 8)))]
    pub left: List<LeftStanding, 8>,
    /// The steps of its stage that were taken, in their order.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Name>", length(max = 32)))]
    pub steps: List<Name, 32>,
    /// What it owes and owed, by check, each once: those of its procedure, then those of its stage.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<OwedDuty>", length(max = 64)))]
    pub duties: List<OwedDuty, 64>,
    /// The incident that it opened, or that is linked to it.
    pub incident: Option<CaseId>,
    /// What its list came to when it was last carried on.
    pub verdict: Answer,
    /// How many emergencies of its submitter it counts as still; none once they are decided.
    pub emergencies: u8,
    /// What is held of its submitter until it is over.
    pub deposit: Amount,
}

/// Where a change stands. What users see besides, such as `voting`, `scheduled` and `audit due`, is derived from this and its duties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChangeState {
    /// Waits for its approval, or where nobody votes on it, to be carried out.
    #[codec(index = 0)]
    Open,
    /// Waits to be carried out.
    #[codec(index = 1)]
    Approved,
    /// Was carried out, and owes something, or stops something.
    #[codec(index = 2)]
    Active,
    /// Was carried out, and owes nothing.
    #[codec(index = 3)]
    Closed,
    /// Was carried out, and undone or gone back from.
    #[codec(index = 4)]
    Reverted {
        /// By which change; by itself when its ratification was rejected, or missed where that undoes it.
        by: ChangeId,
    },
    /// Was not carried out, and never will be.
    #[codec(index = 5)]
    Ended {
        /// Why.
        why: EndedWhy,
    },
}

impl ChangeState {
    /// Whether anything can still happen to it by itself: it is open, approved or active.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Open | Self::Approved | Self::Active)
    }

    /// Whether it waits to be carried out.
    pub fn waits(self) -> bool {
        matches!(self, Self::Open | Self::Approved)
    }
}

impl std::fmt::Display for ChangeState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Open => f.write_str("open"),
            Self::Approved => f.write_str("approved"),
            Self::Active => f.write_str("active"),
            Self::Closed => f.write_str("closed"),
            Self::Reverted { by } => write!(f, "reverted by change {by}"),
            Self::Ended { why } => write!(f, "{why}"),
        }
    }
}

/// Why a change is not carried out.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::Display, strum::EnumString,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EndedWhy {
    /// Its poll was rejected, or cancelled.
    #[codec(index = 0)]
    Rejected,
    /// Its submitter took it back.
    #[codec(index = 1)]
    Withdrawn,
    /// It was not carried out in time.
    #[codec(index = 2)]
    Expired,
    /// The stake ended it.
    #[codec(index = 3)]
    Aborted,
    /// A later version of the plan is in force.
    #[codec(index = 4)]
    Superseded,
}

/// A duty of a change, as it was when it began: a later version of the plan does not move it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OwedDuty {
    /// The check.
    pub check: Name,
    /// Since when it is owed; anew when a step that moves values opens it again.
    pub from: Moment,
    /// When it is missed; never when there is none.
    pub ends: Option<ChangeDeadline>,
    /// What comes of it then.
    pub missed: Missed,
    /// Whether an incident that stands for it meets it too (REQ-035).
    pub or_incident: bool,
    /// How it stands.
    pub state: DutyState,
    /// The poll that decides it, once it is open: of a check that asks for a vote.
    pub poll: Option<ProposalId>,
}

/// How a duty stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::Display, strum::EnumString,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DutyState {
    /// Still to be met, in time.
    #[codec(index = 0)]
    Owed,
    /// Its time is over, and it is not met: what that causes goes on.
    #[codec(index = 1)]
    Overdue,
    /// Met in time.
    #[codec(index = 2)]
    Met,
    /// Met after its time; what its miss caused ended then.
    #[codec(index = 3)]
    MetLate,
}

impl DutyState {
    /// Whether it is met, in time or late.
    pub fn is_met(self) -> bool {
        matches!(self, Self::Met | Self::MetLate)
    }
}

impl ChangeProgress {
    /// Of a change that was submitted just now: it is open, and nothing came of it yet.
    pub fn waiting(since: Moment, expires: Option<ChangeDeadline>, deposit: Amount) -> Self {
        Self {
            state: ChangeState::Open,
            since,
            expires,
            poll: None,
            not_before: None,
            window: None,
            announced: 0,
            announced_at: None,
            executed: None,
            thawed: None,
            effects: List::new(),
            left: List::new(),
            steps: List::new(),
            duties: List::new(),
            incident: None,
            verdict: Answer::default(),
            emergencies: 0,
            deposit,
        }
    }

    /// What is not met yet, in its order.
    pub fn owed(&self) -> impl Iterator<Item = &OwedDuty> {
        self.duties.iter().filter(|duty| !duty.state.is_met())
    }

    /// What is not met yet and still can be in time, in its order.
    pub fn owed_in_time(&self) -> impl Iterator<Item = &OwedDuty> {
        self.duties.iter().filter(|duty| duty.state == DutyState::Owed)
    }

    /// What was not met in time and is not met since: it stops promotions (REQ-035).
    pub fn overdue(&self) -> impl Iterator<Item = &OwedDuty> {
        self.duties.iter().filter(|duty| duty.state == DutyState::Overdue)
    }

    /// The duty on a check.
    pub fn duty(&self, check: &Name) -> Option<&OwedDuty> {
        self.duties.iter().find(|duty| duty.check == *check)
    }
}
