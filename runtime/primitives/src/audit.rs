//! What the audit log says of a fact besides what happened.

use crate::{CaseId, ChangeId, Name};
use parity_scale_codec::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// How bad something is; in the order of how bad. A profile has these in capitals.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    crate::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum AlertSeverity {
    /// Good to know.
    #[codec(index = 0)]
    Info,
    /// To be looked at.
    #[codec(index = 1)]
    Warn,
    /// To be acted on at once.
    #[codec(index = 2)]
    Critical,
}

/// What a record is about, as far as how long it is kept goes. A profile has these in capitals.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    crate::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum RecordClass {
    /// Who did what.
    #[codec(index = 0)]
    Audit,
    /// Who was refused what.
    #[codec(index = 1)]
    Security,
    /// What was promised and held.
    #[codec(index = 2)]
    Compliance,
    /// What was measured.
    #[codec(index = 3)]
    Metrics,
}

impl RecordClass {
    /// All of them: a plan says of each how long it is kept.
    pub const ALL: [Self; 4] = [Self::Audit, Self::Security, Self::Compliance, Self::Metrics];
}

/// What an event did, and to what, as frameworks for such events tell them apart. No word of it is stored or sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditActivity {
    /// To something that is managed.
    Entity(EntityActivity),
    /// To an incident.
    Incident(FindingActivity),
    /// To a verdict on what was promised.
    Verdict(FindingActivity),
}

/// What was done to something that is managed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntityActivity {
    /// It is there from now on.
    Created,
    /// It is another way than before.
    Updated,
    /// It is there, or open, no longer.
    Deleted,
    /// Somebody came to those who may do something.
    Enrolled,
    /// Somebody went from them.
    Unenrolled,
    /// It was switched on.
    Enabled,
    /// It was switched off.
    Disabled,
    /// It counts from now on.
    Activated,
    /// It counts no longer.
    Deactivated,
    /// It stands still for now.
    Suspended,
    /// It goes on.
    Resumed,
    /// What no other word here is for.
    Other,
}

/// How far a finding came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingActivity {
    /// It was made.
    Created,
    /// More is known of it.
    Updated,
    /// It is over.
    Closed,
}

/// What the audit log can be asked for, of one fact (REQ-148, REQ-153). What a fact does not say is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FactMarks {
    /// The plan that it was done under.
    pub plan: Option<Name>,
    /// The path or pattern of paths where, such as `PROD/t1`; the empty one is the root. Of what moved at several paths, the path that
    /// covers all of them.
    #[cfg_attr(feature = "schema", schemars(length(max = 260)))]
    pub scope: Option<String>,
    /// The role of the plan in which somebody acted.
    pub role: Option<Name>,
    /// What was done, or was refused, as grants name it, such as `promote.submit`; of what no grant is for, the last word of its kind.
    #[cfg_attr(feature = "schema", schemars(length(max = 80)))]
    pub action: Option<String>,
    /// The name of the refusal.
    pub code: Option<&'static str>,
    /// The change that it is about.
    pub change_id: Option<ChangeId>,
    /// The case that it is about.
    pub case_id: Option<CaseId>,
}

impl FactMarks {
    /// Those of something about a plan.
    pub fn of_plan(plan: &Name) -> Self {
        Self { plan: Some(plan.clone()), ..Self::default() }
    }

    /// Those of something that is done under a plan.
    pub fn under(plan: &Name, action: impl Into<String>) -> Self {
        Self { action: Some(action.into()), ..Self::of_plan(plan) }
    }

    /// The same, done in a role of the plan.
    pub fn by<'a>(self, role: impl Into<Option<&'a Name>>) -> Self {
        Self { role: role.into().cloned(), ..self }
    }

    /// The same, done at a path, or wherever a pattern of paths fits.
    pub fn at(self, scope: impl Into<String>) -> Self {
        Self { scope: Some(scope.into()), ..self }
    }

    /// The same, about a change.
    pub fn of_change(self, change: ChangeId) -> Self {
        Self { change_id: Some(change), ..self }
    }

    /// The same, about a case.
    pub fn of_case(self, case: impl Into<Option<CaseId>>) -> Self {
        Self { case_id: case.into(), ..self }
    }
}
