//! Proposals on a network of processes: when voting may end, who votes, who holds what is voted on, and how it ended.

use crate::wallet::submit;
use crate::{Contract, Network, NodeProcess, SignedManifest, TestWallet};
use anyhow::{Context as _, bail, ensure};
use primitives::BuildHash;
use runtime::{Call, testing::hold};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// Blocks that ballots need before voting ends: they are sent one after the other.
const BLOCKS_TO_VOTE: u64 = 15;

/// How often the operator's command runs before voting ends: for whoever proposes, for ballots, and to spare. Blocks come by the clock, so
/// that a machine on which it takes long has to give it more of them.
const RUNS_TO_VOTE: u32 = 10;

/// Epochs by which a proposal may come to its end too late: what is due at once waits in line.
const EPOCHS_IN_LINE: u64 = 2;

/// How often something is tried that a node may do in the name of the same account at the same moment.
const TRIES: usize = 3;

/// How long nodes may take to fetch an executable of this product from one of them.
pub const TIME_TO_FETCH: Duration = Duration::from_secs(30);

/// An epoch at whose start voting may end, so that there is time to vote on this machine, and so much besides, as far as the network lets
/// votes be open.
///
/// # Errors
/// When the node does not answer.
pub async fn deadline_after(node: &NodeProcess, least: Duration) -> anyhow::Result<String> {
    let begun = Instant::now();
    Contract::at(&node.rpc)?.run(&["status"])?;
    let time = least + begun.elapsed() * RUNS_TO_VOTE;
    let status = node.call("chain.status", json!({})).await?;
    let number = |value: &Value| value.as_u64().context("chain.status left a number out");
    let (epoch, length) = (number(&status["epoch"])?, number(&status["epoch_length"])?);
    // What blocks took so far says little after the first few, of which one may have waited for a round.
    let genesis = node.call("chain.genesis", json!({})).await?;
    let block_ms = number(find(&genesis, "block_time_ms").context("genesis names no block time")?)?;
    let blocks = u64::try_from(time.as_millis())?.div_ceil(block_ms.max(1)).max(BLOCKS_TO_VOTE);
    let missing = blocks.saturating_sub(number(&status["next_epoch"]["blocks_left"])?);
    let most = number(find(&genesis, "most_window").context("genesis names no longest vote")?)?;
    Ok((epoch + (1 + missing.div_ceil(length)).min(most)).to_string())
}

/// Proposes with `contract gov ARGUMENTS`, paid for by the first validator; voting ends when there was time to vote.
///
/// # Errors
/// When the proposal is refused.
pub async fn propose(network: &Network, arguments: &[&str]) -> anyhow::Result<u64> {
    propose_for(network, Duration::ZERO, arguments).await
}

/// The same, and voting goes on for at least so long.
///
/// # Errors
/// When the proposal is refused.
pub async fn propose_for(network: &Network, least: Duration, arguments: &[&str]) -> anyhow::Result<u64> {
    let deadline = deadline_after(&network.nodes[0], least).await?;
    let key = network.nodes[0].key();
    let all = [&["gov"], arguments, &["--deadline", &deadline, "--key", &key]].concat();
    let proposed = Contract::at(&network.nodes[0].rpc)?.json(&all)?;
    find(&proposed, "id").and_then(Value::as_u64).context("no proposal id was printed")
}

/// Every running validator votes yes, all of them at once: on a busy machine a short poll would be over before one after the other was
/// heard.
///
/// # Errors
/// When a ballot is refused.
pub fn all_yes(network: &Network, id: u64) -> anyhow::Result<()> {
    let id = id.to_string();
    let id = id.as_str();
    let running = network.nodes.iter().filter(|node| node.has_started());
    let voters: Vec<(Contract, String)> =
        running.map(|node| Ok((Contract::at(&node.rpc)?, node.key()))).collect::<anyhow::Result<_>>()?;
    std::thread::scope(|scope| {
        let cast = |(contract, key)| {
            let vote = move || Contract::json(contract, &["gov", "approve-release", "--id", id, "--key", key]);
            // Its node may say at the same moment, in the name of the same account, that it holds what is voted on.
            scope.spawn(move || (1..TRIES).fold(vote(), |voted, _| voted.or_else(|_| vote())))
        };
        let votes: Vec<_> = voters.iter().map(|(contract, key)| cast((contract, key.as_str()))).collect();
        votes
            .into_iter()
            .try_for_each(|vote| vote.join().map_err(|_| anyhow::anyhow!("a thread that votes ended"))?.map(drop))
    })
}

/// Every running validator says that it holds every build that a proposal asks for, as its node would once it had fetched them:
/// for releases that are a hash and nothing else. Does not wait for the block.
///
/// # Errors
/// When the proposal asks for none, or a node does not take it.
pub async fn all_hold(network: &Network, id: u64) -> anyhow::Result<()> {
    let proposal = network.nodes[0].call("gov.proposal", json!({ "id": id })).await?;
    let builds = proposal["availability"]["builds"].as_array().context("the proposal asks for no build")?;
    for node in network.nodes.iter().filter(|node| node.has_started()) {
        for build in builds {
            say_held(node, serde_json::from_value(build["build_hash"].clone())?).await?;
        }
    }
    Ok(())
}

/// The validator of a node says that it holds a build, whether it does or not. Does not wait for the block.
///
/// # Errors
/// When its node does not take it.
pub async fn say_held(node: &NodeProcess, build: BuildHash) -> anyhow::Result<()> {
    say(node, &TestWallet::open(node.key())?, &hold(build)).await
}

/// Hands a call to a node, again when the node was quicker with another one of the same account. Does not wait for the block.
///
/// # Errors
/// When the node does not take it.
pub async fn say(node: &NodeProcess, wallet: &TestWallet, call: &Call) -> anyhow::Result<()> {
    let mut refused = None;
    for _ in 0..TRIES {
        match submit(node, &wallet.signed(node, call, |_| {}).await?).await {
            Ok(_) => return Ok(()),
            Err(error) => refused = Some(error),
        }
    }
    bail!("{} does not take {call:?}: {refused:?}", node.rpc)
}

/// Waits until every validator's node has fetched what a proposal asks for, and has said so by itself.
///
/// # Errors
/// When one does not in time.
pub async fn held_by_all(node: &mut NodeProcess, id: u64) -> anyhow::Result<Value> {
    follow(node, id, "every node holds the release", |proposal| {
        proposal["not_holding"].as_array()?.is_empty().then(|| proposal.clone())
    })
    .await
}

/// Puts an artifact among those that a node gives to others, as its operator does who has no mirror.
///
/// # Errors
/// When it cannot be copied.
pub fn give(node: &NodeProcess, artifact: &Path) -> anyhow::Result<()> {
    let (artifact, dest) = (artifact.display().to_string(), node.home.join("artifacts").display().to_string());
    Contract::at(&node.rpc)?.json(&["release", "publish", &artifact, "--dest", &dest]).map(drop)
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

/// As [`propose_release`], and has it held, approved and activated by all running validators.
///
/// # Errors
/// When it is refused, or does not activate.
pub async fn approve_release(network: &mut Network, artifact: &Path) -> anyhow::Result<String> {
    let (hash, id) = propose_release(network, artifact, &[]).await?;
    all_hold(network, id).await?;
    all_yes(network, id)?;
    let status = concluded(&mut network.nodes[0], id).await?;
    ensure!(status == "activated", "the release is {status}");
    Ok(hash)
}

/// Waits until a proposal is carried out or ended otherwise; gives its status.
///
/// # Errors
/// When it does not end in time.
pub async fn concluded(node: &mut NodeProcess, id: u64) -> anyhow::Result<String> {
    follow(node, id, "it is over", |proposal| {
        let status = proposal["status"].as_str()?;
        (!is_live(status)).then(|| status.to_owned())
    })
    .await
}

/// Looks at a proposal after each block until `ask` has an answer: its time is counted in blocks, so it is waited for as long as they come,
/// however slowly.
///
/// # Errors
/// When it is over before `ask` has an answer, or is not although it should be; or no block comes in time.
pub async fn follow<T>(
    node: &mut NodeProcess,
    id: u64,
    what: &str,
    mut ask: impl FnMut(&Value) -> Option<T>,
) -> anyhow::Result<T> {
    loop {
        let (proposal, chain) = node
            .until(&format!("answer about proposal {id}"), async |node| {
                // In this order: by an epoch that is over already the proposal is not late.
                let chain = node.call("chain.status", json!({})).await.ok()?;
                Some((node.call("gov.proposal", json!({ "id": id })).await.ok()?, chain))
            })
            .await?;
        if let Some(answer) = ask(&proposal) {
            return Ok(answer);
        }
        let number =
            |value: &Value| value.as_u64().with_context(|| format!("a number is missing: {proposal}, {chain}"));
        let (epoch, last) = (number(&chain["epoch"])?, number(&proposal["activation_epoch"])?);
        let goes_on = proposal["status"].as_str().is_some_and(is_live) && epoch <= last + EPOCHS_IN_LINE;
        ensure!(goes_on, "proposal {id} does not come to where {what}; in epoch {epoch} it is {proposal}");
        node.reach(number(&chain["height"])? + 1).await?;
    }
}

/// Whether a proposal of this status comes to something yet.
fn is_live(status: &str) -> bool {
    ["open", "passed"].contains(&status)
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
    propose_signed_for(network, Duration::ZERO, signed, more).await
}

/// The same, and voting goes on for at least so long.
///
/// # Errors
/// When the proposal is refused.
pub async fn propose_signed_for(
    network: &Network,
    least: Duration,
    signed: &[String],
    more: &[&str],
) -> anyhow::Result<u64> {
    let signed = signed.iter().map(String::as_str);
    let words: Vec<&str> = std::iter::once("propose-release").chain(signed).chain(more.iter().copied()).collect();
    propose_for(network, least, &words).await
}

/// Carries a release from signatures to activated, described by `words` of `contract release manifest`.
///
/// # Errors
/// When a step is refused, or it is not activated.
pub async fn approve(network: &mut Network, hash: &str, words: &[&str]) -> anyhow::Result<u64> {
    let id = propose_signed(network, &described(network, hash, words)?, &[]).await?;
    all_hold(network, id).await?;
    all_yes(network, id)?;
    let status = concluded(&mut network.nodes[0], id).await?;
    ensure!(status == "activated", "proposal {id} ended as {status}");
    Ok(id)
}
