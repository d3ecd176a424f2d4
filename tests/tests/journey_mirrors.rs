//! Where does a release come from when there is no mirror? From a node that holds it, from the time it is voted on.

use anyhow::Context as _;
use artifacts::{ArtifactStore, Part};
use overlay::artifacts::{PeerClient, PeerReadError};
use overlay::parse_address;
use primitives::{BuildHash, Digest, Text};
use rpc::error;
use serde_json::{Value, json};
use std::path::PathBuf;
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
    let store = ArtifactStore::open(&node.home.join("releases/artifacts"))?;
    store.hold(&file, &hash)?;
    Ok((file, hash, store))
}

async fn client(node: &NodeProcess) -> anyhow::Result<PeerClient> {
    let status = node.call("chain.status", json!({})).await?;
    let text = |name: &str| status[name].as_str().with_context(|| format!("chain.status has no {name}"));
    let chain_id = Text::new(text("chain_id")?).context("no chain id")?;
    let genesis: Digest = text("genesis_hash")?.parse()?;
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
    let listed = network.nodes[0].call("node.artifacts", json!({})).await?;
    let (known, served) = (&listed[0]["activated_epoch"], &listed[0]["served"]);
    assert_eq!((known, served, &listed[0]["size"]), (&Value::Null, &json!(false), &json!(1_500_000)), "{listed}");

    approve(&mut network, &hash).await?;
    assert_eq!(peers.holders(&hash).await, [(peer, 1_500_000)]);
    let (first, second) = tokio::join!(
        peers.read(peer, &hash, Part::Data, 0, 1 << 20),
        peers.read(peer, &hash, Part::Data, 1 << 20, 1_500_000 - (1 << 20))
    );
    assert!([first?, second?].concat() == std::fs::read(&file)?);
    let tree = artifacts::tree_size(1_500_000);
    let tree = peers.read(peer, &hash, Part::Tree, 0, u32::try_from(tree)?).await?;
    assert_eq!(tree, store.read_tree(&hash, 0, tree.len())?);
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
    let refused = node.ask("node.pin_artifact", json!({ "hash": hash, "reason": "" })).await.expect_err("no reason");
    assert_eq!(refused.code, error::INVALID_PARAMS, "{refused:?}");
    let pinned = node.call("node.pin_artifact", json!({ "hash": hash, "reason": "incident 7" })).await?;
    assert_eq!(pinned, json!({ "hash": hash, "reason": "incident 7", "held": true }));
    node.stop().await?;
    node.start()?;
    node.reach(3).await?;
    let listed = node.call("node.artifacts", json!({})).await?;
    assert_eq!((&listed[0]["hash"], &listed[0]["pinned"]), (&json!(hash), &json!("incident 7")), "{listed}");
    for was_pinned in [true, false] {
        let unpinned = node.call("node.unpin_artifact", json!({ "hash": hash })).await?;
        assert_eq!(unpinned, json!({ "hash": hash, "was_pinned": was_pinned }));
    }
    Ok(())
}
