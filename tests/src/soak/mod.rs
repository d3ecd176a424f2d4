//! Validators that are killed at random moments, again and again, while transfers go on: `make soak`, and a test with fewer kills.
//!
//! Each of four validators runs under its supervisor. Whoever is killed comes back by itself: its supervisor starts the node again,
//! and where that was killed too, it is started as the system would start a service. Then all reach a common height, no height is
//! decided twice differently, and every transfer that any of them has confirmed is at all of them, where it was.

mod payers;

use crate::chain::Decided;
use crate::network::QUICK;
use crate::{Network, NodeProcess, processes};
use anyhow::{Context as _, ensure};
use payers::{Payers, endowed};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// Any three of them have more than two thirds of the stake.
const VALIDATORS: u16 = 4;
/// From one block to the next, in milliseconds: that of [`QUICK`].
const BLOCK_MS: u64 = 200;
/// In so many milliseconds a node has opened its store and its ports, met the others and begun to catch up.
const START_MS: u64 = 2_000;
/// How often in a row a node is killed without its supervisor, which waits for twice as long each time.
const ALONE_IN_A_ROW: u32 = 3;
/// How many blocks all go on together before a kill counts as survived.
const BLOCKS_AFTER: u64 = 2;

/// So many kills, at moments that a seed draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Soak {
    /// How often a validator is killed.
    pub kills: u32,
    /// Draws who is killed, when and how; not what the others do at that moment.
    pub seed: u64,
}

/// What a network has gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endured {
    /// Kills of a node, which its supervisor started again.
    pub alone: u32,
    /// Kills of a node with its supervisor.
    pub with_supervisor: u32,
    /// Blocks that were compared, at all validators.
    pub blocks: u64,
    /// Transfers that were confirmed, and found at all validators at the end.
    pub confirmed: usize,
}

impl Soak {
    /// Kills validators of a network of its own below `dir`; tells of each kill.
    ///
    /// # Errors
    /// When somebody does not come back, or anything that was decided or confirmed is not as it was.
    pub async fn endure(self, dir: &Path, tell: &dyn Fn(&str)) -> anyhow::Result<Endured> {
        let mut scene = Scene::set(dir, self.seed).await?;
        for number in 1..=self.kills {
            let said = scene.kill_somebody().await.with_context(|| format!("kill {number}"))?;
            tell(&format!("{number} of {}: {said}", self.kills));
            // Who is killed before all are back is killed beside others, or while it starts and catches up.
            if number == self.kills || scene.random.gen_ratio(2, 3) {
                scene.all_return().await.with_context(|| format!("after kill {number}"))?;
            }
        }
        let endured = scene.end().await?;
        ensure!(endured.confirmed >= self.kills as usize, "only {} transfers were confirmed", endured.confirmed);
        Ok(endured)
    }
}

/// The network, and what was seen of it.
struct Scene {
    network: Network,
    random: StdRng,
    decided: Decided,
    payers: Payers,
    /// How often in a row each node was killed without its supervisor.
    alone_in_a_row: Vec<u32>,
    /// Whether all have been back since the last kill.
    is_complete: bool,
    alone: u32,
    with_supervisor: u32,
}

impl Scene {
    async fn set(dir: &Path, seed: u64) -> anyhow::Result<Self> {
        let mut network = Network::write(dir, VALIDATORS, QUICK)?;
        network.hurry()?;
        let keys = endowed(&network)?;
        for node in &mut network.nodes {
            node.supervised();
            // Whole chains are compared, block by block.
            node.configure(|config| config.rpc.requests_per_second = 0)?;
        }
        network.start_all()?;
        network.reach(2).await?;
        let payers = Payers::begin(&network, keys)?;
        let alone_in_a_row = vec![0; network.nodes.len()];
        let (random, decided) = (StdRng::seed_from_u64(seed), Decided::default());
        Ok(Self { network, random, decided, payers, alone_in_a_row, is_complete: true, alone: 0, with_supervisor: 0 })
    }

    /// Kills a validator at a moment, by itself or with its supervisor; says whom and when.
    async fn kill_somebody(&mut self) -> anyhow::Result<String> {
        let index = self.random.gen_range(0..self.network.nodes.len());
        let with_supervisor = self.random.gen_ratio(1, 4) || self.alone_in_a_row[index] == ALONE_IN_A_ROW;
        let moment = self.moment(index).await?;
        self.is_complete = false;
        let node = &mut self.network.nodes[index];
        if with_supervisor {
            cut_power(node).await?;
            node.start()?;
            self.with_supervisor += 1;
            self.alone_in_a_row[index] = 0;
        } else {
            let process = running(node).with_context(|| format!("it does not run; {}", node.last_words()))?;
            processes::signal(process, Signal::KILL)?;
            processes::ended(process).await?;
            self.alone += 1;
            self.alone_in_a_row[index] += 1;
        }
        let whom = if with_supervisor { " and its supervisor" } else { "" };
        Ok(format!("node{index}{whom}, {moment}"))
    }

    /// Waits for a moment: within the time of a block while all take part, else within the time of a start.
    async fn moment(&mut self, index: usize) -> anyhow::Result<String> {
        let node = &mut self.network.nodes[index];
        let (event, after) = if self.is_complete {
            let after = self.random.gen_range(0..BLOCK_MS);
            let height = node.height().await?;
            let height = node.reach(height + 1).await?;
            self.decided.note(node, height).await?;
            (format!("block {height}"), after)
        } else {
            let after = self.random.gen_range(0..START_MS);
            node.until("its process", async |node| running(node)).await?;
            ("it was seen to run, while others come back".into(), after)
        };
        // The time is the point: no event falls into the midst of a write, and every event would draw the same moment again.
        tokio::time::sleep(Duration::from_millis(after)).await;
        Ok(format!("{after} ms after {event}"))
    }

    /// Waits until all validators are beyond what any of them had, and requires that nothing changed.
    async fn all_return(&mut self) -> anyhow::Result<()> {
        let mut latest = self.decided.height();
        for node in &self.network.nodes {
            // Who is not back yet says nothing.
            latest = latest.max(node.height().await.unwrap_or_default());
        }
        self.network.reach(latest + BLOCKS_AFTER).await?;
        self.decided.compare(&self.network.nodes).await?;
        self.payers.require_kept(&mut self.network).await?;
        self.is_complete = true;
        Ok(())
    }

    /// Compares everything once more, then stops the validators and lets each look at its own store.
    async fn end(mut self) -> anyhow::Result<Endured> {
        let confirmed = self.payers.end(&mut self.network).await?;
        let blocks = self.decided.compare_all(&self.network.nodes).await?;
        let asked = self.network.nodes.first().context("a network without nodes")?;
        for node in &self.network.nodes {
            let account: Value = asked.call("account.get", json!({ "account": node.account })).await?;
            ensure!(account["jailed_until"].is_null(), "{} has contradicted itself: {account}", node.home.display());
        }
        for node in &mut self.network.nodes {
            ensure!(node.stop().await?.success(), "{}", node.last_words());
            let (code, report) = node.check()?;
            ensure!(code == Some(0), "{} does not boot any more: {report}", node.home.display());
            require_only_kills(node)?;
        }
        Ok(Endured { alone: self.alone, with_supervisor: self.with_supervisor, blocks, confirmed })
    }
}

/// The node of a supervisor, as long as it runs.
fn running(node: &NodeProcess) -> Option<u32> {
    let started = processes::children_of(node.process_id()?).ok()?;
    started.into_iter().find(|process| processes::is_alive(*process))
}

/// Kills a node and its supervisor.
async fn cut_power(node: &mut NodeProcess) -> anyhow::Result<()> {
    let supervisor = node.process_id().context("the supervisor does not run")?;
    // It starts nothing from here on, so that no node is left that nobody killed.
    processes::signal(supervisor, Signal::STOP)?;
    let started = processes::children_of(supervisor)?;
    for process in &started {
        processes::signal(*process, Signal::KILL)?;
    }
    node.kill()?;
    for process in started {
        processes::ended(process).await?;
    }
    Ok(())
}

/// Requires that a node never ended but by being killed: a start that failed would have been repeated by its supervisor.
fn require_only_kills(node: &NodeProcess) -> anyhow::Result<()> {
    let log = std::fs::read_to_string(node.log())?;
    let again = |line: &&str| line.contains("the node is started again: ");
    let failed = log.lines().filter(again).find(|line| !line.contains("it was ended by signal 9"));
    ensure!(failed.is_none(), "{} ended by itself: {failed:?}", node.home.display());
    Ok(())
}
