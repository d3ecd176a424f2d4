//! Does a supervised node change to what the chain approved, and back when that does not come up?

use host::config::{Config, Home};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tests::mirror::{MirrorBehaviour, MirrorServer};
use tests::network::{QUICK, free_base_port};
use tests::votes::{all_hold, all_yes, approve_release, concluded, propose_release};
use tests::{Contract, Network, NodeProcess, binaries};
use update::audit::{self, Action};
use update::release_file::measure_file;
use update::{Releases, Step};

/// A network whose genesis approves the product as it is.
fn network(dir: &Path, nodes: u16) -> anyhow::Result<Network> {
    let executable = binaries::copied("the-block", &dir.join("bin"))?;
    let network = Network::write_with(&executable, &dir.join("network"), nodes, free_base_port(nodes)?, QUICK)?;
    network.hurry()?;
    Ok(network)
}

/// Lets a node be changed by its supervisor, fast enough for a test.
fn let_switch(node: &mut NodeProcess, mirrors: &[&str]) -> anyhow::Result<()> {
    node.supervised();
    node.configure(|config| {
        config.supervise.switch = true;
        config.supervise.health_window_s = 60;
        config.supervise.max_attempts = 2;
        config.supervise.wave_s = 5;
        config.update.sources = mirrors.iter().map(|url| (*url).to_owned()).collect();
    })
}

/// A running network of four supervised nodes, and a release that passes every check and does not come up, which a mirror has.
async fn facing_a_crashing_release(
    dir: &Path,
    configure: impl Fn(&mut Config),
) -> anyhow::Result<(Network, PathBuf, MirrorServer)> {
    let mut network = network(dir, 4)?;
    let artifact = binaries::copied("crashing_release", &dir.join("bad"))?;
    let mirror = serve(dir, &artifact)?;
    for node in &mut network.nodes {
        let_switch(node, &[&mirror.url])?;
        node.configure(&configure)?;
    }
    network.start_all()?;
    network.reach(2).await?;
    Ok((network, artifact, mirror))
}

/// Waits until a node's RPC says that it runs a build.
async fn runs(node: &mut NodeProcess, hash: &str) -> anyhow::Result<()> {
    node.until("the build", async |node| {
        let version = node.call("node.version", json!({})).await.ok()?;
        (version["build_bin_hash"] == hash).then_some(())
    })
    .await
}

/// Waits until chain state has a node's report of a stage of a build.
async fn reported(asked: &mut NodeProcess, account: &str, hash: &str, stage: &str) -> anyhow::Result<Value> {
    asked
        .until(&format!("the report {stage}"), async |node| {
            let release = node.call("gov.release", json!({ "hash": hash })).await.ok()?;
            let stages = release["stages"].as_array()?;
            stages.iter().find(|one| one["node"] == account && one["stage"].to_string().contains(stage)).cloned()
        })
        .await
}

fn releases(node: &NodeProcess) -> Releases {
    Releases::of(&Home::at(&node.home))
}

fn actions(node: &NodeProcess) -> Vec<Action> {
    audit::read(&releases(node)).unwrap().into_iter().map(|entry| entry.action).collect()
}

#[tokio::test]
async fn o22_a_supervised_node_fetches_ahead_changes_at_activation_and_survives_its_supervisor() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = network(dir.path(), 4)?;
    let artifact = binaries::variant("the-block", &dir.path().join("new"), "the next release")?;
    let mirror = serve(dir.path(), &artifact)?;
    let_switch(&mut network.nodes[3], &[&mirror.url])?;
    // Its home is named from a working folder, by way of a link, and the folder is removed once it runs.
    let here = dir.path().join("here");
    std::fs::create_dir(&here)?;
    std::os::unix::fs::symlink(&network.nodes[3].home, dir.path().join("link"))?;
    network.nodes[3].arguments = ["supervise", "--home", "../here/../link"].map(str::to_owned).to_vec();
    network.nodes[3].folder = Some(here.clone());
    network.start_all()?;
    network.reach(2).await?;
    std::fs::remove_dir(&here)?;
    let old = network.nodes[3].call("node.version", json!({})).await?["build_bin_hash"].clone();

    // Before it is in force it is fetched, and not run.
    let (hash, id) = propose_release(&network, &artifact, &["--delay", "15"]).await?;
    all_hold(&network, id).await?;
    all_yes(&network, id)?;
    let ahead = network.nodes[3].home.join(format!("artifacts/{hash}.bin"));
    let status = network.nodes[0]
        .until("the artifact", async |node| {
            let proposal = node.call("gov.proposal", json!({ "id": id })).await.ok()?;
            ahead.is_file().then(|| proposal["status"].clone())
        })
        .await?;
    assert!(["open", "passed"].contains(&status.as_str().unwrap()), "it is there before it is in force: {status}");
    assert_eq!(network.nodes[3].call("node.version", json!({})).await?["build_bin_hash"], old);
    assert_eq!(concluded(&mut network.nodes[0], id).await?, "activated");
    let account = network.nodes[3].account.clone();
    runs(&mut network.nodes[3], &hash).await?;
    reported(&mut network.nodes[0], &account, &hash, "healthy").await?;
    assert_eq!(update::Journal::open(&releases(&network.nodes[3]))?.step, Step::Settled);
    let happened = actions(&network.nodes[3]);
    assert!(matches!(happened[..], [Action::Installed { sequence: 2, .. }, Action::Healthy { .. }]), "{happened:?}");
    let others = network.nodes[0].call("node.version", json!({})).await?["build_bin_hash"].clone();
    assert_eq!(others, old, "who is not supervised stays");

    // The supervisor is killed: its node stops with it, and the home boots the new release.
    network.nodes[3].kill()?;
    // Into another epoch, in which its receipt is asked for again.
    let height = network.nodes[0].height().await?;
    let killed_at = network.nodes[0].reach(height + 10).await?;
    network.nodes[3].until_gone().await?;
    let running = measure_file(&releases(&network.nodes[3]).running())?;
    assert_eq!(running.to_string(), hash);
    network.nodes[3].folder = None;
    network.nodes[3].supervised();
    network.nodes[3].start()?;
    runs(&mut network.nodes[3], &hash).await?;
    // Its receipt of this boot says that it started; that it is healthy is said after that (O39).
    network.nodes[0]
        .until("healthy after the restart", async |node| {
            let release = node.call("gov.release", json!({ "hash": hash })).await.ok()?;
            let its = release["stages"].as_array()?.iter().find(|one| one["node"] == account.as_str())?;
            (its["stage"] == "healthy" && its["at"]["height"].as_u64()? > killed_at).then_some(())
        })
        .await?;
    let height = network.nodes[0].height().await?;
    network.nodes[3].reach(height + 2).await?;
    assert!(network.nodes[3].stop().await?.success(), "{}", network.nodes[3].last_words());
    Ok(())
}

#[tokio::test]
async fn t20_a_release_that_crashes_is_undone_by_every_node_and_holds_the_rest_back() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    // Every node is to try it by itself, whatever the others say.
    let by_itself = |config: &mut Config| {
        config.supervise.most_hold_s = 0;
        config.supervise.wave_s = 0;
    };
    let (mut network, artifact, _mirror) = facing_a_crashing_release(dir.path(), by_itself).await?;
    let old = network.nodes[0].call("node.version", json!({})).await?["build_bin_hash"].as_str().unwrap().to_owned();
    let hash = approve_release(&mut network, &artifact).await?;
    for index in 0..4 {
        let account = network.nodes[index].account.clone();
        let asked = &mut network.nodes[(index + 1) % 4];
        let report = reported(asked, &account, &hash, "rolled_back").await?;
        assert!(report.to_string().contains("2 attempts"), "{report}");
        runs(&mut network.nodes[index], &old).await?;
        let undone = actions(&network.nodes[index]).into_iter().any(|action| {
            matches!(action, Action::RolledBack { rolled_back, restored, .. } if rolled_back.to_string() == hash && restored.to_string() == old)
        });
        assert!(undone, "{:?}", actions(&network.nodes[index]));
        // What was given up counts as no install.
        assert_eq!(network.nodes[index].metric("release_installs_total")?, 1.0);
        assert!(
            update::Journal::open(&releases(&network.nodes[index]))?.bad.iter().any(|bad| bad.hash.to_string() == hash)
        );
    }
    // Each report was seen at one node; the first may learn of another's a block later.
    network.nodes[0]
        .until("the reports of all stake", async |node| {
            let rollout = node.call("gov.release", json!({ "hash": hash })).await.ok()?["rollout"].clone();
            (rollout["failed_stake"] == rollout["total_stake"]).then_some(())
        })
        .await?;
    let height = network.nodes[0].height().await?;
    network.reach(height + 3).await?;
    Ok(())
}

#[tokio::test]
async fn t19_t20_a_failed_share_pauses_the_rest_and_nothing_revoked_is_gone_back_to() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let in_slow_waves = |config: &mut Config| {
        config.supervise.wave_s = 45;
        config.supervise.pause_at_failed_percent = 20;
    };
    let (mut network, artifact, _mirror) = facing_a_crashing_release(dir.path(), in_slow_waves).await?;
    let hash = approve_release(&mut network, &artifact).await?;
    // One wave fails; the others see it in chain state and stay where they are.
    let failed = network.nodes[0]
        .until("a failed wave", async |node| {
            let release = node.call("gov.release", json!({ "hash": hash })).await.ok()?;
            (release["rollout"]["failed_stake"] != json!("0")).then_some(release)
        })
        .await?;
    assert_eq!(failed["rollout"]["rolled_back"]["nodes"], 1, "{failed}");
    let mut held_back = 0;
    for node in &mut network.nodes {
        let releases = releases(node);
        let action = node
            .until("what the node decided", async |_| {
                let entries = audit::read(&releases).ok()?;
                entries
                    .into_iter()
                    .map(|entry| entry.action)
                    .find(|action| matches!(action, Action::HeldBack { .. } | Action::RolledBack { .. }))
            })
            .await?;
        held_back += u32::from(matches!(action, Action::HeldBack { .. }));
    }
    assert_eq!(held_back, 3, "only the first wave tried it");
    Ok(())
}

#[tokio::test]
async fn t10_a_node_changes_to_a_release_that_only_a_peer_has_and_tells_systemd() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = network(dir.path(), 4)?;
    let artifact = binaries::variant("the-block", &dir.path().join("new"), "only a peer has it")?;
    // node0 holds it; there is no mirror at all.
    let held = network.nodes[0].home.join("artifacts").display().to_string();
    Contract::at("http://127.0.0.1:9")?.json(&[
        "release",
        "publish",
        &artifact.display().to_string(),
        "--dest",
        &held,
    ])?;
    let_switch(&mut network.nodes[3], &[])?;
    let socket = dir.path().join("notify");
    let systemd = std::os::unix::net::UnixDatagram::bind(&socket)?;
    // A manager that reads, as systemd does.
    let (said, heard) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut message = [0; 4096];
        while let Ok(length) = systemd.recv(&mut message) {
            if said.send(String::from_utf8_lossy(&message[..length]).into_owned()).is_err() {
                return;
            }
        }
    });
    let watched = [("NOTIFY_SOCKET", socket.display().to_string()), ("WATCHDOG_USEC", "2000000".into())];
    network.nodes[3].environment.extend(watched.map(|(name, value)| (name.to_owned(), value)));
    network.start_all()?;
    network.reach(2).await?;
    let hash = approve_release(&mut network, &artifact).await?;
    let account = network.nodes[3].account.clone();
    runs(&mut network.nodes[3], &hash).await?;
    reported(&mut network.nodes[0], &account, &hash, "healthy").await?;
    assert!(network.nodes[0].metric("overlay_artifact_bytes_served_total{backend=\"libp2p\"}")? > 0.0);
    assert!(network.nodes[3].home.join(format!("artifacts/{hash}.bin")).is_file(), "now it holds it too");

    let mut told = String::new();
    while !(told.contains("READY=1") && told.contains("WATCHDOG=1") && told.contains("is healthy")) {
        told += &heard.recv_timeout(tests::node::PATIENCE)?;
        told.push('\n');
    }
    assert!(network.nodes[3].stop().await?.success(), "{}", network.nodes[3].last_words());
    Ok(())
}

/// A mirror that has an artifact, and its tree.
fn serve(dir: &Path, artifact: &Path) -> anyhow::Result<MirrorServer> {
    let served = dir.join("mirror");
    Contract::at("http://127.0.0.1:9")?.json(&[
        "release",
        "publish",
        &artifact.display().to_string(),
        "--dest",
        &served.display().to_string(),
    ])?;
    Ok(MirrorServer::of(&served, MirrorBehaviour::Good)?)
}
