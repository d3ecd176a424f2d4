//! Proposals on a network of processes: when voting may end, who votes, and how it ended.

use crate::{Contract, Network, NodeProcess, SignedManifest};
use anyhow::Context as _;
use serde_json::{Value, json};
use std::path::Path;

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

/// Has a build, its size, hashes and platform signed by two of the three release signers and proposes it; gives the hash and the
/// proposal.
///
/// # Errors
/// When it is refused.
pub async fn propose_release(network: &Network, artifact: &Path, more: &[&str]) -> anyhow::Result<(String, u64)> {
    let signed = SignedManifest::of(network, &["--artifact", &artifact.display().to_string()])?;
    let id = propose_signed(network, &signed.to_propose()?, more).await?;
    Ok((signed.build_hash, id))
}

/// As [`propose_release`], and has it approved and activated by all running validators.
///
/// # Errors
/// When it is refused, or does not activate.
pub async fn approve_release(network: &mut Network, artifact: &Path) -> anyhow::Result<String> {
    let (hash, id) = propose_release(network, artifact, &[]).await?;
    all_yes(network, id)?;
    let status = concluded(&mut network.nodes[0], id).await?;
    anyhow::ensure!(status == "activated", "the release is {status}");
    Ok(hash)
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

/// What `contract gov propose-release` is told about a hash that two of the network's release signers signed, and of which nothing
/// else is said.
///
/// # Errors
/// When they cannot sign.
pub fn attested(network: &Network, hash: &str) -> anyhow::Result<Vec<String>> {
    let contract = Contract::at(&network.nodes[0].rpc)?;
    let mut arguments = vec!["--hash".to_owned(), hash.to_owned(), "--threshold".into(), "2".into()];
    for index in 0..2 {
        let signed = contract.json(&["release", "sign", "--hash", hash, "--key", &network.signer(index)])?;
        for name in ["signature", "signer"] {
            let value = signed[name].as_str().context("release sign left a field out")?;
            arguments.extend([format!("--{name}"), value.to_owned()]);
        }
    }
    Ok(arguments)
}

/// What it is told about a hash that they signed with all that `words` of `contract release manifest` say of it.
///
/// # Errors
/// When they cannot sign.
pub fn described(network: &Network, hash: &str, words: &[&str]) -> anyhow::Result<Vec<String>> {
    if words.is_empty() {
        return attested(network, hash);
    }
    SignedManifest::of(network, &[&["--hash", hash], words].concat())?.to_propose()
}

/// Proposes what release signers signed, with `more` that they have no part in.
///
/// # Errors
/// When the proposal is refused.
pub async fn propose_signed(network: &Network, signed: &[String], more: &[&str]) -> anyhow::Result<u64> {
    let signed = signed.iter().map(String::as_str);
    let words: Vec<&str> = std::iter::once("propose-release").chain(signed).chain(more.iter().copied()).collect();
    propose(network, &words).await
}

/// Carries a release from signatures to activated, described by `words` of `contract release manifest`.
///
/// # Errors
/// When a step is refused, or it is not activated.
pub async fn approve(network: &mut Network, hash: &str, words: &[&str]) -> anyhow::Result<u64> {
    let id = propose_signed(network, &described(network, hash, words)?, &[]).await?;
    all_yes(network, id)?;
    let status = concluded(&mut network.nodes[0], id).await?;
    anyhow::ensure!(status == "activated", "proposal {id} ended as {status}");
    Ok(id)
}
