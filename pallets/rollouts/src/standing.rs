//! What stands: stages, phases, and what stops others meanwhile.

use crate::deadline::ChangeDeadline;
use crate::plan::PhaseState;
use parity_scale_codec::{Decode, Encode};
use primitives::{CaseId, ChangeId, Digest, Moment, Name, Timestamp};
use serde::{Deserialize, Serialize};

/// A stage that stands.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StageStanding {
    /// What stands in it: an application's artifact, or the build of a node's promotion; none of what stands since a first
    /// installation.
    pub subject: Option<Digest>,
    /// Since when.
    pub since: Moment,
    /// The promotion that entered it. Change 0 is that of genesis, or of a first installation: nobody submitted it, it is closed
    /// since then, every step up to the stage is taken, and nothing is owed (ROLLOUTS 3.3).
    pub change: ChangeId,
}

/// A rollback that a signal asked for; the next block has it wait for its authority.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AskedRollback {
    /// The signal.
    pub signal: Name,
    /// The incident that the signal opened, which the rollback is then linked to.
    pub incident: Option<CaseId>,
}

/// How far a phase has come. One without it is planned.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PhaseStanding {
    /// How far.
    pub state: PhaseState,
    /// Since when.
    pub since: Moment,
    /// The change that moved it there.
    pub change: ChangeId,
}

/// A freeze that a promotion into a freezing stage brings (REQ-070): it holds from the announced window on, or from execution. That it
/// ended is on record only when it is taken away; a window that is over freezes nothing meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StageFreeze {
    /// The stage.
    pub stage: Name,
    /// The window that was announced, by block time, of a change that is not carried out yet: from the first, before the second.
    pub window: Option<(Timestamp, Timestamp)>,
    /// When the change was carried out.
    pub executed: Option<Moment>,
    /// When it ends at the latest, once the change was carried out.
    pub ends: Option<ChangeDeadline>,
}

impl StageFreeze {
    /// Whether it stops others at a moment.
    pub fn holds(&self, at: Moment) -> bool {
        match self.executed {
            Some(_) => self.ends.is_none_or(|end| !end.is_over(at)),
            None => self.window.is_some_and(|(from, until)| from <= at.time && at.time < until),
        }
    }
}

/// A pause: a change of kind freeze that is active. It stops what is at its path and below (ROLLOUTS 7.4).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChangePause {
    /// Since when.
    pub since: Moment,
    /// The role that asked for it.
    pub role: Name,
    /// When it ends by itself; when that hangs on a vote, or on who closes it, there is none.
    pub ends: Option<ChangeDeadline>,
}

impl ChangePause {
    /// Whether it stops others at a moment.
    pub fn holds(&self, at: Moment) -> bool {
        self.ends.is_none_or(|end| !end.is_over(at))
    }
}

/// Why a freeze or a pause ended.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::Display, strum::EnumString,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ThawedWhy {
    /// What it waited for is met.
    #[codec(index = 0)]
    Met,
    /// Its longest time is over.
    #[codec(index = 1)]
    TimeOver,
    /// Its window is over, and the change was not carried out in it.
    #[codec(index = 2)]
    WindowOver,
    /// The stake ended it.
    #[codec(index = 3)]
    Aborted,
}

/// How much of a plan is live, by which it is bounded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LiveCounts {
    /// Changes that are open or approved, but for disables, rollbacks and freezes; at most
    /// [`MOST_OPEN`](crate::change::MOST_OPEN).
    pub open: u32,
    /// Changes that are active.
    pub active: u32,
}
