//! How far a build has come on the nodes of the network.

use primitives::{AccountId, BuildHash, Moment};
use releases::{StageName, StageReason, queries};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use state::State;

/// The most nodes that the stages of a release name.
pub const MOST_STAGES: usize = 100;

/// The latest stage that one node reported about a build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NodeStage {
    /// The node's account.
    pub node: AccountId,
    /// The stage.
    pub stage: StageName,
    /// What went wrong; null when nothing did.
    pub reason: Option<StageReason>,
    /// When it was reported.
    pub at: Moment,
}

/// The latest reports first, [`MOST_STAGES`] at most.
pub(crate) fn stages(state: &State, hash: &BuildHash) -> Vec<NodeStage> {
    let view = |(node, report): (AccountId, releases::StageReport)| NodeStage {
        node,
        stage: report.stage.name(),
        reason: report.stage.reason().cloned(),
        at: report.at,
    };
    let mut stages: Vec<NodeStage> = queries::stages(state, hash).map(view).collect();
    stages.sort_by_key(|stage| (std::cmp::Reverse(stage.at.height), stage.node));
    stages.truncate(MOST_STAGES);
    stages
}
