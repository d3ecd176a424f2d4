//! Does a validator's key sign in one place only, when its home was copied, and when two nodes have it?

use anyhow::{Context as _, ensure};
use host::config::{Home, loopback, loopback_multiaddr};
use serde_json::json;
use std::process::Command;
use tests::network::{QUICK, free_base_port};
use tests::{Network, NodeProcess};

/// What a node warns its operator of, in one text.
async fn warnings(node: &NodeProcess) -> Option<String> {
    Some(node.operate("node.health", json!({})).await.ok()?["warnings"].to_string())
}

/// Waits until a node warns of something.
async fn warns(node: &mut NodeProcess, of: &str) -> anyhow::Result<()> {
    node.until(of, async |node| warnings(node).await?.contains(of).then_some(())).await
}

/// Waits until the key of a node signs.
async fn signs(node: &mut NodeProcess) -> anyhow::Result<()> {
    node.until("signing", async |node| (node.metric("validator_signs").ok()? == 1.0).then_some(())).await
}

/// That nobody is known to have contradicted itself.
fn is_clean(node: &NodeProcess) -> anyhow::Result<()> {
    let waiting = std::fs::read_dir(node.home.join("evidence")).map_or(0, Iterator::count);
    ensure!(waiting == 0 && node.metric("chain_offences_total")? == 0.0, "evidence in {}", node.home.display());
    Ok(())
}

/// A copy of a validator's home with other ports and another node key.
async fn twin_of(network: &mut Network, index: usize) -> anyhow::Result<NodeProcess> {
    let (home, port) = (network.dir.join("twin"), free_base_port(1)?);
    let node = &mut network.nodes[index];
    // A store that is written to meanwhile is no copy.
    node.stop().await?;
    let copied = Command::new("cp").arg("-r").args([&node.home, &home]).status()?;
    ensure!(copied.success());
    node.start()?;
    signs(node).await?;
    let key = home.join("config/node.key");
    std::fs::remove_file(&key)?;
    host::keys::write(&key, &host::keys::generate())?;
    // The other node's key has vouched for it.
    std::fs::remove_file(Home::at(&home).anchor())?;
    let twin = NodeProcess::new(&node.executable, home, port, node.account.clone());
    twin.configure(|config| {
        config.rpc.listen = loopback(port);
        config.metrics.listen = loopback(port + 1);
        config.consensus.listen = loopback_multiaddr(port + 2);
        config.overlay.listen = loopback_multiaddr(port + 3);
    })?;
    Ok(twin)
}

/// Lets a validator go on from a copy of its home, made in some way before the chain stood still over it.
async fn goes_on_from_a_copy(network: &mut Network, way: &str) -> anyhow::Result<()> {
    for node in &mut network.nodes {
        node.stop().await?;
    }
    let (home, copy) = (network.nodes[0].home.clone(), network.dir.join("copy"));
    let copied = Command::new("sh").args(["-c", &format!("{way} {}/ {}", home.display(), copy.display())]).status()?;
    ensure!(copied.success(), "{way}: {copied}; scripts/setup.sh test installs what is missing");
    let log = network.nodes[0].log();
    let (before, stood) =
        (std::fs::read_to_string(&log)?.len(), std::fs::read_to_string(network.nodes[1].log())?.len());
    for node in &mut network.nodes[..2] {
        node.start()?;
    }
    // Two of four decide nothing. The other one misses those alone that it hears no vote of.
    let (account, other) = (network.nodes[0].account.clone(), network.nodes[1].log());
    network.nodes[1]
        .until("a vote of the first", async |_| {
            let said = std::fs::read_to_string(&other).ok()?;
            let misses = said.lines().rfind(|line| line.contains("the chain stands still"))?;
            (!misses.contains(&account) && said.rfind(misses)? > stood).then_some(())
        })
        .await?;
    network.nodes[0].kill()?;
    std::fs::remove_dir_all(&home)?;
    std::fs::rename(&copy, &home)?;
    for index in [0, 2, 3] {
        network.nodes[index].start()?;
    }
    // What it is just now may have passed before it is asked; what it has said stays.
    let said = || std::fs::read_to_string(&log).ok()?.get(before..).map(str::to_owned);
    let waits = "this home is a copy";
    network.nodes[0].until("waiting", async |_| said()?.contains(waits).then_some(())).await?;
    signs(&mut network.nodes[0]).await?;
    let said = said().context("its log is gone")?;
    let (waits, again) = (said.rfind(waits), said.rfind("key signs again"));
    ensure!(waits.is_some() && waits < again, "{way}: it signed before it was safe");
    network.nodes.iter().try_for_each(is_clean).with_context(|| format!("after {way}"))
}

#[tokio::test]
async fn o25_o26_a_copied_home_waits_until_it_is_safe_and_nodes_with_one_key_stop_signing_and_say_so()
-> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 4, QUICK)?;
    network.hurry()?;
    network.edit_genesis(|genesis| genesis["chain"]["consensus"]["max_clock_drift_ms"] = 500.into())?;
    network.start_all()?;
    network.reach(3).await?;
    // The other ways, and a snapshot, are in `store::origin`: what they do to a home is the same.
    for way in ["cp -r", "rsync -a"] {
        goes_on_from_a_copy(&mut network, way).await?;
    }

    // A plain restart of all at once: if any two of them waited, all would.
    for node in &mut network.nodes {
        node.stop().await?;
    }
    network.start_all()?;
    for node in &mut network.nodes {
        signs(node).await?;
    }
    let height = network.nodes[0].height().await?;
    network.reach(height + 3).await?;

    // A copy of the last validator's home, beside it, under a node key that nobody has named.
    let mut twin = twin_of(&mut network, 3).await?;
    twin.start()?;
    warns(&mut twin, "another node has this node's validator key").await?;
    warns(&mut network.nodes[3], "another node has this node's validator key").await?;
    ensure!(network.nodes[3].metric("validator_key_elsewhere")? == 1.0);
    let height = network.nodes[0].height().await?;
    network.reach(height + 25).await?;
    network.nodes.iter().try_for_each(is_clean)?;

    // It outlives a restart, and ends by the operator's word.
    let last = &mut network.nodes[3];
    last.stop().await?;
    last.start()?;
    warns(last, "another node has this node's validator key").await?;
    twin.kill()?;
    last.stop().await?;
    let resume = |more: &[&str]| {
        let home = last.home.display().to_string();
        Command::new(&last.executable).args(["signing", "resume", "--home", &home]).args(more).output()
    };
    ensure!(resume(&[])?.status.code() == Some(2), "the flag says what is promised");
    ensure!(resume(&["--no-later-state"])?.status.success());
    last.start()?;
    signs(last).await?;
    let warned = last.until("health", async |node| warnings(node).await).await?;
    ensure!(!warned.contains("another node"), "{warned}");
    let height = network.nodes[0].height().await?;
    network.reach(height + 5).await?;
    network.nodes.iter().try_for_each(is_clean).context("after the operator's word")
}
