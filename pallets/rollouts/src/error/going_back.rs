//! Why something is not rolled back (ROLLOUTS 7.8).

use parity_scale_codec::{Decode, Encode};
use primitives::{ChangeId, Name};
use serde::{Deserialize, Serialize};

/// What is wrong with a rollback.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RollbackFlaw {
    /// The stage does not stand, or of a node's plan is not the last that does.
    #[codec(index = 0)]
    #[error(
        "stage {stage:?} is not one that can be rolled back now; name one that stands, of this network's plan the last one"
    )]
    NotStanding {
        /// The stage.
        stage: Name,
    },
    /// Another rollback of the stage lives.
    #[codec(index = 1)]
    #[error("change {change} rolls stage {stage:?} back and is not over; have that one carried out or closed first")]
    Lives {
        /// The stage.
        stage: Name,
        /// The other rollback.
        change: ChangeId,
    },
    /// There is nothing to go back to (REQ-093).
    #[codec(index = 2)]
    #[error("no other artifact that stood in stage {stage:?} is known as good; promote one that mends what is wrong")]
    NoGoodArtifact {
        /// The stage.
        stage: Name,
    },
}

impl RollbackFlaw {
    /// The name by which tools know it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotStanding { .. } => "E_STAGE",
            Self::Lives { .. } => "E_TOO_MANY",
            Self::NoGoodArtifact { .. } => "E_NO_GOOD_ARTIFACT",
        }
    }

    /// The number by which programs know it.
    pub fn number(&self) -> u16 {
        match self {
            Self::NotStanding { .. } => 489,
            Self::Lives { .. } => 490,
            Self::NoGoodArtifact { .. } => 491,
        }
    }
}
