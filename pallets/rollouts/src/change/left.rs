//! What stood before a rollback.

use super::ChangeState;
use crate::standing::StageStanding;
use artifacts::ArtifactStanding;
use parity_scale_codec::{Decode, Encode};
use primitives::Name;
use serde::{Deserialize, Serialize};

/// How a stage stood before a rollback: enough to have it stand so again.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeftStanding {
    /// The stage.
    pub stage: Name,
    /// How it stood.
    pub standing: StageStanding,
    /// How the change was by which it stood, active or closed, where the rollback reverts that; none of the change of genesis.
    pub was: Option<ChangeState>,
    /// What its artifact was taken for, where the rollback finds it bad.
    pub artifact_was: Option<ArtifactStanding>,
}
