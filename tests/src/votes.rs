//! Proposals on a network of processes: when voting may end, who votes, and how it ended.

use crate::{Contract, Network, NodeProcess};
use anyhow::Context as _;
use serde_json::{Value, json};

/// An epoch at whose start voting may end: ballots, which are sent one after the other, need some blocks before it.
///
/// # Errors
/// When the node does not answer.
pub async fn deadline(node: &NodeProcess) -> anyhow::Result<String> {
    const BLOCKS_TO_VOTE: u64 = 15;
    let status = node.call("chain.status", json!({})).await?;
    let number = |value: &Value| value.as_u64().context("chain.status left a number out");
    let (epoch, length) = (number(&status["epoch"])?, number(&status["epoch_length"])?);
    let missing = BLOCKS_TO_VOTE.saturating_sub(number(&status["next_epoch"]["blocks_left"])?);
    Ok((epoch + 1 + missing.div_ceil(length)).to_string())
}

/// Proposes with `contract gov ARGUMENTS`, paid for by the first validator; voting ends when there was time to vote.
///
/// # Errors
/// When the proposal is refused.
pub async fn propose(network: &Network, arguments: &[&str]) -> anyhow::Result<u64> {
    let deadline = deadline(&network.nodes[0]).await?;
    let key = network.nodes[0].key();
    let all = [&["gov"], arguments, &["--deadline", &deadline, "--key", &key]].concat();
    let proposed = Contract::at(&network.nodes[0].rpc)?.json(&all)?;
    find(&proposed, "id").and_then(Value::as_u64).context("no proposal id was printed")
}

/// Every running validator votes yes.
///
/// # Errors
/// When a ballot is refused.
pub fn all_yes(network: &Network, id: u64) -> anyhow::Result<()> {
    let id = id.to_string();
    for node in network.nodes.iter().filter(|node| node.has_started()) {
        Contract::at(&node.rpc)?.json(&["gov", "approve-release", "--id", &id, "--key", &node.key()])?;
    }
    Ok(())
}

/// Waits until a proposal is carried out or ended otherwise; gives its status.
///
/// # Errors
/// When it does not end in time.
pub async fn concluded(node: &mut NodeProcess, id: u64) -> anyhow::Result<String> {
    node.until("the end of the proposal", async |node| {
        let view = node.call("gov.proposal", json!({ "id": id })).await.ok()?;
        let status = view["status"].as_str()?.to_owned();
        (!["open", "passed"].contains(&status.as_str())).then_some(status)
    })
    .await
}

/// The first field of a name, at any depth.
pub fn find<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Object(fields) => fields.get(name).or_else(|| fields.values().find_map(|inner| find(inner, name))),
        Value::Array(items) => items.iter().find_map(|inner| find(inner, name)),
        _ => None,
    }
}
