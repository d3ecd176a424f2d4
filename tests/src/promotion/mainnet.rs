//! From canary to mainnet, in a window that is announced, that every validator signs off on, and that freezes everything else.

use super::canary::PRUNED;
use super::evidence::unmet;
use super::release::TestedBuild;
use super::{PLAN, PromotionWalk, short};
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

/// How long ahead a window is announced, in milliseconds: 14 days, a second for each here.
const NOTICE_MS: u64 = 14_000;
/// How much longer ahead it is announced here, so that the words reach a block in time.
const SLACK_MS: u64 = 10_000;
/// How long it is: less than the eight minutes that stand for eight hours here.
const WINDOW_MS: u64 = 240_000;
/// How long mainnet is watched before that counts: 24 hours, a second for each here; and a second more, for the block that says so.
const WATCHED_MS: u64 = 25_000;
/// How many gates a network has.
const GATES: usize = 7;
/// Who is killed while everybody is paid for the first time.
const VICTIM: usize = 2;

impl PromotionWalk<'_> {
    /// Takes a network that was promoted to `testnet` by a change on to `mainnet`, with what each gate does on the way shown: some are
    /// paid before all are, two witness, what one node has forgotten it proves, and who is gone is not paid.
    ///
    /// # Errors
    /// The first step that does not do what it says.
    pub async fn go_on_to_mainnet(&mut self, testnet: u64, build: &TestedBuild) -> anyhow::Result<()> {
        self.go_through_testnet(testnet, build).await?;
        let canary = self.enter_canary(build).await?;
        self.pay_the_cohort(canary).await?;
        self.go_through_canary(canary, build).await?;
        self.witness().await?;
        let mainnet = self.enter_mainnet(build).await?;
        self.pay_everybody(mainnet).await?;
        self.prove_what_was_forgotten(testnet).await?;
        self.miss_an_epoch(PRUNED).await
    }

    /// Takes the network from `canary` to `mainnet`, whose steps are taken, and closes that; gives the change.
    ///
    /// # Errors
    /// The first step that does not do what it says.
    pub async fn enter_mainnet(&mut self, build: &TestedBuild) -> anyhow::Result<u64> {
        self.step("The commander asks to enter mainnet, and announces its window fourteen days ahead, 14 s here");
        let change = self.ask_to_enter("mainnet", build).await?;
        self.answer(change, build).await?;
        self.announce(change).await?;
        self.answer(change, build).await?;
        let waiting =
            "waiting until canary has had rewards on for seven whole epochs, and every node says that it is ready";
        self.until_complete(change, waiting).await?;
        self.agree(change).await?;
        self.carry_out_in_window(change).await?;
        self.watch(change, build).await?;
        self.finish(change, "mainnet", build).await?;
        for gate in self.gates().await? {
            self.until_served_everywhere(&gate, |now| now["is_on_for_all"] == true).await?;
        }
        self.tell("every gate is on for everybody, as each of the four nodes has it");
        Ok(change)
    }

    /// The window is announced; what validators have signed before that is not what they are asked.
    async fn announce(&self, change: u64) -> anyhow::Result<()> {
        let (id, now) = (change.to_string(), self.time().await?);
        let window = |from: u64| [from.to_string(), (from + WINDOW_MS).to_string()];
        let text = ["--text", "everything goes on then, for everybody"];
        let announce = |[from, until]: &[String; 2]| -> Vec<String> {
            let words = ["rollout", "announce", "--change", &id, "--from", from, "--until", until];
            words.iter().chain(&text).map(|word| (*word).to_owned()).collect()
        };
        let (soon, in_time) = (announce(&window(now + 1_000)), announce(&window(now + NOTICE_MS + SLACK_MS)));
        let soon: Vec<&str> = soon.iter().map(String::as_str).collect();
        self.refused("release_commander", &soon, "E_NOTICE")?;
        let in_time: Vec<&str> = in_time.iter().map(String::as_str).collect();
        self.act("release_commander", &in_time)?;
        let unmet = unmet(&self.explanation(change).await?);
        ensure!(
            unmet.iter().any(|key| key == "mainnet.window_signed"),
            "who signed before signed something else: {unmet:?}"
        );
        self.tell("the window is announced; whoever signed off before that signs off once more, on that window");
        Ok(())
    }

    /// It is carried out in its window while a validator is dead, and others stand still until it is audited.
    async fn carry_out_in_window(&mut self, change: u64) -> anyhow::Result<()> {
        self.step(&format!(
            "It is carried out in its window, while node{VICTIM} is dead; others stand still until the audit"
        ));
        self.carry_out_without(change, VICTIM).await?;
        let board = self.board().await?;
        ensure!(board["freeze"]["change"] == change, "nothing is frozen: {board}");
        let set = ["rollout", "set", "pruning", "--variant", "off", "--reason", "we want to look at old blocks"];
        self.refused("release_commander", &set, "E_FROZEN")?;
        self.audit(change).await?;
        self.back(VICTIM).await?;
        let asked = &mut self.network.nodes[0];
        asked
            .until("thaw", async |node| {
                let board = node.call("rollout.board", json!({ "plan": PLAN })).await.ok()?;
                board["freeze"].is_null().then_some(())
            })
            .await?;
        self.tell("the audit ends the freeze");
        Ok(())
    }

    /// Mainnet is watched for 24 hours after it was entered, 24 s here, and its steps are taken.
    async fn watch(&mut self, change: u64, build: &TestedBuild) -> anyhow::Result<()> {
        self.step("The chain has every gate as the profile says; the SRE lead watches for 24 hours, 24 s here");
        self.take_steps(change, "mainnet", &["confirm"], build).await?;
        let began = self.change(change).await?["executed"]["time"].as_u64().context("no time of execution")?;
        self.until_time(began + WATCHED_MS).await?;
        let (about, metrics) = (format!("change:{change}"), self.scraped("watched")?);
        let since = began.to_string();
        let watched = ["--passed", "--began", &since, "--digest", &metrics];
        self.say("sre_lead", "mainnet.monitored", &about, &watched)?;
        self.tell(&format!("nothing odd was seen, on {} of /metrics", short(&metrics)));
        self.take_steps(change, "mainnet", &["monitor"], build).await
    }

    async fn board(&self) -> anyhow::Result<Value> {
        self.network.nodes[0].call("rollout.board", json!({ "plan": PLAN })).await
    }

    /// The names of all gates.
    pub(super) async fn gates(&self) -> anyhow::Result<Vec<String>> {
        let board = self.board().await?;
        let flags = board["flags"].as_array().context("a board without flags")?;
        let gates: Vec<String> = flags.iter().filter_map(|flag| flag["key"].as_str().map(str::to_owned)).collect();
        ensure!(gates.len() == GATES, "the board has other gates than there are: {board}");
        Ok(gates)
    }
}
