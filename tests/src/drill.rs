//! The rollback drill of the seed, on a network of its own: four steps, each timed and checked.

use crate::mirror::{MirrorBehaviour, MirrorServer};
use crate::network::QUICK;
use crate::votes::approve_release;
use crate::{Contract, Network, NodeProcess, binaries};
use anyhow::{Context as _, ensure};
use host::config::Home;
use serde::Serialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Instant;
use update::audit::{self, Action};
use update::release_file::measure_file;
use update::{EXECUTABLE, Releases};

/// What a drill found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DrillReport {
    /// Whether every step did what it should.
    pub passed: bool,
    /// The release that was gone back to.
    pub known_good: String,
    /// The release that is current before and after.
    pub current: String,
    /// The steps that were taken, in order; the last one is the one that differed when the drill did not pass.
    pub steps: Vec<DrillStep>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DrillStep {
    /// What is done, in the words of the runbook.
    pub what: &'static str,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// What was seen; what differed when it did not pass.
    pub seen: String,
    /// Whether it did what it should.
    pub passed: bool,
}

/// The steps of the seed's runbook.
const FETCH: &str = "fetch a known-good release with `contract gov fetch-release`";
const CORRUPT: &str = "put a corrupted binary in the live path and restart; the start is refused and undone";
const CONFIRM: &str =
    "the build before it runs again; the audit log names the rolled-back hash, and no install was counted";
const REINSTALL: &str = "reinstall the current release with `--install`; its install is counted";

/// A network of one, ready for a drill: the known-good release in one slot, the current one in the other, and running.
pub struct Drill {
    network: Network,
    mirror: MirrorServer,
    dir: PathBuf,
    known_good: String,
    current: String,
    corrupted: String,
}

impl Drill {
    /// Sets a network up below `dir`: genesis approves the product as it is, and governance the next release.
    ///
    /// # Errors
    /// When something of it does not work.
    pub async fn set_up(dir: &Path) -> anyhow::Result<Self> {
        let mut network = Network::write(&dir.join("network"), 1, QUICK)?;
        let known_good = network.nodes[0].executable.clone();
        let next = binaries::variant("the-block", &dir.join("next"), "the next release")?;
        let served = dir.join("mirror");
        network.start_all()?;
        network.reach(2).await?;
        let contract = Contract::at(&network.nodes[0].rpc)?;
        for build in [&known_good, &next] {
            let dest = served.display().to_string();
            contract.json(&["release", "publish", &build.display().to_string(), "--dest", &dest])?;
        }
        let mirror = MirrorServer::of(&served, MirrorBehaviour::Good)?;
        let current = approve_release(&mut network, &next).await?;
        let known_good = measure_file(&known_good)?.to_string();
        let mut drill = Self { network, mirror, dir: dir.into(), known_good, current, corrupted: String::new() };
        let known_good = drill.known_good.clone();
        drill.install(&known_good)?;
        drill.restart_from_slot().await?;
        let current = drill.current.clone();
        drill.install(&current)?;
        drill.restart_from_slot().await?;
        Ok(drill)
    }

    /// Takes the four steps, and stops at the first that differs.
    pub async fn take(mut self) -> DrillReport {
        let mut steps = Vec::new();
        let began = Instant::now();
        let seen = self.fetch_known_good();
        let mut goes_on = note(&mut steps, FETCH, began, seen);
        if goes_on {
            let began = Instant::now();
            let seen = self.corrupt_and_restart().await;
            goes_on = note(&mut steps, CORRUPT, began, seen);
        }
        if goes_on {
            let began = Instant::now();
            let seen = self.confirm().await;
            goes_on = note(&mut steps, CONFIRM, began, seen);
        }
        if goes_on {
            let began = Instant::now();
            let seen = self.reinstall().await;
            goes_on = note(&mut steps, REINSTALL, began, seen);
        }
        DrillReport { passed: goes_on, known_good: self.known_good, current: self.current, steps }
    }

    fn node(&mut self) -> &mut NodeProcess {
        &mut self.network.nodes[0]
    }

    fn releases(&self) -> Releases {
        Releases::of(&Home::at(&self.network.nodes[0].home))
    }

    fn contract(&self) -> anyhow::Result<Contract> {
        Ok(Contract::at(&self.network.nodes[0].rpc)?.fetching_from(&self.mirror))
    }

    /// `contract gov fetch-release --install`, as an operator types it.
    fn install(&self, hash: &str) -> anyhow::Result<()> {
        let home = self.network.nodes[0].home.display().to_string();
        let output = self.contract()?.run(&["gov", "fetch-release", "--hash", hash, "--install", "--home", &home])?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
        Ok(())
    }

    /// Stops the node and starts what the link names, until it takes part in new blocks and its trial is over.
    async fn restart_from_slot(&mut self) -> anyhow::Result<()> {
        let executable = self.releases().running();
        let height = self.node().height().await?;
        self.node().stop().await?;
        self.node().executable = executable;
        self.node().start()?;
        self.node().reach(height + 2).await?;
        let releases = self.releases();
        self.node()
            .until("the end of the trial", async |_| {
                let journal = update::Journal::open(&releases).ok()?;
                (journal.step == update::Step::Settled).then_some(())
            })
            .await
    }

    fn fetch_known_good(&self) -> anyhow::Result<String> {
        let dest = self.dir.join("staging").join(format!("{}.bin", self.known_good));
        let dest = dest.display().to_string();
        let home = self.network.nodes[0].home.display().to_string();
        let fetch = ["gov", "fetch-release", "--hash", &self.known_good, "--dest", &dest, "--home", &home];
        let output = self.contract()?.run(&fetch)?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
        let found = measure_file(Path::new(&dest))?.to_string();
        ensure!(found == self.known_good, "the fetched file is build {found}");
        Ok(format!("build {found} is staged"))
    }

    async fn corrupt_and_restart(&mut self) -> anyhow::Result<String> {
        let releases = self.releases();
        let live = releases.slot(releases.live().context("nothing is installed")?);
        let corrupted = binaries::variant("the-block", &self.dir.join("corrupted"), "a flipped byte")?;
        self.corrupted = measure_file(&corrupted)?.to_string();
        self.node().stop().await?;
        std::fs::rename(&corrupted, live.join(EXECUTABLE)).or_else(|_| {
            std::fs::remove_file(live.join(EXECUTABLE))?;
            std::fs::copy(&corrupted, live.join(EXECUTABLE)).map(drop)
        })?;
        self.node().start()?;
        let status = self.node().exit().await?;
        let said = self.node().last_words();
        ensure!(status.code() == Some(10), "the start ended with {status} instead of exit code 10: {said}");
        ensure!(said.contains("is back in its place"), "the start was not undone: {said}");
        Ok("the start was refused with exit code 10 and undone".into())
    }

    async fn confirm(&mut self) -> anyhow::Result<String> {
        let (releases, known_good, corrupted) = (self.releases(), self.known_good.clone(), self.corrupted.clone());
        let linked = measure_file(&releases.running())?.to_string();
        ensure!(linked == known_good, "the link names build {linked}");
        let logged = audit::read(&releases)?.into_iter().any(|entry| {
            matches!(entry.action, Action::RolledBack { rolled_back, restored, .. }
                if rolled_back.to_string() == corrupted && restored.to_string() == known_good)
        });
        ensure!(logged, "the audit log does not name {corrupted} as rolled back");
        self.node().executable = releases.running();
        self.node().start()?;
        let running = self.running().await?;
        ensure!(running == known_good, "the node runs build {running}");
        let counted = self.node().metric("release_installs_total")?;
        ensure!(counted == 1.0, "release_installs_total is {counted} after one boot");
        let refused = self.node().ask("gov.release", json!({ "hash": corrupted })).await;
        ensure!(refused.is_err(), "chain state knows the corrupted build");
        Ok(format!("build {known_good} runs again, and {corrupted} is on the audit log and on no record of installs"))
    }

    async fn reinstall(&mut self) -> anyhow::Result<String> {
        let current = self.current.clone();
        self.install(&current)?;
        self.restart_from_slot().await?;
        let running = self.running().await?;
        ensure!(running == current, "the node runs build {running}");
        let counted = self.node().metric("release_installs_total")?;
        ensure!(counted == 1.0, "release_installs_total is {counted} after the reinstallation");
        let account = self.network.nodes[0].account.clone();
        self.node()
            .until("the receipt", async |node| {
                let release = node.call("gov.release", json!({ "hash": current })).await.ok()?;
                release["installs"].as_array()?.iter().any(|install| install["node"] == account.as_str()).then_some(())
            })
            .await?;
        self.node().stop().await?;
        Ok(format!("build {running} runs, and its install is counted"))
    }

    async fn running(&mut self) -> anyhow::Result<String> {
        self.node()
            .until("the node", async |node| {
                let version: Value = node.call("node.version", json!({})).await.ok()?;
                version["build_bin_hash"].as_str().map(str::to_owned)
            })
            .await
    }
}

/// Adds a step to a report; gives whether it passed.
fn note(steps: &mut Vec<DrillStep>, what: &'static str, began: Instant, seen: anyhow::Result<String>) -> bool {
    let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let passed = seen.is_ok();
    let seen = seen.unwrap_or_else(|error| format!("{error:#}"));
    steps.push(DrillStep { what, took_ms, seen, passed });
    passed
}

impl DrillReport {
    /// The report for people.
    pub fn to_markdown(&self) -> String {
        let verdict = if self.passed { "passed" } else { "failed" };
        let mut text = format!(
            "# Rollback drill: {verdict}\n\nKnown-good release `{}`, current release `{}`.\n\n| step | result | took | seen |\n|---|---|---|---|\n",
            self.known_good, self.current
        );
        for (number, step) in (1..).zip(&self.steps) {
            let result = if step.passed { "as it should" } else { "**differs**" };
            let seen = step.seen.replace('|', "\\|").replace('\n', " ");
            text += &format!("| {number}. {} | {result} | {} ms | {seen} |\n", step.what, step.took_ms);
        }
        text
    }
}
