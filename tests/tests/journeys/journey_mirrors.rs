//! Where does a release come from when there is no mirror? From a node that holds it, from the time it is voted on.

use anyhow::Context as _;
use builds::{ArtifactStore, Part};
use host::clock;
use host::config::Home;
use overlay::artifacts::{PeerClient, PeerReadError, ServedArtifacts};
use overlay::{
    Cost, MessageVerdict, OverlayConfig, OverlayHandle, OverlayMetrics, PeerRecord, PeerStore, parse_address,
};
use primitives::{BuildHash, ChainId, Digest};
use rand::RngCore as _;
use rpc::error;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tests::network::QUICK;
use tests::node::PATIENCE;
use tests::votes::{all_yes, concluded, propose};
use tests::{Contract, Network, NodeProcess};

/// A release as large as two reads, which its node holds before anyone has proposed it.
fn taken_in(node: &NodeProcess) -> anyhow::Result<(PathBuf, BuildHash, ArtifactStore)> {
    let file = node.home.join("candidate");
    let bytes: Vec<u8> = (0..1_500_000u32).map(|at| (at % 251) as u8).collect();
    std::fs::write(&file, bytes)?;
    let hash = update::release_file::inspect(&file)?.build_hash;
    // While the node runs: each of the two processes has the folder open.
    let store = ArtifactStore::open(&node.home.join("artifacts"))?;
    store.hold(&file, &hash)?;
    Ok((file, hash, store))
}

/// What the overlay of a node calls its network.
async fn network_of(node: &NodeProcess) -> anyhow::Result<(ChainId, Digest)> {
    let status = node.call("chain.status", json!({})).await?;
    let text = |name: &str| status[name].as_str().with_context(|| format!("chain.status has no {name}"));
    let chain_id = ChainId::new(text("chain_id")?).context("no chain id")?;
    Ok((chain_id, text("genesis_hash")?.parse()?))
}

async fn client(node: &NodeProcess) -> anyhow::Result<PeerClient> {
    let (chain_id, genesis) = network_of(node).await?;
    let overlay = parse_address(&format!("127.0.0.1:{}", node.port + 3))?;
    Ok(PeerClient::connect((&chain_id, &genesis), vec![overlay], PATIENCE).await?)
}

/// Proposes a build with two signatures and carries it through; that it is held, the node says by itself.
async fn approve(network: &mut Network, hash: &BuildHash) -> anyhow::Result<()> {
    let (hash, mut signed) = (hash.to_string(), Vec::new());
    for index in 0..2 {
        let key = network.signer(index);
        let contract = Contract::at(&network.nodes[0].rpc)?;
        let said = contract.json(&["release", "sign", "--hash", &hash, "--key", &key])?;
        for name in ["signature", "signer"] {
            signed.push(format!("--{name}"));
            signed.push(said[name].as_str().context("release sign left a field out")?.to_owned());
        }
    }
    let mut arguments = vec!["propose-release", "--hash", &hash, "--threshold", "2"];
    arguments.extend(signed.iter().map(String::as_str));
    let id = propose(network, &arguments).await?;
    all_yes(network, id)?;
    assert_eq!(concluded(&mut network.nodes[0], id).await?, "activated");
    Ok(())
}

#[tokio::test]
async fn h28_a_node_gives_a_release_from_its_proposal_on_and_says_that_it_holds_it() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 1, QUICK)?;
    network.start_all()?;
    network.reach(2).await?;
    let (file, hash, store) = taken_in(&network.nodes[0])?;
    let peers = client(&network.nodes[0]).await?;
    let peer = *peers.peers().await.first().context("the node was not reached")?;
    assert_eq!(peers.read(peer, &hash, Part::Data, 0, 1).await, Err(PeerReadError::NotHeld));
    let listed = network.nodes[0].operate("node.artifacts", json!({})).await?;
    let (known, served) = (&listed[0]["activated_epoch"], &listed[0]["served"]);
    assert_eq!((known, served, &listed[0]["size"]), (&Value::Null, &json!(false), &json!(1_500_000)), "{listed}");

    approve(&mut network, &hash).await?;
    assert_eq!(peers.holders(&hash).await, [(peer, 1_500_000)]);
    let (first, second) = tokio::join!(
        peers.read(peer, &hash, Part::Data, 0, 1 << 20),
        peers.read(peer, &hash, Part::Data, 1 << 20, 1_500_000 - (1 << 20))
    );
    assert!([first?, second?].concat() == std::fs::read(&file)?);
    let tree = builds::tree_size(1_500_000);
    let tree = peers.read(peer, &hash, Part::Tree, 0, u32::try_from(tree)?).await?;
    assert_eq!(tree, store.read(&hash, Part::Tree, 0, tree.len())?);
    let node = &mut network.nodes[0];
    let sent = node.metric("overlay_artifact_bytes_served_total{backend=\"libp2p\"}")?;
    assert_eq!(sent, (1_500_000 + tree.len()) as f64);
    node.until("the count", async |node| {
        (node.metric("overlay_artifact_held{backend=\"libp2p\"}").ok()? == 1.0).then_some(())
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn an_operator_pins_an_artifact_and_the_pin_outlives_the_node() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 1, QUICK)?;
    network.start_all()?;
    network.reach(2).await?;
    let (_, hash, _) = taken_in(&network.nodes[0])?;
    let node = &mut network.nodes[0];
    let nameless = json!({ "hash": hash, "reason": "" });
    let refused = node.ask_as_operator("node.pin_artifact", nameless).await.expect_err("no reason");
    assert_eq!(refused.code, error::INVALID_PARAMS, "{refused:?}");
    let pinned = node.operate("node.pin_artifact", json!({ "hash": hash, "reason": "incident 7" })).await?;
    assert_eq!(pinned, json!({ "hash": hash, "reason": "incident 7", "held": true }));
    node.stop().await?;
    node.start()?;
    node.reach(3).await?;
    let listed = node.operate("node.artifacts", json!({})).await?;
    assert_eq!((&listed[0]["hash"], &listed[0]["pinned"]), (&json!(hash), &json!("incident 7")), "{listed}");
    for was_pinned in [true, false] {
        let unpinned = node.operate("node.unpin_artifact", json!({ "hash": hash })).await?;
        assert_eq!(unpinned, json!({ "hash": hash, "was_pinned": was_pinned }));
    }
    Ok(())
}

/// A stranger's node, which says that it has a build and has something else; and how a store remembers it since today.
async fn hostile(
    dir: &Path,
    number: u8,
    seed: [u8; 32],
    network: &(ChainId, Digest),
    (hash, held): (&BuildHash, &ArtifactStore),
) -> anyhow::Result<(OverlayHandle, PeerRecord)> {
    let folder = dir.join(format!("hostile{number}"));
    std::fs::create_dir(&folder)?;
    let mut data = std::fs::read(held.path_of(hash, Part::Data))?;
    let mut tree = std::fs::read(held.path_of(hash, Part::Tree))?;
    match number % 4 {
        0 => data[700_000] ^= 1,
        1 => tree[0] ^= 1,
        2 => data.truncate(data.len() - 1),
        _ => data.fill(7),
    }
    let store = ArtifactStore::open(&folder)?;
    std::fs::write(store.path_of(hash, Part::Data), data)?;
    std::fs::write(store.path_of(hash, Part::Tree), tree)?;
    let peers = dir.join(format!("hostile{number}.json"));
    let config = OverlayConfig {
        // Each in a subnet of its own, as somebody's who can pay for that.
        listen: ([127, 0, number + 1, 1], 0).into(),
        mirror: Some(ServedArtifacts { store, may_serve: Arc::new(|_| true), max_bytes_per_second: 1 << 30 }),
        ..overlay::testing::on_loopback(peers, network.0.clone(), network.1, 4096)
    };
    let overlay = overlay::start(
        config,
        seed,
        Arc::new(|_: &[u8]| MessageVerdict::Ignore(Cost::Nothing)),
        OverlayMetrics::default(),
    )
    .await?;
    let status = overlay.status();
    let record = remembered(&status.local_peer_id, status.listen.first().context("it listens nowhere")?, 0)?;
    Ok((overlay, record))
}

/// How a store remembers a node that it has known for so many days.
fn remembered(peer_id: &str, address: &str, days: u64) -> anyhow::Result<PeerRecord> {
    let now = clock::now().0 / 1000;
    Ok(PeerRecord {
        peer_id: peer_id.parse()?,
        addresses: vec![parse_address(address)?],
        first_seen: now.saturating_sub(days * 24 * 3600),
        last_seen: now,
        score: 0.0,
        migrated_at: None,
    })
}

/// The seed of an id that comes before another.
fn ground(before: &PeerRecord) -> [u8; 32] {
    let mut seed = [0; 32];
    loop {
        rand::thread_rng().fill_bytes(&mut seed);
        if overlay::peer_id(&seed) < before.peer_id {
            return seed;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn h25_t10_t16_one_honest_peer_among_forty_hostile_ones_gives_the_release() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(&dir.path().join("network"), 1, QUICK)?;
    network.start_all()?;
    network.reach(2).await?;
    let (file, hash, held) = taken_in(&network.nodes[0])?;
    approve(&mut network, &hash).await?;
    let honest = &network.nodes[0];
    let status = honest.call("net.overlay_status", json!({})).await?;
    let honest_id = status["local_peer_id"].as_str().context("a node without an id")?;
    let known_for_long = remembered(honest_id, &format!("127.0.0.1:{}", honest.port + 3), 30)?;

    // Somebody who fetches with a store of peers alone: no mirror, and nobody in the configuration.
    let fetching = network.follower_in("fetching")?;
    fetching.configure(|config| config.overlay.peers.clear())?;
    let mut store = PeerStore::empty(&Home::at(&fetching.home).overlay_peers());
    store.insert(known_for_long.clone());
    let (named, mut strangers) = (network_of(honest).await?, Vec::new());
    for number in 0..40 {
        let (overlay, record) = hostile(dir.path(), number, ground(&known_for_long), &named, (&hash, &held)).await?;
        store.insert(record);
        // Some of them are gone.
        if number % 5 == 4 {
            overlay.stop().await?;
        } else {
            strangers.push(overlay);
        }
    }
    store.save()?;
    assert!(store.peers().take(40).all(|peer| peer.peer_id != known_for_long.peer_id), "it comes last by id");

    let (out, home) = (dir.path().join("out"), fetching.home.display().to_string());
    let (hash, dest) = (hash.to_string(), out.join("release.bin").display().to_string());
    let arguments = ["gov", "fetch-release", "--hash", &hash, "--home", &home, "--dest", &dest, "--json"];
    let contract = Contract::at(&honest.rpc)?;
    let mut tries = 1..=10;
    let said = loop {
        let attempt = tries.next().context("the honest peer was not asked in ten tries")?;
        let output = contract.run(&arguments)?;
        if output.status.success() {
            break String::from_utf8_lossy(&output.stdout).into_owned();
        }
        eprintln!("try {attempt}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(!out.join("release.bin").exists(), "nothing but the release is there");
    };
    assert!(std::fs::read(&dest)? == std::fs::read(&file)?);
    let left = std::fs::read_dir(&out)?.map(|entry| anyhow::Ok(entry?.file_name()));
    assert_eq!(left.collect::<anyhow::Result<Vec<_>>>()?, ["release.bin"]);
    let failed: Vec<&str> = said.lines().filter(|line| line.contains("source_failed")).collect();
    assert!(!failed.is_empty() && failed.iter().all(|line| !line.contains(honest_id)), "{said}");
    drop(strangers);
    Ok(())
}
