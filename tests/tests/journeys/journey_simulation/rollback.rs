//! Releases: one that all checks pass and that does not come up, which two of four nodes try and undo; then a good one, which those
//! two install. The other two stay where they are, here because nobody supervises them, there because their disks are full.

use super::scene::Scene;
use super::{facts, simulated};
use anyhow::{Context as _, ensure};
use runtime::{Fact, Genesis};
use serde_json::json;
use sim::lagging_release::{Bad, Does, FullDisk, How, LaggingRelease, Mirror, Plan, Release};
use std::path::Path;
use tests::mirror::{MirrorBehaviour, MirrorServer};
use tests::votes::approve_release;
use tests::{Contract, NodeProcess, binaries};

/// The nodes that change by themselves; the others are asked how it goes, because they run all the time.
const CHANGING: [usize; 2] = [2, 3];
/// How long the plan goes on, in seconds, and when somebody has mended the release.
const LENGTH: u64 = 3_600;
const MENDED: u64 = 1_200;

fn plan() -> Plan {
    let full = |node: usize| FullDisk { node, until_s: 10 * LENGTH };
    let bad = Some(Bad { how: How::Crashes { after_s: 1 }, on_percent: 100 });
    Plan {
        nodes: 4,
        mirrors: vec![Mirror { rate: 8 << 20, does: Does::Serves }],
        peers: None,
        releases: vec![Release { proposed_s: 0, bad }, Release { proposed_s: MENDED, bad: None }],
        revoke: None,
        crashes: Vec::new(),
        full_disks: (0..4).filter(|node| !CHANGING.contains(node)).map(full).collect(),
        without_first: false,
        until_s: LENGTH,
    }
}

/// One failure is enough to give a build up, and nobody waits for what others say of it, as with the processes.
fn play(genesis: &Genesis) -> anyhow::Result<Vec<Fact>> {
    let line = "--nodes 4 --mirrors 1 --restart 3 --max-attempts 1 --pause-at-failed-percent 100";
    let simulation = LaggingRelease::new(&simulated::options(line)?, simulated::network(genesis)?, None)?;
    simulated::facts(&simulation, &plan())
}

/// A mirror that has both releases.
fn serve(folder: &Path, artifacts: [&Path; 2]) -> anyhow::Result<MirrorServer> {
    let served = folder.join("mirror");
    for artifact in artifacts {
        let (artifact, dest) = (artifact.display().to_string(), served.display().to_string());
        Contract::at("http://127.0.0.1:9")?.json(&["release", "publish", &artifact, "--dest", &dest])?;
    }
    Ok(MirrorServer::of(&served, MirrorBehaviour::Good)?)
}

fn let_change(node: &mut NodeProcess, mirror: &MirrorServer) -> anyhow::Result<()> {
    node.supervised();
    node.configure(|config| {
        config.supervise.switch = true;
        config.supervise.health_window_s = 15;
        config.supervise.max_attempts = 1;
        config.supervise.wave_s = 0;
        config.supervise.most_hold_s = 0;
        config.supervise.pause_at_failed_percent = 100;
        config.update.sources = vec![mirror.url.clone()];
    })
}

/// Waits until the chain has a word of all changing nodes about a build, and they are where the network is.
async fn all_say(scene: &mut Scene, build: &str, stage: &str) -> anyhow::Result<()> {
    for index in CHANGING {
        let account = scene.network.nodes[index].account.clone();
        scene.network.nodes[0]
            .until(&format!("{stage} of node {index}"), async |node| {
                let release = node.call("gov.release", json!({ "hash": build })).await.ok()?;
                let says = |one: &serde_json::Value| {
                    one["node"] == account.as_str() && one["stage"].to_string().contains(stage)
                };
                release["stages"].as_array()?.iter().any(says).then_some(())
            })
            .await?;
        let height = scene.network.nodes[0].height().await?;
        scene.network.nodes[index].reach(height).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_release_that_is_undone_and_one_that_is_kept_come_to_what_is_simulated() -> anyhow::Result<()> {
    let mut scene = Scene::write(|_| {})?;
    let simulated = play(&scene.genesis)?;
    let bad = binaries::copied("crashing_release", &scene.folder().join("bad"))?;
    let good = binaries::variant("the-block", &scene.folder().join("good"), "the next release")?;
    let mirror = serve(scene.folder(), [&bad, &good])?;
    for index in CHANGING {
        let_change(&mut scene.network.nodes[index], &mirror)?;
    }
    scene.start().await?;
    let hash = approve_release(&mut scene.network, &bad).await.context("the bad release")?;
    all_say(&mut scene, &hash, "rolled_back").await?;
    let hash = approve_release(&mut scene.network, &good).await.context("the good release")?;
    all_say(&mut scene, &hash, "healthy").await?;

    let (genesis, real) = (&scene.genesis, scene.facts().await?);
    let [found, expected] = [&real, &simulated].map(|decided| {
        [facts::decisions(genesis, decided, facts::counted), facts::histories(genesis, decided)].concat()
    });
    assert_eq!(found, expected);
    let changed = "2 nodes: build 0 Booted, build 1 RolledBack, build 2 Booted, build 2 Healthy";
    ensure!(found.iter().any(|told| told == changed), "{changed:?} is missing: {found:#?}");
    Ok(())
}
