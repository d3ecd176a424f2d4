//! What is answered about artifacts.

use artifacts::queries::MOST_PINS;
use artifacts::{ArtifactPin, InstalledArtifactRules, RegisteredArtifact};
use primitives::{Digest, Name};
use rpc::views::{Descriptions, PageOf};
use schemars::JsonSchema;
use serde::Serialize;

/// The artifacts of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ArtifactsAnswer {
    /// The plan.
    pub plan: Name,
    /// What the version in force asks of them; null of a plan whose artifacts are not registered, such as that of the network.
    pub rules: Option<InstalledArtifactRules>,
    /// The stages of that version, in their order.
    #[schemars(length(max = 8))]
    pub stages: Vec<ArtifactStage>,
    /// The artifacts, those first that were registered last.
    #[serde(flatten)]
    pub page: PageOf<ArtifactLine>,
    /// What those who registered them say of themselves.
    pub described: Descriptions,
}

/// What stands in a stage, and what is kept of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ArtifactStage {
    /// The stage.
    pub stage: Name,
    /// What stands there; null when nothing does.
    pub stands: Option<ArtifactName>,
    /// What a rollback would go back to; null when there is nothing good to go back to.
    pub goes_back_to: Option<ArtifactName>,
    /// How many of those that stood there were not let go.
    pub kept: u32,
    /// How many of them are kept, whatever needs them; null where all of them are.
    pub keep: Option<u16>,
}

/// An artifact by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ArtifactName {
    /// What it is called.
    pub name: Name,
    /// What its bytes come to.
    pub digest: Digest,
}

/// An artifact, with what it is needed for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ArtifactLine {
    /// The artifact, what it is taken for, and where it stood.
    #[serde(flatten)]
    pub registered: RegisteredArtifact,
    /// What it is needed for, so that it is not let go: open incidents and holds first, then stages.
    #[schemars(length(max = MOST_PINS))]
    pub pins: Vec<ArtifactPin>,
}
