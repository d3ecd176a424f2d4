//! Where a decision stands.

use primitives::Epoch;
use releases::Standing;
use serde::{Deserialize, Serialize};

/// Where a proposal, or the release it approved, stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
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

impl Status {
    /// The status of an approved release.
    pub fn of_release(release: &releases::ApprovedRelease, now: Epoch) -> Self {
        let ended = release.manifest.end_of_support_epoch.is_some_and(|end| now >= end);
        match &release.standing {
            Standing::Revoked { .. } => Status::Revoked,
            Standing::Superseded { .. } if ended => Status::Expired,
            Standing::Superseded { .. } => Status::Superseded,
            // A date does not stop what nothing has superseded.
            Standing::Active => Status::Activated,
        }
    }
}

impl From<governance::Status> for Status {
    fn from(status: governance::Status) -> Self {
        match status {
            governance::Status::Open => Status::Open,
            governance::Status::Passed => Status::Passed,
            governance::Status::Activated => Status::Activated,
            governance::Status::Rejected => Status::Rejected,
            governance::Status::Withdrawn => Status::Withdrawn,
            governance::Status::Cancelled => Status::Cancelled,
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.serialize(f)
    }
}

impl std::str::FromStr for Status {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        serde_json::from_value(text.to_lowercase().into()).map_err(|error| error.to_string())
    }
}
