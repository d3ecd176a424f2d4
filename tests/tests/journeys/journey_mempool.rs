//! Does what strangers gossip keep an honest transaction out? And does a node that was away learn what waits?

use anyhow::Context as _;
use host::config::loopback_multiaddr;
use overlay::{Cost, MessageVerdict, OverlayConfig, OverlayHandle, OverlayMetrics, PublishError};
use parity_scale_codec::Encode as _;
use primitives::{Amount, BuildHash, Height};
use runtime::{Genesis, Lane, Payload, testing};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tests::node::PATIENCE;
use tests::release::Draft;
use tests::wallet::{included, submit};
use tests::{Network, NodeProcess, TestWallet};

/// What each of the accounts that flood has, and offers for each transaction.
const BALANCE: u64 = 1_000_000;

/// The places of a pool, fewer than by default: then a flood of a few thousand fills it.
const PLACES: u32 = 400;

fn genesis_of(network: &Network) -> anyhow::Result<Genesis> {
    Ok(serde_json::from_str(&std::fs::read_to_string(network.nodes[0].home.join("config/genesis.json"))?)?)
}

fn transfer(genesis: &Genesis, from: &TestWallet, nonce: u64, fee: u64) -> Vec<u8> {
    let call = testing::transfer(genesis.staking.bonds[0].account, 1);
    let (chain_id, account, fee) = (genesis.chain.chain_id.clone(), from.account(), Amount(fee));
    let (lane, expires_at) = (Lane::Wallet, Height(1_000));
    Payload { chain_id, account, lane, nonce, expires_at, fee, call }.sign(&from.0).encode()
}

/// A node of nobody's, connected with all of the network, that gossips what it is told to.
async fn stranger(network: &Network, dir: &Path, number: u8) -> anyhow::Result<OverlayHandle> {
    let genesis = genesis_of(network)?;
    let store = dir.join(format!("stranger{number}/peers.json"));
    let (chain, longest) = (&genesis.chain, genesis.chain.limits.max_transaction_bytes as usize);
    let lonely = overlay::testing::on_loopback(store, chain.chain_id.clone(), genesis.hash(), longest);
    let peers = network.nodes.iter().map(|node| loopback_multiaddr(node.port + 3)).collect();
    let config = OverlayConfig { peers, ..lonely };
    let ignores = Arc::new(|_: &[u8]| MessageVerdict::Ignore(Cost::Nothing));
    let overlay = overlay::start(config, [number; 32], ignores, OverlayMetrics::default()).await?;
    let mut status = overlay.watch_status();
    let connected = status.wait_for(|status| status.live_peers.len() == network.nodes.len());
    tokio::time::timeout(PATIENCE, connected).await.context("the stranger is not let in")??;
    Ok(overlay)
}

/// Publishes one after the other, as fast as a connection carries them.
async fn publish(overlay: OverlayHandle, messages: Vec<Vec<u8>>) -> OverlayHandle {
    for message in messages {
        while overlay.publish(message.clone()) == Err(PublishError::QueueFull) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // Faster, and its own queue would drop some.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    overlay
}

async fn received(node: &mut NodeProcess, messages: f64) -> anyhow::Result<()> {
    let metric = "overlay_messages_received_total{backend=\"libp2p\"}";
    let what = format!("{messages} messages");
    node.until(&what, async |node| (node.metric(metric).ok()? >= messages).then_some(())).await
}

#[tokio::test]
async fn h02_four_nodes_under_a_gossiped_flood_include_a_vote_within_two_blocks() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 4, &["--block-time-ms", "1000", "--epoch-length", "100000"])?;
    let flooders: Vec<TestWallet> = (0..60).map(|_| TestWallet::fresh()).collect();
    network.edit_genesis(|genesis| {
        let endow = |who: &TestWallet| json!({ "account": who.account(), "balance": BALANCE.to_string() });
        let balances = genesis["accounts"]["balances"].as_array_mut();
        balances.into_iter().for_each(|all| all.extend(flooders.iter().map(endow)));
    })?;
    for node in &network.nodes {
        node.configure(|config| config.mempool.max_count = PLACES)?;
    }
    network.start_all()?;
    network.reach(2).await?;
    let signers = (0..2).map(|index| TestWallet::open(network.signer(index))).collect::<anyhow::Result<Vec<_>>>()?;
    let roster = genesis_of(&network)?.releases.roster.signers;
    let proposer = TestWallet::open(network.nodes[0].key())?;
    proposer.send(&mut network.nodes[0], &Draft::of(BuildHash([7; 32]), &signers, &roster).call()).await?;

    // Of each account the first transaction is missing, so that no block can take the others, whatever they offer.
    let genesis = genesis_of(&network)?;
    let mut floods = Vec::new();
    for (number, flooders) in (200..).zip(flooders.chunks(20)) {
        let nonces = |who| (1..64).map(move |nonce| (who, nonce));
        let messages = flooders.iter().flat_map(nonces).map(|(who, nonce)| transfer(&genesis, who, nonce, BALANCE));
        let (overlay, messages) = (stranger(&network, dir.path(), number).await?, messages.collect());
        floods.push(tokio::spawn(publish(overlay, messages)));
    }
    for node in &mut network.nodes {
        received(node, f64::from(PLACES + 50)).await?;
        let apart = node.metric("mempool_apart")?;
        assert!(apart <= f64::from(PLACES / 20) && node.metric("mempool_transactions")? < 10.0, "{apart} wait apart");
    }

    let (voter, node) = (TestWallet::open(network.nodes[1].key())?, &mut network.nodes[1]);
    let vote = voter.signed(node, &testing::vote(1, governance::Choice::Yes, None), |_| {}).await?;
    let hash = submit(node, &vote).await.expect("an honest vote is taken");
    let sent_at = node.height().await?;
    let status = included(node, &hash).await?;
    assert_eq!(status["refusal"], serde_json::Value::Null, "{status}");
    let height = status["height"].as_u64().context("no height")?;
    assert!(height <= sent_at + 2, "it was sent at height {sent_at} and is in block {height}");
    for flood in floods {
        flood.await?.stop().await?;
    }
    Ok(())
}

/// Whether all of some transactions wait at a node.
async fn wait_at(node: &NodeProcess, hashes: &[serde_json::Value]) -> Option<()> {
    for hash in hashes {
        let status = node.call("tx.status", json!({ "hash": hash })).await.ok()?;
        (status["status"] == "pending").then_some(())?;
    }
    Some(())
}

#[tokio::test]
async fn h26_a_node_that_returns_has_within_five_seconds_what_waits_at_the_others() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    // After the first block the next is a long time coming, so that what is sent waits.
    let mut network = Network::write(dir.path(), 4, &["--block-time-ms", "120000", "--epoch-length", "100000"])?;
    network.start_all()?;
    network.reach(1).await?;
    network.nodes[3].kill()?;

    let (genesis, holder) = (genesis_of(&network)?, TestWallet::open(network.holder(0))?);
    let mut hashes = Vec::new();
    for nonce in 0..40 {
        let transaction = hex::encode(transfer(&genesis, &holder, nonce, 100_000));
        hashes.push(network.nodes[0].call("tx.submit", json!({ "transaction": transaction })).await?);
    }
    for node in &mut network.nodes[..3] {
        node.until("what was sent", async |node| wait_at(node, &hashes).await).await?;
    }

    let node = &mut network.nodes[3];
    node.start()?;
    node.until("answers", async |node| node.height().await.ok()).await?;
    let returned = Instant::now();
    node.until("what waits", async |node| wait_at(node, &hashes).await).await?;
    let took = returned.elapsed();
    assert!(took < Duration::from_secs(5), "it took {took:?}");
    assert!(node.metric("overlay_transactions_fetched_total{backend=\"libp2p\"}")? >= 40.0);
    for node in &network.nodes {
        assert_eq!(node.height().await?, 1, "{} has taken a block meanwhile", node.rpc);
    }
    Ok(())
}
