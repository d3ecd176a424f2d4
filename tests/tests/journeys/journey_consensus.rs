//! Do validators agree, whoever dies and whenever?

use anyhow::Context as _;
use consensus::{Keypair, flood::Flood};
use host::config::loopback_multiaddr;
use jsonrpsee::core::{
    client::ClientT,
    params::{BatchRequestBuilder, ObjectParams},
};
use parity_scale_codec::Encode;
use primitives::{AccountId, Amount, Height};
use rand::{Rng, SeedableRng, rngs::StdRng};
use runtime::{Call, Genesis, Lane, Payload, Transaction};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use tests::network::{QUICK, free_base_port};
use tests::{Network, NodeProcess, TestWallet, chain};

/// Four validators whose rounds time out soon; any three of them have more than two thirds of the stake, no two have.
async fn four(dir: &tempfile::TempDir) -> anyhow::Result<Network> {
    let mut network = Network::write(dir.path(), 4, QUICK)?;
    network.hurry()?;
    network.start_all()?;
    network.reach(2).await?;
    Ok(network)
}

/// Compares all nodes at all heights, then stops them, and lets each look at its own store.
async fn end_in_agreement(network: &mut Network) -> anyhow::Result<()> {
    let nodes: Vec<&NodeProcess> = network.nodes.iter().collect();
    let compared = chain::same(&nodes).await?;
    println!("{} nodes agree on {compared} blocks", nodes.len());
    for node in &mut network.nodes {
        assert_eq!(node.stop().await?.code(), Some(0), "{}", node.last_words());
        let (code, report) = node.check()?;
        assert_eq!(code, Some(0), "{report}");
    }
    Ok(())
}

/// When a node is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// While it decides blocks with the others.
    Deciding,
    /// So many milliseconds after its start: before, while or after it opens its store.
    Starting(u64),
    /// Once it has said so many lines after its start: while it opens its ports, meets the others and takes part again.
    Speaking(usize),
    /// While it takes the blocks it has missed.
    CatchingUp,
}

#[tokio::test]
async fn a_validator_killed_and_restarted_at_different_moments_never_forks_the_chain() -> anyhow::Result<()> {
    let seed = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let dir = tempfile::tempdir()?;
    let mut network = four(&dir).await?;
    let moments = [
        Moment::Deciding,
        Moment::Starting(random.gen_range(1..40)),
        Moment::CatchingUp,
        Moment::Deciding,
        Moment::Speaking(random.gen_range(1..8)),
        Moment::Deciding,
    ];
    for (round, moment) in moments.into_iter().enumerate() {
        let victim = random.gen_range(0..4);
        println!("round {round}: node{victim} dies, {moment:?}");
        die(&mut network, victim, moment).await?;
        let asked = &mut network.nodes[(victim + 1) % 4];
        let height = asked.height().await?;
        let height = asked.reach(height + 2).await?;
        let node = &mut network.nodes[victim];
        node.start()?;
        node.reach(height).await?;
    }
    end_in_agreement(&mut network).await
}

/// More transfers wait than a block has room for, and blocks are filled to the byte.
#[tokio::test]
async fn h01_full_blocks_are_decided_in_round_0_and_taken_by_a_follower_of_one_validator() -> anyhow::Result<()> {
    for validators in [4, 1] {
        let dir = tempfile::tempdir()?;
        let mut network = Network::write(dir.path(), validators, QUICK)?;
        let senders: Vec<TestWallet> = (0..7).map(|_| TestWallet::fresh()).collect();
        let length = transfer(&genesis_of(&network)?, &senders[0], 0).encode().len();
        let full = 40 * length;
        network.edit_genesis(|genesis| {
            genesis["chain"]["limits"]["max_block_bytes"] = full.into();
            genesis["chain"]["limits"]["max_transaction_bytes"] = 4_096.into();
            // The proof of an offence must fit.
            genesis["staking"]["params"]["max_validators"] = 8.into();
            for sender in &senders {
                let endowment = json!({ "account": sender.account(), "balance": "1000000000" });
                genesis["accounts"]["balances"].as_array_mut().into_iter().for_each(|all| all.push(endowment.clone()));
            }
        })?;
        let genesis = genesis_of(&network)?;
        network.start_all()?;
        let mut follower = network.follower()?;
        follower.start()?;
        network.reach(2).await?;
        let client = network.nodes[0].client()?;
        for (sender, nonces) in senders.iter().flat_map(|sender| [(sender, 0..30), (sender, 30..60)]) {
            let mut batch = BatchRequestBuilder::new();
            for nonce in nonces {
                let transaction = format!("0x{}", hex::encode(transfer(&genesis, sender, nonce).encode()));
                let mut named = ObjectParams::new();
                named.insert("transaction", transaction)?;
                batch.insert("tx.submit", named)?;
            }
            client.batch_request::<Value>(batch).await?;
        }
        let last = senders[6].account();
        let taken = async |node: &NodeProcess| {
            let account = node.call("account.get", json!({ "account": last })).await.ok()?;
            (account["nonce"] == 60).then_some(())
        };
        network.nodes[0].until("all transfers in blocks", taken).await?;
        follower.until("all transfers in blocks", taken).await?;
        let mut rounds = Vec::new();
        for height in 1..=follower.height().await? {
            let block = follower.call("chain.block", json!({ "height": height })).await?;
            let count = block["transactions"].as_array().map_or(0, Vec::len);
            if count * length == full {
                let certificate = follower.call("chain.certificate", json!({ "height": height })).await?;
                rounds.push(certificate["round"].clone());
            }
        }
        println!(
            "{validators} validators: the blocks that were full to the byte were decided in the rounds {rounds:?}"
        );
        assert!(rounds.contains(&json!(0)), "{rounds:?}");
        assert_eq!(network.nodes[0].metric("chain_blocks_refused_total")?, 0.0);
    }
    Ok(())
}

fn genesis_of(network: &Network) -> anyhow::Result<Genesis> {
    Ok(serde_json::from_str(&std::fs::read_to_string(network.nodes[0].home.join("config/genesis.json"))?)?)
}

fn transfer(genesis: &Genesis, from: &TestWallet, nonce: u64) -> Transaction {
    let call = Call::Accounts(accounts::Call::Transfer { to: genesis.staking.bonds[0].account, amount: Amount(1) });
    let chain_id = genesis.chain.chain_id.clone();
    let (account, expires_at, fee) = (from.account(), Height(1_000), Amount(100_000));
    Payload { chain_id, account, lane: Lane::Wallet, nonce, expires_at, fee, call }.sign(&from.0)
}

async fn die(network: &mut Network, victim: usize, moment: Moment) -> anyhow::Result<()> {
    let node = &mut network.nodes[victim];
    match moment {
        Moment::Deciding => {
            let height = node.height().await?;
            node.reach(height + 1).await?;
        }
        Moment::Starting(after) => {
            node.kill()?;
            node.start()?;
            // The time is the point: a store is opened before the node says its first word, so no event falls into that, and
            // every event would draw the same moment again.
            tokio::time::sleep(Duration::from_millis(after)).await;
        }
        Moment::Speaking(lines) => {
            node.kill()?;
            let before = lines_of(node);
            node.start()?;
            node.until(&format!("{lines} lines in its log"), async |node| {
                (lines_of(node) >= before + lines).then_some(())
            })
            .await?;
        }
        Moment::CatchingUp => {
            node.kill()?;
            let asked = &mut network.nodes[(victim + 1) % 4];
            let height = asked.height().await?;
            asked.reach(height + 10).await?;
            let node = &mut network.nodes[victim];
            node.start()?;
            node.reach(height + 1).await?;
        }
    }
    network.nodes[victim].kill()
}

/// How many lines a node has said so far.
fn lines_of(node: &NodeProcess) -> usize {
    std::fs::read_to_string(node.log()).unwrap_or_default().lines().count()
}

#[tokio::test]
async fn three_of_four_go_on_and_two_of_four_halt_until_one_returns() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = four(&dir).await?;
    network.nodes[3].kill()?;
    let height = network.nodes[0].height().await?;
    network.nodes[0].reach(height + 6).await?;

    network.nodes[2].kill()?;
    let halted = halted_height(&mut network.nodes[..2]).await?;
    for node in &network.nodes[..2] {
        let health = node.operate("node.health", serde_json::json!({})).await?;
        assert_eq!(health["height"], halted, "a halted node still answers: {health}");
    }

    network.nodes[2].start()?;
    network.nodes[0].reach(halted + 3).await?;
    network.nodes[3].start()?;
    let height = network.nodes[0].height().await?;
    network.reach(height + 2).await?;
    end_in_agreement(&mut network).await
}

/// How often a node sends its votes for a height again before that height counts as one that it cannot decide.
const IN_VAIN: u64 = 3;

/// The height at which nodes stand still. A network that decides goes on to the next height within a block time. One that
/// cannot sends its votes again each time that all timeouts of a round are over, and counts that, which is what this waits for.
async fn halted_height(nodes: &mut [NodeProcess]) -> anyhow::Result<u64> {
    let mut heights = Vec::new();
    for node in nodes.iter_mut() {
        // What was decided by three before the kill may still arrive; then the count begins anew.
        let mut since: Option<(u64, u64)> = None;
        let halted = node.until("standstill", async |node| {
            let (height, sent) = (node.height().await.ok()?, sent_again(node)?);
            match since {
                Some((stood, before)) if stood == height => (sent >= before + IN_VAIN).then_some(height),
                _ => {
                    since = Some((height, sent));
                    None
                }
            }
        });
        heights.push(halted.await?);
    }
    for (node, halted) in nodes.iter().zip(&heights) {
        assert_eq!(node.height().await?, *halted, "half of the stake decided blocks");
    }
    assert!(heights.iter().all(|height| height.abs_diff(heights[0]) <= 1), "{heights:?}");
    Ok(heights.into_iter().min().unwrap_or_default())
}

/// How often a node has sent its votes again because nothing came of them.
fn sent_again(node: &NodeProcess) -> Option<u64> {
    let text = tests::http::get(&node.metrics).ok()?.body;
    let line = text.lines().find(|line| line.starts_with("malachitebft_core_consensus_rebroadcast_timeouts_total"))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[tokio::test]
async fn a_late_joiner_and_a_node_that_was_down_for_many_blocks_take_the_chain_from_the_others() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 4, QUICK)?;
    network.hurry()?;
    for node in &mut network.nodes[..3] {
        node.start()?;
    }
    let height = network.nodes[0].reach(20).await?;

    // A validator whose database is empty, and a node that only follows.
    network.nodes[3].start()?;
    let follower = network.follower()?;
    network.nodes.push(follower);
    network.nodes[4].start()?;
    network.nodes[3].reach(height).await?;
    network.nodes[4].reach(height).await?;

    network.nodes[1].kill()?;
    network.nodes[4].kill()?;
    let height = network.nodes[0].height().await?;
    let height = network.nodes[0].reach(height + 30).await?;
    for index in [1, 4] {
        network.nodes[index].start()?;
        network.nodes[index].reach(height).await?;
    }
    // The late joiner also votes: the others need it while one of them is down.
    network.nodes[2].kill()?;
    let height = network.nodes[0].height().await?;
    network.nodes[0].reach(height + 3).await?;
    network.nodes[2].start()?;
    network.reach(height + 3).await?;
    end_in_agreement(&mut network).await
}

/// Whether a node is connected with a peer in consensus.
async fn is_connected(node: &NodeProcess, peer: &str) -> anyhow::Result<bool> {
    let peers = node.call("node.peers", json!({})).await?;
    let peers = peers.as_array().context("no list of peers")?;
    Ok(peers.iter().any(|other| other["network"] == "consensus" && other["peer_id"] == peer))
}

/// Four validators, and a peer that their operators took for a friend.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn h16_a_peer_that_publishes_as_fast_as_it_can_is_out_and_blocks_come_as_before() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 4, &["--block-time-ms", "500", "--epoch-length", "5"])?;
    network.start_all()?;
    network.reach(1).await?;
    let genesis = genesis_of(&network)?;
    let key = Keypair::ed25519_from_bytes(network.spare()?.seed())?;
    let hostile = key.public().to_peer_id().to_base58();
    let named: BTreeSet<AccountId> = genesis.staking.bonds.iter().map(|bond| bond.validator).collect();
    let named = named.into_iter().collect();
    let listen = loopback_multiaddr(free_base_port(1)?);
    let flood = Flood::start(genesis.chain.chain_id.clone(), key, listen, network.consensus_peers()?, named).await?;
    network.nodes[0]
        .until("the hostile peer", async |node| is_connected(node, &hostile).await.ok()?.then_some(()))
        .await?;

    // It always names the block that is being decided, until everybody has sent it away.
    let (began, first) = (Instant::now(), network.nodes[0].height().await?);
    let out = |node: &NodeProcess| node.metric("consensus_peers_out_total").is_ok_and(|count| count >= 1.0);
    while !network.nodes.iter().all(out) {
        let height = network.nodes[0].height().await?;
        assert!(height < first + 150, "nobody sends it away");
        flood.names(Height(height + 1));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let last = network.nodes[0].height().await?;
    let last = network.nodes[0].reach(last.max(first + 20) + 10).await?;
    let each = began.elapsed() / u32::try_from(last - first)?;
    println!("{} forgeries; a block every {each:.0?} over {} blocks", flood.published(), last - first);
    assert!(each < Duration::from_millis(2 * genesis.chain.consensus.block_time_ms), "{each:?}");
    for node in &mut network.nodes {
        assert_eq!(node.metric("consensus_announcements_forged_total")?, 3.0);
        assert_eq!(node.metric("consensus_peers_out_total")?, 1.0, "and nobody else");
        node.until("no hostile peer", async |node| (!is_connected(node, &hostile).await.ok()?).then_some(())).await?;
    }
    flood.stop();
    end_in_agreement(&mut network).await
}

#[tokio::test]
async fn a_power_cut_of_all_validators_at_once_loses_no_decided_block() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = four(&dir).await?;
    for _ in 0..3 {
        let height = network.nodes[0].height().await?;
        let height = network.nodes[0].reach(height + 2).await?;
        let decided = chain::blocks(&network.nodes[0], height).await?;
        for node in &mut network.nodes {
            node.kill()?;
        }
        network.start_all()?;
        network.reach(height + 2).await?;
        for node in &network.nodes {
            assert_eq!(chain::blocks(node, height).await?, decided, "{} has other blocks than before", node.rpc);
        }
    }
    end_in_agreement(&mut network).await
}
