//! From testnet to canary, where some are paid before all are, and some witness before all do.

use super::evidence::served;
use super::release::TestedBuild;
use super::{PLAN, PromotionWalk, approval};
use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};

/// The validators whose presence is paid for first.
pub const CANARY_VALIDATORS: [usize; 2] = [0, 1];
/// The validators that witness first.
pub const CANARY_WITNESSES: [usize; 2] = [2, 3];
/// The validator that keeps few blocks: what is older it proves all the same.
pub const PRUNED: usize = 3;

/// All of them.
pub(super) const EVERYBODY: [usize; 4] = [0, 1, 2, 3];
/// The segments that canary asks for, with who comes into each.
const COHORTS: [(&str, [usize; 2]); 2] =
    [("canary_validators", CANARY_VALIDATORS), ("canary_witnesses", CANARY_WITNESSES)];

/// The validators of a segment that a check asks.
pub(super) fn members_of(segment: &str) -> anyhow::Result<&'static [usize]> {
    match segment {
        "validators" => Ok(&EVERYBODY),
        "canary_validators" => Ok(&CANARY_VALIDATORS),
        "canary_witnesses" => Ok(&CANARY_WITNESSES),
        other => bail!("nobody is in the segment {other}"),
    }
}

impl PromotionWalk<'_> {
    /// Takes the steps of testnet, which stands by a change: before that nothing comes after it.
    ///
    /// # Errors
    /// The first step that does not do what it says.
    pub async fn go_through_testnet(&mut self, change: u64, build: &TestedBuild) -> anyhow::Result<()> {
        self.step("The steps of testnet are taken one after the other, each once what it needs is said");
        self.explained(&["--stage", "canary"], 2, "deferred")?;
        let id = change.to_string();
        self.refused("release_commander", &["rollout", "step", "--change", &id, "--step", "gossip"], "E_STEP")?;
        self.take_steps(change, "testnet", &["confirm", "deploy", "gossip", "regression"], build).await
    }

    /// Takes the network from `testnet` to `canary`, for its cohorts alone; gives the change.
    ///
    /// # Errors
    /// The first step that does not do what it says.
    pub async fn enter_canary(&mut self, build: &TestedBuild) -> anyhow::Result<u64> {
        self.fill_cohorts().await?;
        self.install_on_cohort(build).await?;
        self.step("The commander asks to enter canary, and whoever is asked answers: the two of the cohort, too");
        let change = self.ask_to_enter("canary", build).await?;
        self.answer(change, build).await?;
        let waiting = "waiting until testnet has stood for ten whole epochs, and every node says that it is ready";
        self.until_complete(change, waiting).await?;
        self.agree(change).await?;

        let victim = CANARY_VALIDATORS[1];
        self.step(&format!("It is carried out while node{victim} is dead, which is one of those that are to be paid"));
        self.carry_out_without(change, victim).await?;
        let id = change.to_string();
        self.refused("release_commander", &["rollout", "step", "--change", &id, "--step", "observe"], "E_DEFERRED")?;
        self.audit(change).await?;
        self.back(victim).await?;
        self.until_served_everywhere("timetoke_rewards", |now| {
            now["segments"] == json!(["canary_validators"]) && now["is_on_for_all"] == false
        })
        .await?;
        self.tell("timetoke_rewards is on for canary_validators alone, as each of the four nodes has it");
        self.finish(change, "canary", build).await?;
        Ok(change)
    }

    /// Takes the steps of canary, the last of which turns witnesses on for a cohort.
    ///
    /// # Errors
    /// The first step that does not do what it says.
    pub async fn go_through_canary(&mut self, change: u64, build: &TestedBuild) -> anyhow::Result<()> {
        self.step(
            "Once rewards were on for three whole epochs, the steps of canary are taken; the last turns witnesses on",
        );
        let executed = self.change(change).await?["executed"]["epoch"].as_u64().context("no epoch of execution")?;
        self.until_epoch(executed + 4).await?;
        self.take_steps(change, "canary", &["observe", "relays"], build).await?;
        let victim = CANARY_WITNESSES[0];
        self.network.nodes[victim].kill()?;
        self.take_steps(change, "canary", &["witness_subset"], build).await?;
        self.tell(&format!("that was while node{victim} was dead, which is to witness"));
        self.audit(change).await?;
        self.back(victim).await?;
        self.until_served_everywhere("witness_network", |now| {
            now["segments"] == json!(["canary_witnesses"]) && now["is_on_for_all"] == false
        })
        .await?;
        self.tell(
            "witness_network is on for canary_witnesses alone; a step that moves a value is audited, as all that does",
        );
        self.finish(change, "canary", build).await
    }

    /// Both cohorts are filled, each by a change with its vote: of nobody no share is ever met.
    async fn fill_cohorts(&mut self) -> anyhow::Result<()> {
        self.step("Two validators come into the cohort that is paid first, and two into the one that witnesses first");
        let mut changes = Vec::new();
        for (segment, members) in COHORTS {
            let [one, other] = members.map(|index| self.network.nodes[index].account.clone());
            let asked = ["rollout", "set", "--segment", segment, "--add", &one, "--add", &other];
            changes.push(self.ask_and_agree(&[&asked[..], &["--reason", "they said that they would"]].concat()).await?);
        }
        for change in changes {
            self.execute_when_ripe(change).await?;
            self.audit(change).await?;
            self.until_nothing_is_owed(change).await?;
            self.act("release_commander", &["rollout", "close", "--change", &change.to_string()])?;
        }
        self.tell("both cohorts are filled, and both changes audited and closed");
        Ok(())
    }

    /// Those that are paid first check their configuration with the build without starting it, then run it, and say so on chain.
    async fn install_on_cohort(&mut self, build: &TestedBuild) -> anyhow::Result<()> {
        self.step(
            "Those that are paid first check their configuration with the build, without starting it, and then run it",
        );
        for index in CANARY_VALIDATORS {
            let node = &mut self.network.nodes[index];
            node.stop().await?;
            node.executable.clone_from(&build.file);
            let (code, report) = node.check()?;
            ensure!(code == Some(0), "the build would not run on node{index}: {report}");
            node.start()?;
            let account = node.account.clone();
            node.until("install receipt", async |node| {
                let release = node.call("gov.release", json!({ "hash": build.hash })).await.ok()?;
                release["installs"].to_string().contains(&account).then_some(())
            })
            .await?;
            self.tell(&format!("node{index} runs it, and its install receipt is on chain"));
        }
        Ok(())
    }

    /// The commander asks to enter a stage, whose vote opens at once, and on which nobody agrees before the list is complete.
    pub(super) async fn ask_to_enter(&mut self, stage: &str, build: &TestedBuild) -> anyhow::Result<u64> {
        let asked = ["rollout", "promote", "--to", stage, "--artifact", &build.hash, "--class", "minor"];
        let asked = [&asked[..], &["--reason", "it stood for long enough where it stands"]].concat();
        let change = self.ask_for("release_commander", &asked)?;
        let detail = self.until_change(change, "poll", |change| approval(change).is_some()).await?;
        let poll = approval(&detail).context("a change without a poll")?.to_string();
        self.tell(&format!("change {change} is open, and so is the council's poll {poll}"));
        let early = ["gov", "vote", "--id", &poll, "--choice", "yes", "--reason", "it will be fine"];
        self.refused("member0", &early, "E_NOT_READY")?;
        Ok(change)
    }

    /// Waits until a change that is approved may be carried out, kills a validator, and has it carried out without that one.
    pub(super) async fn carry_out_without(&mut self, change: u64, victim: usize) -> anyhow::Result<()> {
        let approved = self.change(change).await?;
        let from = approved["not_before"]["epoch"].as_u64().context("no epoch to wait for")?;
        self.until_epoch(from).await?;
        if let Some(opens) = approved["window"]["from"].as_u64() {
            self.until_time(opens).await?;
        }
        self.network.nodes[victim].kill()?;
        self.act("release_commander", &["rollout", "execute", "--change", &change.to_string()])?;
        let executed = self.change(change).await?;
        ensure!(executed["state"] == "active", "it is not carried out: {executed}");
        Ok(())
    }

    /// A validator that was killed comes back, and is as far as the others.
    pub(super) async fn back(&mut self, victim: usize) -> anyhow::Result<()> {
        let height = self.network.nodes[0].height().await?;
        let node = &mut self.network.nodes[victim];
        node.start()?;
        node.reach(height + 1).await?;
        self.tell(&format!("node{victim} is back, and is as far as the others"));
        Ok(())
    }

    /// Waits until every node has it that a flag serves what it should.
    pub(super) async fn until_served_everywhere(
        &mut self,
        flag: &str,
        is_so: impl Fn(&Value) -> bool,
    ) -> anyhow::Result<()> {
        for node in &mut self.network.nodes {
            node.until(&format!("{flag} as it should be"), async |node| {
                let now = served(node, flag).await.ok()?;
                is_so(&now).then_some(())
            })
            .await?;
        }
        Ok(())
    }

    /// What a promotion owes is said, and it is closed; the stage stands.
    pub(super) async fn finish(&mut self, change: u64, stage: &str, build: &TestedBuild) -> anyhow::Result<()> {
        self.answer(change, build).await?;
        self.until_nothing_is_owed(change).await?;
        self.act("release_commander", &["rollout", "close", "--change", &change.to_string()])?;
        let closed = self.change(change).await?;
        ensure!(closed["label"] == "closed", "it is not closed: {closed}");
        ensure!(closed["overdue"].as_array().is_some_and(Vec::is_empty), "something was late: {closed}");
        let board = self.network.nodes[0].call("rollout.board", json!({ "plan": PLAN })).await?;
        ensure!(board["plan"]["stage"] == stage, "another stage stands: {board}");
        self.tell(&format!("change {change} is closed; the network stands at {stage}"));
        Ok(())
    }
}
