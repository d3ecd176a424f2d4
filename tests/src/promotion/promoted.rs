//! The promotion itself: asked for, voted on, carried out once those who would decide are there, and closed.

use super::release::TestedBuild;
use super::{PLAN, PromotionWalk, approval, short};
use crate::NodeProcess;
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Two of the four, neither of them the sealer: without them there is no quorum.
const SILENT: [usize; 2] = [2, 3];
/// More than two thirds of four.
const QUORUM: usize = 3;

impl PromotionWalk<'_> {
    /// Takes the network from `development` to `testnet`, with every refusal on the way; gives the change by which testnet stands.
    ///
    /// # Errors
    /// The first step that does not do what it says.
    pub async fn promote(&mut self, build: &TestedBuild) -> anyhow::Result<u64> {
        let change = self.ask_to_enter_testnet(build).await?;
        self.state_evidence(change, build).await?;
        self.agree(change).await?;
        self.carry_out(change).await?;
        self.decide_together(change).await?;
        self.close(change).await?;
        Ok(change)
    }

    /// The commander asks to enter testnet; gives the number of the change, whose vote is open.
    async fn ask_to_enter_testnet(&mut self, build: &TestedBuild) -> anyhow::Result<u64> {
        self.step(
            "The commander asks to enter testnet; nobody else may, and nobody agrees before the list is complete",
        );
        self.explained(&["--stage", "testnet"], 2, "deferred")?;
        let asked = ["rollout", "promote", "--to", "testnet", "--artifact", &build.hash, "--class", "minor"];
        let asked = [&asked[..], &["--reason", "the validators are to decide together"]].concat();
        let in_anothers_name = [&asked[..], &["--as", "release_commander"]].concat();
        self.refused("member0", &in_anothers_name, "E_ROLE")?;
        let change = self.ask_for("release_commander", &asked)?;
        let detail = self.until_change(change, "poll", |change| approval(change).is_some()).await?;
        let poll = approval(&detail).context("a change without a poll")?.to_string();
        self.tell(&format!("change {change} is open, and so is the council's poll {poll}"));
        let early = ["gov", "vote", "--id", &poll, "--choice", "yes", "--reason", "it will be fine"];
        self.refused("member0", &early, "E_NOT_READY")?;
        let about = format!("change:{change}");
        let foreign = ["rollout", "attest", "--check", "signoff.observability", "--about", &about, "--passed"];
        let foreign = [&foreign[..], &["--as", "release_commander"]].concat();
        self.refused("release_commander", &foreign, "E_STATEMENT_OWNER")?;
        Ok(change)
    }

    /// Two thirds of the council agree; the stake has some epochs to stop it before it is carried out.
    pub(super) async fn agree(&mut self, change: u64) -> anyhow::Result<()> {
        self.step("Two thirds of the council vote yes, each with a reason");
        let poll = approval(&self.change(change).await?).context("a change without a poll")?;
        self.vote(poll)?;
        let approved = self.until_change(change, "approval", |change| change["state"] == "approved").await?;
        let from = &approved["not_before"]["epoch"];
        self.tell(&format!("approved; until epoch {from} the stake can stop it"));
        let id = change.to_string();
        self.refused("release_commander", &["rollout", "execute", "--change", &id], "E_TOO_EARLY")?;
        self.explained(&["--change", &id], 0, "go")?;
        Ok(())
    }

    /// It is refused while two of the four are silent, and carried out inside its window once all are there.
    async fn carry_out(&mut self, change: u64) -> anyhow::Result<()> {
        self.step("Two validators are killed: the sealer goes on, and nobody promotes to a quorum that is not there");
        let silent = SILENT.map(|index| self.network.nodes[index].account.clone());
        for index in SILENT {
            self.network.nodes[index].kill()?;
        }
        let from = self.change(change).await?["not_before"]["epoch"].as_u64().context("no epoch to wait for")?;
        self.until_epoch(from).await?;
        self.until_heard("two epochs of silence", |epoch, heard| silent.iter().all(|who| heard(who) + 2 <= epoch))
            .await?;
        let id = change.to_string();
        let execute = ["rollout", "execute", "--change", &id];
        let said = self.refused("release_commander", &execute, "E_QUORUM_ABSENT")?;
        ensure!(silent.iter().all(|who| said.contains(who.as_str())), "who is silent is not named: {said}");
        self.step(
            "They come back, and say on chain what they run; then the commander carries it out, inside the window",
        );
        self.network.start_all()?;
        let all: Vec<String> = self.network.nodes.iter().map(|node| node.account.clone()).collect();
        self.until_heard("word of all", |epoch, heard| all.iter().all(|who| heard(who) >= epoch)).await?;
        self.act("release_commander", &execute)?;
        let executed = self.change(change).await?;
        ensure!(executed["state"] == "active", "it is not carried out: {executed}");
        ensure!(self.is_on("malachite_consensus").await?, "the gate is still off");
        let window = self.window().await?;
        self.tell(&format!(
            "malachite_consensus is on since this block, inside the window {window}, which is always open here"
        ));
        Ok(())
    }

    /// The validators decide together from the next but one epoch on; meanwhile the audit is posted in time.
    async fn decide_together(&mut self, change: u64) -> anyhow::Result<()> {
        self.step(
            "The audit is posted within its 24 hours, 24 s here; the validators decide from the next but one epoch on",
        );
        self.state_duties(change).await?;
        let audited = self.change(change).await?;
        ensure!(audited["overdue"].as_array().is_some_and(Vec::is_empty), "something is late: {audited}");
        let asked = &mut self.network.nodes[0];
        let (height, count) = asked
            .until("a certificate of three", async |node| {
                let height = node.height().await.ok()?;
                let certificate = node.call("chain.certificate", json!({ "height": height })).await.ok()?;
                let count = certificate["signatures"].as_array()?.len();
                (count >= QUORUM).then_some((height, count))
            })
            .await?;
        self.tell(&format!("the certificate of block {height} has {count} signatures"));
        let status = self.network.nodes[0].call("chain.status", json!({})).await?;
        ensure!(status["sealer"].is_null(), "somebody still decides alone: {status}");
        Ok(())
    }

    /// Nothing is owed any more: the fleet sees the gates as the chain has them, and the change is closed.
    async fn close(&mut self, change: u64) -> anyhow::Result<()> {
        self.step("Every node sees the gates as the profile says; the change is closed");
        self.until_nothing_is_owed(change).await?;
        let fleet = self.fleet().await?;
        for (part, what) in [("current", "see the gates as the chain has them"), ("bundle", "have the bundle")] {
            let (nodes, of) = (&fleet[part]["nodes"], &fleet[part]["of"]);
            ensure!(nodes == of, "{nodes} of {of} nodes {what}: {fleet}");
            self.tell(&format!("{nodes} of {of} nodes {what}"));
        }
        ensure!(fleet["drifting_flags"].as_array().is_some_and(Vec::is_empty), "the chain drifts: {fleet}");
        self.act("release_commander", &["rollout", "close", "--change", &change.to_string()])?;
        let closed = self.change(change).await?;
        ensure!(closed["label"] == "closed", "it is not closed: {closed}");
        let board = self.network.nodes[0].call("rollout.board", json!({ "plan": PLAN })).await?;
        ensure!(board["plan"]["stage"] == "testnet", "another stage stands: {board}");
        self.tell("the network stands at testnet");
        Ok(())
    }

    /// Whoever has nothing but genesis has the build proven, across the change of who decides; gives the ticket.
    ///
    /// # Errors
    /// When the ticket proves nothing.
    pub fn prove(&self, build: &TestedBuild) -> anyhow::Result<PathBuf> {
        self.step("A ticket proves the build to whoever has genesis alone, from one who decided alone to a quorum");
        let file = self.dir.join("ticket");
        let (out, home) = (file.display().to_string(), self.network.nodes[0].home.display().to_string());
        let words = ["gov", "ticket", "--hash", &build.hash, "--out", &out, "--home", &home];
        let written = self.contract()?.json(&words)?;
        ensure!(written["verified"] == true, "the ticket does not lead from genesis: {written}");
        let hops = written["hops"].as_u64().context("the ticket has no headers")?;
        self.tell(&format!(
            "{} is proven at height {}, over {hops} headers between",
            short(&build.hash),
            written["height"]
        ));
        Ok(file)
    }

    /// Waits until the epochs in which candidates last spoke are as they have to be, beside the epoch now.
    async fn until_heard(
        &mut self,
        what: &str,
        is_so: impl Fn(u64, &dyn Fn(&str) -> u64) -> bool,
    ) -> anyhow::Result<()> {
        let asked = &mut self.network.nodes[0];
        asked
            .until(what, async |node| {
                let (epoch, fleet) = spoken(node).await?;
                let heard = |account: &str| heard(&fleet, account);
                is_so(epoch, &heard).then_some(())
            })
            .await
    }

    /// What nodes say that they run.
    async fn fleet(&self) -> anyhow::Result<Value> {
        self.network.nodes[0].call("rollout.fleet", json!({ "plan": PLAN })).await
    }

    /// The name of the window of the stage that stands.
    async fn window(&self) -> anyhow::Result<String> {
        let board = self.network.nodes[0].call("rollout.board", json!({ "plan": PLAN })).await?;
        let stages = board["stages"].as_array().context("a board without stages")?;
        let current = stages.iter().find(|stage| stage["is_current"] == true).context("no stage stands")?;
        current["window"].as_str().map(str::to_owned).context("a stage without a window")
    }
}

/// The epoch now, and what candidates said.
async fn spoken(node: &NodeProcess) -> Option<(u64, Value)> {
    let status = node.call("chain.status", json!({})).await.ok()?;
    let fleet = node.call("rollout.fleet", json!({ "plan": PLAN })).await.ok()?;
    Some((status["epoch"].as_u64()?, fleet))
}

/// The epoch in which a candidate spoke last; 0 of one that never did.
fn heard(fleet: &Value, account: &str) -> u64 {
    let nodes = fleet["nodes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let found = nodes.iter().find(|node| node["account"] == account);
    found.and_then(|node| node["epoch"].as_u64()).unwrap_or_default()
}
