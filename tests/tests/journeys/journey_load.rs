//! Do blocks go on, and does memory stay bounded, while strangers hold, ask and ask again as much as they can?

use anyhow::{Context as _, bail, ensure};
use host::config::Config;
use jsonrpsee::core::client::Error as ClientError;
use jsonrpsee::types::ErrorObjectOwned;
use jsonrpsee::ws_client::WsClient;
use light::Anchor;
use primitives::BuildHash;
use releases::queries::Verdict;
use rpc::api::{ChainApiClient as _, GovApiClient as _};
use rpc::error::RATE_LIMITED;
use runtime::Genesis;
use serde_json::{Value, json};
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tests::Network;
use tests::load::{IdleWebSockets, memory_of, require_memory, require_pace, stranger, websocket};
use tests::node::PATIENCE;
use tokio::task::JoinSet;

/// From one block to the next, in milliseconds.
const TARGET_MS: u64 = 1_000;
/// How many blocks have to come under each load.
const BLOCKS: u64 = 10;
/// How many WebSockets come from one address; a node allows some more.
const OF_ONE_ADDRESS: u32 = 10;

/// Four validators; the first of them is the one that strangers come to.
async fn network(dir: &Path, configure: impl FnOnce(&mut Config)) -> anyhow::Result<Network> {
    let mut network = Network::write(dir, 4, &["--block-time-ms", &TARGET_MS.to_string(), "--epoch-length", "100000"])?;
    network.nodes[0].configure(configure)?;
    network.start_all()?;
    network.reach(3).await?;
    Ok(network)
}

/// How a network was before a load.
struct Before {
    height: u64,
    memory: u64,
}

impl Before {
    async fn of(network: &Network) -> anyhow::Result<Self> {
        Ok(Self { height: network.nodes[1].height().await?, memory: memory_of(&network.nodes[0])? })
    }

    /// Waits for the blocks under the load: they come in time, all four validators have them, and the first needs no more memory
    /// than it may.
    async fn require_unharmed(self, network: &mut Network) -> anyhow::Result<()> {
        let to = self.height + BLOCKS;
        network.nodes[1].reach(to).await?;
        for node in &network.nodes {
            // By its operator's way, which no stranger can take.
            let health = node.operate("node.health", json!({})).await?;
            let height = health["height"].as_u64().context("no height")?;
            ensure!(height + 2 >= to, "{} is at height {height}, and others at {to}", node.rpc);
        }
        require_pace(&network.nodes[1], TARGET_MS, self.height, to).await?;
        require_memory(&network.nodes[0], self.memory)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn h14_blocks_go_on_and_others_are_answered_while_300_websockets_are_held_idle() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = network(dir.path(), |_| {}).await?;
    let before = Before::of(&network).await?;
    let from: Vec<Ipv4Addr> = (0..300).map(|number| stranger(number / OF_ONE_ADDRESS)).collect();
    let idle = IdleWebSockets::at(network.nodes[0].port, from);
    let attacked = &mut network.nodes[0];
    // All places are taken then: who comes later takes that of somebody who does nothing.
    attacked.until("the idle WebSockets", async |_| (idle.opened() >= 300 && idle.held() >= 200).then_some(())).await?;
    for _ in 0..BLOCKS {
        let height = attacked.call("chain.status", json!({})).await?["height"].as_u64().context("no height")?;
        attacked.reach(height + 1).await?;
    }
    ensure!(idle.held() >= 200, "only {} are held", idle.held());
    before.require_unharmed(&mut network).await
}

/// What they know who ask for proofs, and what they were answered so far.
struct Proofs {
    build: BuildHash,
    anchor: Anchor,
    is_over: AtomicBool,
    granted: AtomicUsize,
    refused: AtomicUsize,
}

/// The codes of a node's bounds: whoever meets one may try again.
const BOUNDS: RangeInclusive<i32> = -32019..=-32006;

/// Asks for a proof over and over, also once there is one, until it is over.
async fn ask_for_proofs(client: Arc<WsClient>, proofs: Arc<Proofs>) -> anyhow::Result<()> {
    let mut has_one = false;
    while !has_one || !proofs.is_over.load(Ordering::Relaxed) {
        match client.release_proof(proofs.build, None).await {
            Ok(ticket) => {
                let verdict = ticket.verify(&proofs.anchor, &proofs.build)?.verdict();
                ensure!(verdict == Verdict::Approved, "{verdict:?}");
                has_one = true;
                proofs.granted.fetch_add(1, Ordering::Relaxed);
            }
            Err(ClientError::Call(refused)) if BOUNDS.contains(&refused.code()) => {
                proofs.refused.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(250)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn h07_blocks_go_on_while_a_thousand_proofs_are_asked_for_at_once_and_everybody_gets_one() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = network(dir.path(), |_| {}).await?;
    let version = network.nodes[0].call("node.version", json!({})).await?;
    let genesis = std::fs::read_to_string(network.nodes[0].home.join("config/genesis.json"))?;
    let proofs = Arc::new(Proofs {
        build: serde_json::from_value(version["build_bin_hash"].clone())?,
        anchor: Anchor::genesis(&serde_json::from_str::<Genesis>(&genesis)?),
        is_over: AtomicBool::new(false),
        granted: AtomicUsize::new(0),
        refused: AtomicUsize::new(0),
    });
    let before = Before::of(&network).await?;
    let mut asking = JoinSet::new();
    // As many connections as a node has places for, a few left; on each, four ask at the same time.
    for number in 0..250 {
        let client = Arc::new(websocket(stranger(number / OF_ONE_ADDRESS), network.nodes[0].port).await?);
        for _ in 0..4 {
            asking.spawn(ask_for_proofs(client.clone(), proofs.clone()));
        }
    }
    before.require_unharmed(&mut network).await?;
    proofs.is_over.store(true, Ordering::Relaxed);
    let all = async {
        while let Some(asked) = asking.join_next().await {
            asked??;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(PATIENCE, all).await.context("somebody has got no proof")??;
    println!("{:?} proofs were given, and {:?} requests told to try again", proofs.granted, proofs.refused);
    Ok(())
}

/// The requests a second that the first validator allows one address, and twice as many at once.
const ALLOWED: u64 = 50;
/// The connections over which one address asks for more, and how often each of them does: a little more than ten times as often as
/// is allowed, which makes up for what is allowed at once.
const CONNECTIONS: usize = 10;
const BEAT: Duration = Duration::from_millis(16);

#[derive(Default)]
struct Asked {
    granted: AtomicU64,
    refused: AtomicU64,
}

impl Asked {
    fn numbers(&self) -> (u64, u64) {
        (self.granted.load(Ordering::Relaxed), self.refused.load(Ordering::Relaxed))
    }
}

/// That the address asks too often, and when it may ask again.
fn is_paced(refused: &ErrorObjectOwned) -> bool {
    let data = refused.data().and_then(|data| serde_json::from_str::<Value>(data.get()).ok()).unwrap_or_default();
    refused.code() == RATE_LIMITED && data["retry_after_ms"].is_u64()
}

/// Asks at each beat, whatever it is answered; ends only when it is answered otherwise than it should be.
async fn ask_at_each_beat(client: WsClient, asked: Arc<Asked>) -> anyhow::Error {
    let mut beats = tokio::time::interval(BEAT);
    loop {
        beats.tick().await;
        match client.head().await {
            Ok(_) => asked.granted.fetch_add(1, Ordering::Relaxed),
            Err(ClientError::Call(refused)) if is_paced(&refused) => asked.refused.fetch_add(1, Ordering::Relaxed),
            Err(error) => return error.into(),
        };
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn h07_ten_times_the_requests_that_are_allowed_are_told_to_wait_and_blocks_go_on() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let allow = |config: &mut Config| config.rpc.requests_per_second = u32::try_from(ALLOWED).unwrap_or(u32::MAX);
    let mut network = network(dir.path(), allow).await?;
    let before = Before::of(&network).await?;
    let (asked, began, port) = (Arc::new(Asked::default()), Instant::now(), network.nodes[0].port);
    let mut asking = JoinSet::new();
    for _ in 0..CONNECTIONS {
        asking.spawn(ask_at_each_beat(websocket(stranger(0), port).await?, asked.clone()));
    }
    before.require_unharmed(&mut network).await?;
    let (granted, refused) = network.nodes[1]
        .until("ten times as many requests as are allowed", async |_| {
            let (granted, refused) = asked.numbers();
            (granted > 0 && refused >= 9 * granted).then_some((granted, refused))
        })
        .await?;
    // Another address has its own rate.
    network.nodes[0].call("chain.head", json!({})).await?;
    if let Some(ended) = asking.try_join_next() {
        bail!("a connection ended: {:#}", ended?);
    }
    asking.shutdown().await;
    let (granted_in_all, _) = asked.numbers();
    let most = ALLOWED * (began.elapsed().as_secs() + 1) + 2 * ALLOWED;
    ensure!(granted_in_all <= most, "{granted_in_all} requests were answered, and {most} are allowed");
    println!("{granted} requests were answered, and {refused} told to wait");

    // Who waits is answered again.
    let client = websocket(stranger(0), port).await?;
    network.nodes[0].until("an answer for who has waited", async |_| client.head().await.ok()).await?;
    Ok(())
}
