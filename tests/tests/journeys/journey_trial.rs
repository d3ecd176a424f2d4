//! What is a build on trial given up for, and what is it not?

use anyhow::Context as _;
use host::config::Home;
use serde_json::{Value, json};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use tests::load::IdleWebSockets;
use tests::mirror::{MirrorBehaviour, MirrorServer};
use tests::network::{QUICK, free_base_port};
use tests::votes::{all_hold, all_yes, concluded, propose_release};
use tests::{Contract, Network, NodeProcess, binaries};
use update::audit::{self, Action};
use update::{Journal, Releases, Step};

/// A running network whose last node changes by itself to a release, which a mirror has and nobody has proposed yet.
struct Scene {
    network: Network,
    artifact: PathBuf,
    old: String,
    _mirror: MirrorServer,
    _dir: tempfile::TempDir,
}

impl Scene {
    async fn set(
        nodes: u16,
        window_s: u64,
        release: impl FnOnce(&Path) -> anyhow::Result<PathBuf>,
    ) -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let artifact = release(&dir.path().join("release"))?;
        let served = dir.path().join("mirror").display().to_string();
        let publish = ["release", "publish", &artifact.display().to_string(), "--dest", &served];
        Contract::at("http://127.0.0.1:9")?.json(&publish)?;
        let mirror = MirrorServer::of(Path::new(&served), MirrorBehaviour::Good)?;
        let executable = binaries::copied("the-block", &dir.path().join("bin"))?;
        let home = dir.path().join("network");
        let mut network = Network::write_with(&executable, &home, nodes, free_base_port(nodes)?, QUICK)?;
        network.hurry()?;
        let last = network.nodes.last_mut().context("a network without nodes")?;
        last.supervised();
        last.configure(|config| {
            config.supervise.switch = true;
            config.supervise.health_window_s = window_s;
            config.supervise.max_attempts = 2;
            config.supervise.wave_s = 0;
            config.update.sources = vec![mirror.url.clone()];
        })?;
        network.start_all()?;
        network.reach(2).await?;
        let version = network.nodes[0].call("node.version", json!({})).await?;
        let old = version["build_bin_hash"].as_str().context("no hash")?.to_owned();
        Ok(Self { network, artifact, old, _mirror: mirror, _dir: dir })
    }

    fn last(&mut self) -> &mut NodeProcess {
        self.network.nodes.last_mut().expect("a network has nodes")
    }

    /// Has the network vote for the release and hold it; gives its hash and the proposal.
    async fn vote(&self) -> anyhow::Result<(String, u64)> {
        let (hash, id) = propose_release(&self.network, &self.artifact, &[]).await?;
        all_hold(&self.network, id).await?;
        all_yes(&self.network, id)?;
        Ok((hash, id))
    }

    /// Has the network approve the release; gives its hash.
    async fn approve(&mut self) -> anyhow::Result<String> {
        let (hash, id) = self.vote().await?;
        assert_eq!(concluded(&mut self.network.nodes[0], id).await?, "activated");
        Ok(hash)
    }

    /// Waits until the last node, or its supervisor, has said something so many times.
    async fn said(&mut self, text: &str, times: usize) -> anyhow::Result<()> {
        self.last()
            .until(text, async |node| {
                let log = std::fs::read(node.log()).ok()?;
                (String::from_utf8_lossy(&log).matches(text).count() >= times).then_some(())
            })
            .await
    }

    async fn runs(&mut self, hash: &str) -> anyhow::Result<()> {
        self.last()
            .until("the build", async |node| {
                let version = node.call("node.version", json!({})).await.ok()?;
                (version["build_bin_hash"] == hash).then_some(())
            })
            .await
    }

    /// Waits until chain state has the last node's report of a stage of a build.
    async fn reported(&mut self, hash: &str, stage: &str) -> anyhow::Result<Value> {
        let account = self.last().account.clone();
        self.last()
            .until(&format!("the report {stage}"), async |node| {
                let release = node.call("gov.release", json!({ "hash": hash })).await.ok()?;
                let stages = release["stages"].as_array()?;
                let of_it = |one: &&Value| one["node"] == account.as_str() && one["stage"].to_string().contains(stage);
                stages.iter().find(of_it).cloned()
            })
            .await
    }

    fn releases(&self) -> Releases {
        Releases::of(&Home::at(&self.network.nodes.last().expect("a network has nodes").home))
    }

    fn actions(&self) -> Vec<Action> {
        audit::read(&self.releases()).unwrap().into_iter().map(|entry| entry.action).collect()
    }

    /// Nothing was given up or marked on the last node.
    fn require_nothing_held_against_it(&self) -> anyhow::Result<()> {
        let given_up = |action: &Action| matches!(action, Action::RolledBack { .. } | Action::SafeMode { .. });
        assert!(!self.actions().iter().any(given_up), "{:?}", self.actions());
        let journal = Journal::open(&self.releases())?;
        assert!(journal.bad.is_empty(), "{journal:?}");
        Ok(())
    }

    /// The build was given up after two attempts, for this, and the one before runs.
    async fn require_rolled_back(&mut self, hash: &str, why: &str) -> anyhow::Result<()> {
        let report = self.reported(hash, "rolled_back").await?.to_string();
        assert!(report.contains("2 attempts") && report.contains(why), "{report}");
        let old = self.old.clone();
        self.runs(&old).await?;
        let undone = self.actions().into_iter().any(|action| {
            let Action::RolledBack { rolled_back, restored, reason } = action else { return false };
            rolled_back.to_string() == hash && restored.to_string() == old && reason.contains(why)
        });
        assert!(undone, "{:?}", self.actions());
        let height = self.last().height().await?;
        self.network.reach(height + 3).await
    }
}

#[tokio::test]
async fn h14_t20_idle_websockets_keep_no_good_release_from_becoming_healthy() -> anyhow::Result<()> {
    let good = |dir: &Path| binaries::variant("the-block", dir, "a good release");
    let mut scene = Scene::set(1, 15, good).await?;
    let (hash, id) = scene.vote().await?;
    let idle = IdleWebSockets::at(scene.last().port, vec![Ipv4Addr::LOCALHOST; 300]);
    assert_eq!(concluded(&mut scene.network.nodes[0], id).await?, "activated");
    scene.said("starting a build on trial", 1).await?;
    let before = idle.opened();
    scene.runs(&hash).await?;
    scene.reported(&hash, "healthy").await?;
    assert!(idle.opened() > before + 300, "{} were opened, {before} before the trial", idle.opened());
    assert_eq!(Journal::open(&scene.releases())?.step, Step::Settled);
    scene.require_nothing_held_against_it()
}

#[tokio::test]
async fn h14_t20_a_chain_that_others_halt_during_a_trial_is_held_against_nobody() -> anyhow::Result<()> {
    let good = |dir: &Path| binaries::variant("the-block", dir, "a good release");
    let mut scene = Scene::set(4, 10, good).await?;
    let hash = scene.approve().await?;
    scene.said("changing to release", 1).await?;
    for index in 0..2 {
        scene.network.nodes[index].kill()?;
    }
    // It is compared with the build before, more than once, and goes on each time.
    for times in 1..=2 {
        scene.said("is put to the proof", times).await?;
        scene.said("goes on, though its chain stands still", times).await?;
    }
    scene.require_nothing_held_against_it()?;
    let journal = Journal::open(&scene.releases())?;
    assert!(matches!(journal.step, Step::Trying { attempts: 0, .. }), "{journal:?}");

    for index in 0..2 {
        scene.network.nodes[index].start()?;
    }
    scene.reported(&hash, "healthy").await?;
    scene.runs(&hash).await?;
    scene.require_nothing_held_against_it()?;
    let release = scene.last().call("gov.release", json!({ "hash": hash })).await?;
    assert_eq!(release["rollout"]["failed_stake"], json!("0"), "{release}");
    Ok(())
}

#[tokio::test]
async fn h14_t20_a_build_that_hangs_is_rolled_back() -> anyhow::Result<()> {
    let mut scene = Scene::set(1, 6, |dir| binaries::copied("hanging_release", dir)).await?;
    let hash = scene.approve().await?;
    scene.said("attempt 1 of 2 of the build on trial failed: it hangs", 1).await?;
    scene.require_rolled_back(&hash, "it hangs").await
}

#[tokio::test]
async fn h14_t20_a_build_that_stops_the_chain_by_itself_is_rolled_back() -> anyhow::Result<()> {
    // Of three equal validators none can be missing: when one takes part in no block, the chain stands still at all peers.
    let mut scene = Scene::set(3, 12, |dir| binaries::copied("standing_release", dir)).await?;
    let hash = scene.approve().await?;
    scene.said("is put to the proof", 1).await?;
    scene.said("runs once more, which does not count yet", 1).await?;
    scene.said("attempt 1 of 2 of the build on trial failed: its chain stands still", 1).await?;
    let halted = scene.network.nodes[0].height().await?;
    scene.said("runs once more, which does not count yet", 2).await?;
    scene.said("attempt 2 of 2 of the build on trial failed: its chain stands still", 1).await?;
    scene.require_rolled_back(&hash, "its chain stands still").await?;
    scene.network.nodes[0].reach(halted + 4).await?;
    Ok(())
}

#[tokio::test]
async fn o20_a_build_that_refuses_this_homes_configuration_is_not_changed_to() -> anyhow::Result<()> {
    let (known, unknown) = ("pause_at_failed_percent", "pause_at_failed_percenX");
    let mut scene = Scene::set(1, 15, |dir| binaries::altered("the-block", dir, known, unknown)).await?;
    let hash = scene.approve().await?;
    let report = scene.reported(&hash, "unusable").await?.to_string();
    assert!(report.contains("does not take this home"), "{report}");
    assert!(Journal::open(&scene.releases())?.bad.iter().any(|bad| bad.hash.to_string() == hash));
    let old = scene.old.clone();
    scene.runs(&old).await
}

#[tokio::test]
async fn o20_a_build_that_ends_as_if_the_operator_had_to_mend_something_is_rolled_back() -> anyhow::Result<()> {
    let mut scene = Scene::set(1, 15, |dir| binaries::ending_with(dir, 2, 0)).await?;
    let hash = scene.approve().await?;
    scene.said("shows whether it goes on here", 1).await?;
    scene.require_rolled_back(&hash, "the configuration cannot be used (exit code 2)").await?;
    assert!(scene.last().stop().await?.success(), "the supervisor lives");
    Ok(())
}

#[tokio::test]
async fn o39_a_build_that_ends_after_a_while_is_rolled_back_however_fast_blocks_come() -> anyhow::Result<()> {
    // A third of the window is 5 s; it would have its blocks in one.
    let mut scene = Scene::set(1, 15, |dir| binaries::ending_with(dir, 0, 3)).await?;
    let hash = scene.approve().await?;
    scene.said("this release does not stay up", 1).await?;
    scene.require_rolled_back(&hash, "it ended").await?;
    let is_healthy = |action: &Action| matches!(action, Action::Healthy { .. });
    assert!(!scene.actions().iter().any(is_healthy), "{:?}", scene.actions());
    Ok(())
}
