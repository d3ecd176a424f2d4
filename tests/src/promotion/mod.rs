//! How a council promotes a network from `development` to `testnet`, on evidence that is really there, and what happens around that; and
//! how it goes on from there over `canary` to `mainnet`: for `make demo-rollout` and for journeys.
//!
//! Four validators start under the plan of `config/profiles/chain.toml`, sealed by the first of them, with spans that pass while
//! somebody looks on ([`profile`]). Everything is done by the operator's command, with the keys of those whose it is to do. Each step says
//! what it does and checks that it happened; the first that does not ends the walk with an error.

mod answers;
mod board;
mod canary;
mod emergencies;
mod evidence;
mod mainnet;
mod paid;
mod profile;
mod promoted;
mod release;
mod standing;
mod witnessed;

pub use canary::{CANARY_VALIDATORS, CANARY_WITNESSES, PRUNED};
pub use profile::fast_profile;
pub use release::TestedBuild;
pub use standing::standstill;

use crate::explorer::repository;
use crate::network::free_base_port;
use crate::votes::find;
use crate::{Contract, Network, binaries};
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use std::cell::Cell;
use std::path::{Path, PathBuf};

/// What the plan is called.
pub const PLAN: &str = "chain";
/// How many validators there are: any three have more than two thirds of the stake, no two have.
const VALIDATORS: u16 = 4;
/// Blocks follow each other fast, and an epoch has time for what every node says once in it.
const PACE: [&str; 4] = ["--block-time-ms", "250", "--epoch-length", "10"];
/// How often a command of a validator is tried, whose node may send something in the name of the same account at the same moment.
const TRIES: usize = 4;

/// A network that a plan governs, while it is promoted.
pub struct PromotionWalk<'a> {
    /// The network; its nodes need not run yet.
    pub network: Network,
    /// Where evidence is written.
    dir: PathBuf,
    profile: PathBuf,
    tell: &'a dyn Fn(&str),
    /// How many steps were taken.
    steps: Cell<u32>,
}

impl<'a> PromotionWalk<'a> {
    /// Writes the network below a folder, with `the-block testnet --profile`, at `development`; each step is told.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(dir: &Path, tell: &'a dyn Fn(&str)) -> anyhow::Result<Self> {
        Self::write_at("development", dir, tell)
    }

    /// The same at another stage.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_at(stage: &str, dir: &Path, tell: &'a dyn Fn(&str)) -> anyhow::Result<Self> {
        let executable = binaries::copied("the-block", &dir.join("bin"))?;
        let profile = fast_profile(dir)?;
        let (shown, root) = (profile.display().to_string(), repository().display().to_string());
        let governed = ["--profile", &shown, "--root", &root, "--stage", stage];
        let extra = [&PACE[..], &governed[..]].concat();
        let base_port = free_base_port(VALIDATORS)?;
        let network = Network::write_with(&executable, &dir.join("network"), VALIDATORS, base_port, &extra)?;
        network.hurry()?;
        let evidence = dir.join("evidence");
        std::fs::create_dir_all(&evidence).with_context(|| format!("cannot create {}", evidence.display()))?;
        Ok(Self { network, dir: evidence, profile, tell, steps: Cell::new(0) })
    }

    /// The nodes start, and the first of them decides every block alone.
    ///
    /// # Errors
    /// When they do not start, or anybody else decides.
    pub async fn start(&mut self) -> anyhow::Result<()> {
        self.lint()?;
        self.step(
            "Four validators start at stage development, which is sealed: the first of them decides every block alone",
        );
        self.network.start_all()?;
        self.network.reach(2).await?;
        let first = &self.network.nodes[0];
        let status = first.call("chain.status", json!({})).await?;
        ensure!(status["sealer"] == first.account.as_str(), "node0 does not decide alone: {status}");
        let (height, signatures) = self.signatures().await?;
        ensure!(signatures == 1, "the certificate of block {height} has {signatures} signatures");
        self.tell(&format!(
            "the certificate of block {height} has 1 signature, of {}",
            short(&self.network.nodes[0].account)
        ));
        let council = self.contract()?.json(&["roles", "show", "governance_council"])?;
        ensure!(council.to_string().contains("governance_council"), "there is no council: {council}");
        self.tell("a commander, an SRE lead, a steward and a council of three have keys of their own");
        self.until_all_have_the_bundle().await
    }

    /// Waits until every node has said on chain what it runs and knows, and that it has the bundle.
    async fn until_all_have_the_bundle(&mut self) -> anyhow::Result<()> {
        let asked = &mut self.network.nodes[0];
        asked
            .until("word of every node", async |node| {
                let fleet = node.call("rollout.fleet", json!({ "plan": PLAN })).await.ok()?;
                (fleet["bundle"]["nodes"] == VALIDATORS).then_some(())
            })
            .await?;
        self.tell("each node says on chain what it runs and knows, and that it has the bundle");
        Ok(())
    }

    /// The profile that the network starts by is without a mistake, and its bundle is the file that everybody has.
    fn lint(&self) -> anyhow::Result<()> {
        self.step("The profile is read as the chain reads it; only its spans and windows are those of a demo");
        let (profile, root) = (self.profile.display().to_string(), repository().display().to_string());
        let linted = self.contract()?.json(&["rollout", "lint", &profile, "--root", &root])?;
        let bundle = self.hash_of(&repository().join("config/defaults/mainnet.toml"))?;
        ensure!(linted["bundle"] == bundle.as_str(), "the bundle is another file: {linted}");
        self.tell(&format!(
            "no mistake; its bundle is {}, as b3sum prints it for config/defaults/mainnet.toml",
            short(&bundle)
        ));
        Ok(())
    }

    /// Tells the next step.
    fn step(&self, text: &str) {
        self.steps.set(self.steps.get() + 1);
        (self.tell)(&format!("{}. {text}", self.steps.get()));
    }

    /// Tells what came of it.
    fn tell(&self, text: &str) {
        (self.tell)(&format!("   {text}"));
    }

    fn contract(&self) -> anyhow::Result<Contract> {
        Contract::at(&self.network.nodes[0].rpc)
    }

    /// The key file of a member of the council, such as `sre_lead` or `member0`.
    fn seat(&self, member: &str) -> String {
        self.network.dir.join(format!("council/{member}.key")).display().to_string()
    }

    /// A member of the council does something; gives what the command answers.
    fn act(&self, member: &str, words: &[&str]) -> anyhow::Result<Value> {
        let key = self.seat(member);
        self.contract()?.json(&[words, &["--key", &key]].concat())
    }

    /// A validator does something.
    fn act_as_validator(&self, index: usize, words: &[&str]) -> anyhow::Result<Value> {
        let (key, contract) = (self.network.nodes[index].key(), self.contract()?);
        let act = || contract.json(&[words, &["--key", &key]].concat());
        (1..TRIES).fold(act(), |acted, _| acted.or_else(|_| act()))
    }

    /// A member of the council is refused something, with a code; gives the sentence.
    fn refused(&self, member: &str, words: &[&str], code: &str) -> anyhow::Result<String> {
        let key = self.seat(member);
        let (_, said) = self.contract()?.refused(&[words, &["--key", &key]].concat())?;
        ensure!(
            said.contains(&format!("{code}: ")),
            "`contract {}` is not refused with {code}: {said}",
            words.join(" ")
        );
        let sentence = said.lines().find(|line| line.contains(code)).unwrap_or_default();
        // What becomes of the transaction stands behind it.
        let sentence = sentence.trim_start_matches("error: ").split("; it is not sent").next().unwrap_or_default();
        self.tell(&format!("{member} is refused: {sentence}"));
        Ok(said)
    }

    /// Somebody asks for a change; gives its number.
    fn ask_for(&self, member: &str, words: &[&str]) -> anyhow::Result<u64> {
        let sent = self.act(member, words)?;
        find(&sent, "id").and_then(Value::as_u64).with_context(|| format!("no number of a change in {sent}"))
    }

    /// A change, as `rollout.change` answers it.
    async fn change(&self, id: u64) -> anyhow::Result<Value> {
        self.network.nodes[0].call("rollout.change", json!({ "id": id })).await
    }

    /// Waits until a change is as it has to be.
    async fn until_change(&mut self, id: u64, what: &str, is_so: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        let what = format!("{what} of change {id}");
        let asked = &mut self.network.nodes[0];
        asked
            .until(&what, async |node| {
                let change = node.call("rollout.change", json!({ "id": id })).await.ok()?;
                is_so(&change).then_some(change)
            })
            .await
    }

    /// Waits until a change is called so.
    async fn until_label(&mut self, id: u64, label: &str) -> anyhow::Result<Value> {
        self.until_change(id, label, |change| change["label"] == label).await
    }

    /// The epoch of the newest block.
    async fn epoch(&self) -> anyhow::Result<u64> {
        let status = self.network.nodes[0].call("chain.status", json!({})).await?;
        status["epoch"].as_u64().context("chain.status has no epoch")
    }

    /// The time of the newest block, in milliseconds.
    async fn time(&self) -> anyhow::Result<u64> {
        let status = self.network.nodes[0].call("chain.status", json!({})).await?;
        status["time"].as_u64().context("chain.status has no time")
    }

    /// Waits until a block of a time stands.
    async fn until_time(&mut self, time: u64) -> anyhow::Result<()> {
        let asked = &mut self.network.nodes[0];
        asked
            .until(&format!("block of the time {time}"), async |node| {
                let status = node.call("chain.status", json!({})).await.ok()?;
                (status["time"].as_u64()? >= time).then_some(())
            })
            .await
    }

    /// Waits until an epoch has begun.
    async fn until_epoch(&mut self, epoch: u64) -> anyhow::Result<()> {
        let asked = &mut self.network.nodes[0];
        asked
            .until(&format!("epoch {epoch}"), async |node| {
                let status = node.call("chain.status", json!({})).await.ok()?;
                (status["epoch"].as_u64()? >= epoch).then_some(())
            })
            .await
    }

    /// Two of the three members of the council vote yes on the poll of a change, each with a reason.
    fn vote(&self, poll: u64) -> anyhow::Result<()> {
        let reasons = [("member0", "I have read all of it, and agree"), ("member1", "nothing speaks against it")];
        let id = poll.to_string();
        for (member, reason) in reasons {
            self.act(member, &["gov", "vote", "--id", &id, "--choice", "yes", "--reason", reason])?;
            self.tell(&format!("{member} votes yes: {reason:?}"));
        }
        Ok(())
    }

    /// The newest block, and how many signatures its certificate has.
    async fn signatures(&self) -> anyhow::Result<(u64, usize)> {
        let node = &self.network.nodes[0];
        let height = node.height().await?;
        let certificate = node.call("chain.certificate", json!({ "height": height })).await?;
        let signatures = certificate["signatures"].as_array().context("a certificate without signatures")?;
        Ok((height, signatures.len()))
    }

    /// The BLAKE3 of a file, by `contract release hash`.
    fn hash_of(&self, file: &Path) -> anyhow::Result<String> {
        let measured = self.contract()?.json(&["release", "hash", &file.display().to_string()])?;
        measured["build_hash"].as_str().map(str::to_owned).context("release hash printed no hash")
    }
}

/// The poll on the approval of a change.
fn approval(change: &Value) -> Option<u64> {
    change["poll"].as_u64()
}

/// The first eight digits of a hash or an account.
fn short(hash: &str) -> String {
    hash.chars().take(8).collect::<String>() + "…"
}
