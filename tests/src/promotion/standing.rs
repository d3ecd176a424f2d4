//! That nodes stand still, by their own word.

use crate::NodeProcess;
use anyhow::ensure;
use serde_json::json;

/// Waits until every running node of some says that the chain stands still there; gives the height at which it does.
///
/// # Errors
/// When one of them goes on, or does not say so in time.
pub async fn standstill(nodes: &mut [NodeProcess]) -> anyhow::Result<u64> {
    let mut stood = Vec::new();
    for node in nodes.iter_mut().filter(|node| node.has_started()) {
        let halted = node.until("standstill", async |node| {
            let health = node.operate("node.health", json!({})).await.ok()?;
            health["halt"].as_str()?;
            health["height"].as_u64()
        });
        stood.push(halted.await?);
    }
    // Nobody went on while the others were asked.
    for (node, height) in nodes.iter().filter(|node| node.has_started()).zip(&stood) {
        let now = node.height().await?;
        ensure!(now == *height, "{} stood at height {height}, and is at {now}", node.rpc);
    }
    let (first, last) =
        (stood.iter().min().copied().unwrap_or_default(), stood.iter().max().copied().unwrap_or_default());
    ensure!(last <= first + 1, "they stand at heights far apart: {stood:?}");
    Ok(first)
}
