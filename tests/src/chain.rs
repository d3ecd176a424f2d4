//! Comparing what nodes have decided.

use crate::NodeProcess;
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How many heights below those that were compared are compared again: what a node that died decided last, it may decide anew.
const AGAIN: u64 = 5;

/// A node's blocks from height 1 to `to`: hash and header of each.
///
/// # Errors
/// When the node does not answer.
pub async fn blocks(node: &NodeProcess, to: u64) -> anyhow::Result<Vec<(Value, Value)>> {
    let mut blocks = Vec::new();
    for height in 1..=to {
        blocks.push(block(node, height).await?);
    }
    Ok(blocks)
}

async fn block(node: &NodeProcess, height: u64) -> anyhow::Result<(Value, Value)> {
    let block = node.call("chain.block", json!({ "height": height })).await?;
    ensure!(block["header"]["state_root"].is_string(), "{} has no state root at height {height}", node.rpc);
    Ok((block["hash"].clone(), block["header"].clone()))
}

/// What blocks above a height brought: their transactions and facts. Blocks come whether anybody asks for something or not, and each
/// moves the state's root by its time; one that nobody asked for anything brings nothing else.
///
/// # Errors
/// When the node does not answer.
pub async fn stored_since(node: &NodeProcess, height: u64) -> anyhow::Result<Vec<Value>> {
    let mut stored = Vec::new();
    for height in height + 1..=node.height().await? {
        let at = json!({ "height": height });
        for (method, list) in [("chain.block", "transactions"), ("chain.record", "facts")] {
            let answer = node.call(method, at.clone()).await?;
            stored.extend(answer[list].as_array().with_context(|| format!("{method} has no {list}"))?.iter().cloned());
        }
    }
    Ok(stored)
}

/// What was decided, as far as it was seen: hash and header by height.
#[derive(Debug, Default)]
pub struct Decided {
    seen: BTreeMap<u64, (Value, Value)>,
    compared: u64,
}

impl Decided {
    /// The latest height that was seen.
    pub fn height(&self) -> u64 {
        self.seen.last_key_value().map_or(0, |(height, _)| *height)
    }

    /// Notes what a node has at a height.
    ///
    /// # Errors
    /// When another block was seen there before, or the node has none.
    pub async fn note(&mut self, node: &NodeProcess, height: u64) -> anyhow::Result<()> {
        let found = block(node, height).await?;
        let before = self.seen.entry(height).or_insert_with(|| found.clone());
        ensure!(
            *before == found,
            "height {height} was decided twice: it was {before:?}, and {} has {found:?}",
            node.rpc
        );
        Ok(())
    }

    /// Notes what nodes have, from where it was compared last to the latest height that all of them have.
    ///
    /// # Errors
    /// When a block differs, or a node does not answer.
    pub async fn compare(&mut self, nodes: &[NodeProcess]) -> anyhow::Result<()> {
        self.compare_from(self.compared.saturating_sub(AGAIN), nodes).await
    }

    /// As [`compare`](Self::compare), from the first block on. Gives the number of heights compared.
    ///
    /// # Errors
    /// As [`compare`](Self::compare).
    pub async fn compare_all(&mut self, nodes: &[NodeProcess]) -> anyhow::Result<u64> {
        self.compare_from(0, nodes).await?;
        Ok(self.compared)
    }

    async fn compare_from(&mut self, above: u64, nodes: &[NodeProcess]) -> anyhow::Result<()> {
        let mut common = u64::MAX;
        for node in nodes {
            common = common.min(node.height().await?);
        }
        for node in nodes {
            for height in above + 1..=common {
                self.note(node, height).await?;
            }
        }
        self.compared = common;
        Ok(())
    }
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
