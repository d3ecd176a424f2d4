//! How far a build has come on the nodes of the network.

use crate::views::page::missing;
use crate::views::{PageOf, PageRange};
use primitives::{AccountId, BuildHash, ChainPosition};
use releases::{Receipt, StageName, StageReason, queries};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use state::State;

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
    pub at: ChainPosition,
}

/// All that one node said about a build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NodeReport {
    /// Where it stands.
    #[serde(flatten)]
    pub stage: NodeStage,
    /// Its installs; null when it never said that it booted the build.
    pub installs: Option<Receipt>,
}

/// What nodes say about a build; those that first spoke of it last come first.
pub fn release_nodes(state: &State, hash: &BuildHash, range: PageRange) -> PageOf<NodeReport> {
    PageOf::read(nodes_while(state, hash, range, || Ok(())))
}

/// The same, for as long as somebody waits for it.
pub(crate) fn nodes_while<E>(
    state: &State,
    hash: &BuildHash,
    range: PageRange,
    go_on: impl Fn() -> Result<(), E>,
) -> Result<PageOf<NodeReport>, E> {
    range.descending(queries::node_count(state, hash), |number| {
        go_on()?;
        let (node, report) = queries::node(state, hash, number).unwrap_or_else(|| missing("node", number));
        let (stage, reason) = (report.stage.name(), report.stage.reason().cloned());
        let stage = NodeStage { node, stage, reason, at: report.at };
        Ok(NodeReport { installs: queries::receipt(state, hash, &node), stage })
    })
}
