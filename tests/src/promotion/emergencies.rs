//! What happens around promotions: gates that are disabled, decisions that the stake stops, and pauses.

use super::{PromotionWalk, approval};
use crate::votes::{all_yes, concluded, find};
use anyhow::{Context as _, ensure};
use serde_json::Value;

impl PromotionWalk<'_> {
    /// Takes a network that was promoted through what happens between promotions: a gate that is disabled, ratified and enabled again, one
    /// on which nobody votes, a decision that the stake stops, and a pause.
    ///
    /// # Errors
    /// The first step that does not do what it says.
    pub async fn govern(&mut self) -> anyhow::Result<()> {
        let enabling = self.disable_and_ratify().await?;
        let unratified = self.disable_and_say_nothing()?;
        self.abort().await?;
        self.pause(enabling).await?;
        self.enable(enabling).await?;
        self.lapse(unratified).await
    }

    /// A gate is disabled in an emergency, ratified, and enabled again by the council's vote; gives the change that enables it, which waits.
    async fn disable_and_ratify(&mut self) -> anyhow::Result<u64> {
        self.step("The commander disables a gate in an emergency; the council ratifies that");
        let reason = ["--reason", "nodes forget what an audit needs"];
        let disable = |gate, cause| [&["rollout", "disable", gate, "--cause", cause], &reason[..]].concat();
        self.refused("release_commander", &disable("malachite_consensus", "SAFETY"), "E_EMERGENCY")?;
        self.refused("release_commander", &disable("pruning", "HASTE"), "E_CAUSE")?;
        let change = self.ask_for("release_commander", &disable("pruning", "SAFETY"))?;
        ensure!(!self.is_on("pruning").await?, "pruning is still on");
        self.tell(&format!(
            "change {change}: pruning is off at once, and the council has 24 hours, 24 s here, to say whether it agrees"
        ));
        let detail =
            self.until_change(change, "poll on the ratification", |change| ratification(change).is_some()).await?;
        self.vote(ratification(&detail).context("a duty without a poll")?)?;
        self.say("member0", "mitigation", &format!("change:{change}"), &["--passed"])?;
        self.until_label(change, "ratified").await?;
        self.act("release_commander", &["rollout", "close", "--change", &change.to_string()])?;
        self.tell("ratified, mitigated and closed; pruning stays off until the council has it enabled");
        self.ask_and_agree(&["rollout", "set", "pruning", "--enable", "--reason", "the audit is done"]).await
    }

    /// Another gate is disabled, and nobody votes; gives the change.
    fn disable_and_say_nothing(&mut self) -> anyhow::Result<u64> {
        self.step("Another gate is disabled, and nobody votes on that");
        let words =
            ["rollout", "disable", "reconstruction", "--cause", "LIVENESS", "--reason", "snapshots are too large"];
        let change = self.ask_for("release_commander", &words)?;
        self.tell(&format!("change {change} waits for a vote"));
        Ok(change)
    }

    /// What the council approved, the stake aborts before it is carried out.
    async fn abort(&mut self) -> anyhow::Result<()> {
        self.step("The council approves a gate ahead of its stage, and the stake aborts that before it is carried out");
        let asked = ["rollout", "set", "witness_network", "--variant", "on", "--reason", "why wait for canary"];
        let change = self.ask_and_agree(&asked).await?;
        let id = change.to_string();
        let words = ["rollout", "abort", "--change", &id, "--reason", "no canary has run it"];
        let proposed = self.act_as_validator(0, &words)?;
        let proposal = find(&proposed, "id").and_then(Value::as_u64).context("no proposal is named")?;
        all_yes(&self.network, proposal)?;
        let status = concluded(&mut self.network.nodes[0], proposal).await?;
        ensure!(status == "activated", "proposal {proposal} ended as {status}");
        let aborted = self.change(change).await?;
        ensure!(aborted["label"] == "aborted", "it is not over: {aborted}");
        self.refused("release_commander", &["rollout", "execute", "--change", &id], "E_STATE")?;
        ensure!(!self.is_on("witness_network").await?, "witness_network is on");
        self.tell(&format!("change {change} is aborted; witness_network is off"));
        Ok(())
    }

    /// A pause stops what waits, and is lifted.
    async fn pause(&mut self, waiting: u64) -> anyhow::Result<()> {
        self.step("The SRE lead pauses changes: nothing is asked for or carried out meanwhile, but for emergencies");
        let asked = ["rollout", "pause", "--announcement", "we look at odd blocks", "--reason", "odd blocks"];
        let pause = self.ask_for("sre_lead", &asked)?;
        let (id, waiting) = (pause.to_string(), waiting.to_string());
        let set = ["rollout", "set", "witness_network", "--variant", "on", "--reason", "again"];
        self.refused("release_commander", &set, "E_PAUSED")?;
        self.refused("release_commander", &["rollout", "execute", "--change", &waiting], "E_PAUSED")?;
        self.act("sre_lead", &["rollout", "thaw", "--change", &id])?;
        let lifted = self.change(pause).await?;
        ensure!(lifted["label"] == "closed", "the pause is not lifted: {lifted}");
        self.tell("whoever asked for it lifts it");
        Ok(())
    }

    /// The gate that was disabled first is enabled.
    async fn enable(&mut self, change: u64) -> anyhow::Result<()> {
        self.step(
            "The stake had its time; the gate that was ratified is enabled again, and that is audited and closed",
        );
        self.execute_when_ripe(change).await?;
        ensure!(self.is_on("pruning").await?, "pruning is still off");
        self.audit(change).await?;
        self.until_nothing_is_owed(change).await?;
        self.act("release_commander", &["rollout", "close", "--change", &change.to_string()])?;
        self.tell("pruning is on");
        Ok(())
    }

    /// The council has enforcement turned off, which stops counting from the next epoch on: waits for that, and gives its number.
    ///
    /// # Errors
    /// The first step that does not do what it says.
    pub async fn stop_enforcing(&mut self) -> anyhow::Result<u64> {
        self.step("The council has consensus_enforcement turned off; what was signed before is punished all the same");
        let asked =
            ["rollout", "set", "consensus_enforcement", "--variant", "off", "--reason", "a release signs twice"];
        let change = self.ask_and_agree(&asked).await?;
        self.execute_when_ripe(change).await?;
        ensure!(!self.is_on("consensus_enforcement").await?, "consensus_enforcement is still on");
        let carried_out = self.change(change).await?;
        let epoch = carried_out["executed"]["epoch"].as_u64().context("a change without the epoch of its execution")?;
        self.until_epoch(epoch + 1).await?;
        Ok(epoch + 1)
    }

    /// Carries out what the council approved, once the stake had its time to stop it.
    pub(super) async fn execute_when_ripe(&mut self, change: u64) -> anyhow::Result<()> {
        let from = self.change(change).await?["not_before"]["epoch"].as_u64().context("no epoch to wait for")?;
        self.until_epoch(from).await?;
        self.act("release_commander", &["rollout", "execute", "--change", &change.to_string()])?;
        Ok(())
    }

    /// What nobody ratified in time lapses, and is held: the gate stays off, and it stops promotions until somebody has decided.
    async fn lapse(&mut self, change: u64) -> anyhow::Result<()> {
        self.step("Nobody ratified the other one: it lapses after 24 hours, 24 s here, and is held");
        let lapsed = self.until_label(change, "lapsed").await?;
        ensure!(!self.is_on("reconstruction").await?, "reconstruction is on again");
        let owed = &lapsed["overdue"];
        self.tell(&format!(
            "change {change} lapsed: reconstruction stays off, promotions wait, and {owed} is still owed"
        ));
        Ok(())
    }

    /// The commander asks for a change, and two thirds of the council agree.
    pub(super) async fn ask_and_agree(&mut self, asked: &[&str]) -> anyhow::Result<u64> {
        let change = self.ask_for("release_commander", asked)?;
        let detail = self.until_change(change, "poll", |change| approval(change).is_some()).await?;
        self.vote(approval(&detail).context("a change without a poll")?)?;
        self.until_change(change, "approval", |change| change["state"] == "approved").await?;
        self.tell(&format!("change {change} is approved; the stake has some epochs to stop it"));
        Ok(change)
    }
}

/// The poll on whether an emergency is agreed to.
fn ratification(change: &Value) -> Option<u64> {
    let duties = change["duties"].as_array()?;
    duties.iter().find(|duty| duty["check"] == "ratify")?["poll"].as_u64()
}
