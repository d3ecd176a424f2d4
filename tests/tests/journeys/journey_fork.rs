//! What becomes of two networks that the same validators decide, once a node of one meets a node of the other?

use anyhow::{Context as _, ensure};
use host::config::{Config, loopback, loopback_multiaddr};
use serde_json::{Value, json};
use tests::network::{QUICK, consensus_peer, free_base_port};
use tests::{Contract, Network, NodeProcess};

/// The same validators once more, on nodes that know nothing of the others.
fn double_of(network: &Network) -> anyhow::Result<Network> {
    let dir = network.dir.join("double");
    let base = free_base_port(u16::try_from(network.nodes.len())?)?;
    let ports: Vec<u16> = (0..).step_by(10).map(|offset: u16| base + offset).take(network.nodes.len()).collect();
    let keys: Vec<_> = ports.iter().map(|_| host::keys::generate()).collect();
    let peers = keys.iter().zip(&ports).map(|(key, port)| consensus_peer(*port, key));
    let peers = peers.collect::<anyhow::Result<Vec<_>>>()?;
    let mut nodes = Vec::new();
    for ((node, port), key) in network.nodes.iter().zip(&ports).zip(&keys) {
        let home = dir.join(port.to_string());
        std::fs::create_dir_all(home.join("config"))?;
        for file in ["config/genesis.json", "config/validator.key"] {
            std::fs::copy(node.home.join(file), home.join(file))?;
        }
        host::keys::write(&home.join("config/node.key"), key)?;
        let mut config = Config::default();
        config.rpc.listen = loopback(*port);
        config.metrics.listen = loopback(port + 1);
        config.consensus.listen = loopback_multiaddr(port + 2);
        config.overlay.listen = loopback_multiaddr(port + 3);
        config.web.listen = loopback(port + 4);
        config.consensus.peers.clone_from(&peers);
        config.overlay.peers = ports.iter().map(|port| loopback_multiaddr(port + 3)).collect();
        std::fs::write(home.join("config/config.toml"), config.to_text())?;
        nodes.push(NodeProcess::new(&node.executable, home, *port, node.account.clone()));
    }
    Ok(Network { dir, nodes })
}

/// Waits until a node raises the alarm.
async fn alarm(node: &mut NodeProcess) -> anyhow::Result<()> {
    let health = node
        .until("alarm", async |node| {
            let health = node.operate("node.health", json!({})).await.ok()?;
            health["warnings"].to_string().contains("the network has forked").then_some(health)
        })
        .await?;
    ensure!(node.metric("chain_forked")? == 1.0, "{health} without the metric");
    ensure!(node.home.join("evidence/fork.json").exists(), "{health} without the proof");
    Ok(())
}

/// Whether a node signs nothing more because another one has its key, as both have here once they have heard of each other, and holds
/// the proof against a validator, for whoever goes on.
async fn holds_the_proof_for_others(node: &NodeProcess, account: &str) -> bool {
    let health = node.operate("node.health", json!({})).await.unwrap_or_default();
    let proofs = std::fs::read_dir(node.home.join("evidence")).into_iter().flatten().flatten();
    let is_proof = |name: &str| name.ends_with(&format!("-{account}.json"));
    let has_proof = proofs.into_iter().any(|file| file.file_name().to_str().is_some_and(is_proof));
    health["warnings"].to_string().contains("another node has this node's validator key") && has_proof
}

/// Whether a validator was punished on the chain of a node.
async fn is_jailed(node: &NodeProcess, account: &str) -> bool {
    let view: Option<Value> = node.call("account.get", json!({ "account": account })).await.ok();
    view.is_some_and(|view| view["jailed_until"].is_number())
}

#[tokio::test]
async fn t30_two_networks_of_the_same_validators_alarm_when_they_meet_and_punish_them() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 2, QUICK)?;
    network.hurry()?;
    let mut double = double_of(&network)?;
    network.start_all()?;
    double.start_all()?;
    network.reach(6).await?;
    double.reach(6).await?;
    for node in network.nodes.iter().chain(&double.nodes) {
        ensure!(node.metric("chain_forked")? == 0.0, "{} alarms before they have met", node.rpc);
    }

    let meeting = format!("127.0.0.1:{}", double.nodes[0].port + 3);
    network.nodes[0].operate("net.dial", json!({ "address": meeting })).await?;
    for node in network.nodes.iter_mut().chain(&mut double.nodes) {
        alarm(node).await?;
    }

    let hash = network.nodes[0].call("node.version", json!({})).await?["build_bin_hash"].clone();
    let hash = hash.as_str().context("a build without a hash")?;
    let home = network.nodes[0].home.display().to_string();
    let fetch = ["gov", "fetch-release", "--hash", hash, "--no-peers", "--home", &home, "--install"];
    let (code, said) = Contract::at(&network.nodes[0].rpc)?.refused(&fetch)?;
    ensure!(code == Some(1) && said.contains("(E_FORK)"), "{said}");

    // Without anybody's help each chain punishes, or its nodes hold the proof: the keys are those of the other chain too, and who hears
    // its own key answer before the next block signs nothing more (`journey_twins`).
    let accounts: Vec<String> = network.nodes.iter().map(|node| node.account.clone()).collect();
    for node in [&mut network.nodes[0], &mut double.nodes[0]] {
        node.until("punishment", async |node| {
            for account in &accounts {
                if is_jailed(node, account).await || holds_the_proof_for_others(node, account).await {
                    return Some(());
                }
            }
            None
        })
        .await?;
    }

    // It is over when the operator says so, and nobody shows the other chain any more.
    for node in &mut double.nodes {
        node.kill()?;
    }
    std::fs::remove_file(network.nodes[0].home.join("evidence/fork.json"))?;
    network.nodes[0]
        .until("end of the alarm", async |node| (node.metric("chain_forked").ok()? == 0.0).then_some(()))
        .await?;
    Ok(())
}
