//! Comparing what nodes have decided.

use crate::NodeProcess;
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

/// A node's blocks from height 1 to `to`: hash and header of each.
///
/// # Errors
/// When the node does not answer.
pub async fn blocks(node: &NodeProcess, to: u64) -> anyhow::Result<Vec<(Value, Value)>> {
    let mut blocks = Vec::new();
    for height in 1..=to {
        let block = node.call("chain.block", json!({ "height": height })).await?;
        ensure!(block["header"]["state_root"].is_string(), "{} has no state root at height {height}", node.rpc);
        blocks.push((block["hash"].clone(), block["header"].clone()));
    }
    Ok(blocks)
}

/// Requires that the running nodes have the same block and the same state root at each height that all of them have. Gives
/// the number of heights compared.
///
/// # Errors
/// The first height at which two nodes differ.
pub async fn same(nodes: &[&NodeProcess]) -> anyhow::Result<u64> {
    let mut common = u64::MAX;
    for node in nodes {
        common = common.min(node.height().await?);
    }
    let first = nodes.first().context("no nodes to compare")?;
    let expected = blocks(first, common).await?;
    for other in &nodes[1..] {
        for (height, (found, expected)) in (1..).zip(blocks(other, common).await?.iter().zip(&expected)) {
            ensure!(
                found == expected,
                "fork at height {height}: {} has {expected:?}, {} has {found:?}",
                first.rpc,
                other.rpc
            );
        }
    }
    Ok(common)
}
