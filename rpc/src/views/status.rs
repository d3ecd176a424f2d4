//! Where a decision stands.

use governance::Shortfall;
use primitives::Epoch;
use releases::Standing;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a proposal, or the release it approved, stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ProposalStatus")]
#[serde(rename_all = "snake_case")]
pub enum DecisionStatus {
    /// Takes votes.
    Open,
    /// Waits for its activation epoch.
    Passed,
    /// Was carried out, and is in force.
    Activated,
    /// Did not find the votes.
    Rejected,
    /// Was taken back by its proposer.
    Withdrawn,
    /// Passed, and could not be carried out.
    Cancelled,
    /// The release it approved still runs, and a later one is active.
    Superseded,
    /// The release it approved was withdrawn from use.
    Revoked,
    /// The release it approved is past its end of support.
    Expired,
}

impl DecisionStatus {
    /// What the count of a vote means, while it can change and when it was too low, as a clause.
    pub fn of_the_count(self, missing: Option<Shortfall>) -> Option<String> {
        match (self, missing) {
            (DecisionStatus::Open, None) => Some("it would pass if voting ended now".into()),
            (DecisionStatus::Open, Some(missing)) => Some(format!("it would fail if voting ended now: {missing}")),
            (DecisionStatus::Rejected, Some(missing)) => Some(format!("it was rejected: {missing}")),
            _ => None,
        }
    }

    /// The status of an approved release.
    pub fn of_release(release: &releases::ApprovedRelease, now: Epoch) -> Self {
        match release.standing {
            Standing::Revoked { .. } => DecisionStatus::Revoked,
            Standing::Superseded { end_of_support_epoch: Some(end), .. } if now >= end => DecisionStatus::Expired,
            Standing::Superseded { .. } => DecisionStatus::Superseded,
            Standing::Active => DecisionStatus::Activated,
        }
    }
}

impl From<governance::Status> for DecisionStatus {
    fn from(status: governance::Status) -> Self {
        match status {
            governance::Status::Open => DecisionStatus::Open,
            governance::Status::Passed => DecisionStatus::Passed,
            governance::Status::Activated => DecisionStatus::Activated,
            governance::Status::Rejected => DecisionStatus::Rejected,
            governance::Status::Withdrawn => DecisionStatus::Withdrawn,
            governance::Status::Cancelled => DecisionStatus::Cancelled,
        }
    }
}

impl std::fmt::Display for DecisionStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.serialize(f)
    }
}

impl std::str::FromStr for DecisionStatus {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        serde_json::from_value(text.to_lowercase().into()).map_err(|error| error.to_string())
    }
}
