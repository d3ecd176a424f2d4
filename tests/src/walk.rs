//! The main job, end to end: a build is refused, signed, proposed, held, voted for, activated, installed, and on record.
//!
//! Each step says what it does and checks that it happened; the first that does not ends the walk with an error.

use crate::votes::{TIME_TO_FETCH, deadline_after, find, follow, give, held_by_all};
use crate::{Contract, Network, SignedManifest};
use anyhow::{Context as _, ensure};
use host::config::Home;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use update::Releases;

/// What a walk tells about.
pub struct Walk<'a> {
    /// The network it walks; its nodes need not run yet.
    pub network: &'a mut Network,
    /// The executable that becomes the release: it runs, and has another hash than the one that genesis approves.
    pub candidate: &'a Path,
    /// Where to tell each step.
    pub tell: &'a dyn Fn(&str),
}

/// What a walk leaves behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walked {
    /// The release that is now installed on the last node.
    pub build_hash: String,
    /// The proposal that approved it.
    pub proposal: u64,
}

/// Makes a second, runnable build with another hash, as a release engineer would: the same code without its symbols.
///
/// # Errors
/// When `strip`, which comes with the C compiler, is missing or fails.
pub fn stripped(executable: &Path, to: &Path) -> anyhow::Result<PathBuf> {
    let status = Command::new("strip").arg("-o").arg(to).arg(executable).status().context("cannot run strip")?;
    ensure!(status.success(), "strip failed");
    Ok(to.to_owned())
}

impl Walk<'_> {
    /// Takes every step.
    ///
    /// # Errors
    /// The first step that does not do what it says.
    pub async fn take(&mut self) -> anyhow::Result<Walked> {
        self.start().await?;
        let hash = self.refuse().await?;
        let signed = self.sign(&hash)?;
        let proposal = self.propose(&signed).await?;
        self.hold(proposal).await?;
        self.vote(proposal)?;
        self.activate(proposal, &hash).await?;
        self.install(&hash).await?;
        Ok(Walked { build_hash: hash, proposal })
    }

    fn tell(&self, text: &str) {
        (self.tell)(text);
    }

    fn contract(&self, node: usize) -> anyhow::Result<Contract> {
        Contract::at(&self.network.nodes[node].rpc)
    }

    async fn start(&mut self) -> anyhow::Result<()> {
        self.tell(&format!("1. {} validators start, each measuring its own executable", self.network.nodes.len()));
        self.network.start_all()?;
        self.network.reach(2).await?;
        for node in &self.network.nodes {
            let version = node.call("node.version", json!({})).await?;
            let release = node.call("gov.release", json!({ "hash": version["build_bin_hash"] })).await?;
            ensure!(release["standing"] == "active", "{} runs a build that is not active: {release}", node.rpc);
            self.tell(&format!("   {}  runs {}, approved", node.rpc, short(&version["build_bin_hash"])));
        }
        Ok(())
    }

    /// The boot check refuses the candidate, on the home of the node that will run it.
    async fn refuse(&mut self) -> anyhow::Result<String> {
        let home = self.network.nodes.last().context("a network without nodes")?.home.clone();
        let file = self.contract(0)?.json(&["release", "hash", &self.candidate.display().to_string()])?;
        let hash = file["build_hash"].as_str().context("no hash")?.to_owned();
        self.tell(&format!("2. A second build, {}, asks whether it may run", short(&file["build_hash"])));
        let check = Command::new(self.candidate).args(["check", "--home"]).arg(&home).output()?;
        let report: Value = serde_json::from_slice(&check.stdout).context("check printed no JSON")?;
        ensure!(check.status.code() == Some(10), "the boot check answered {:?}: {report}", check.status.code());
        ensure!(report["build_bin_hash"] == hash.as_str(), "the build measured itself as {}", report["build_bin_hash"]);
        self.tell(&format!("   refused with exit code 10: {}", report["reason"].as_str().unwrap_or_default()));
        Ok(hash)
    }

    fn sign(&self, hash: &str) -> anyhow::Result<SignedManifest> {
        self.tell("3. Two of three release signers sign it, and all that is said of it");
        let candidate = self.candidate.display().to_string();
        let said = ["--hash", hash, "--artifact", &candidate, "--version", "0.2.0", "--class", "minor"];
        let signed = SignedManifest::of(self.network, &said)?;
        for (index, by) in signed.signatures.iter().enumerate() {
            self.tell(&format!("   signer {index}  {}", short(&by["signer"])));
        }
        Ok(signed)
    }

    async fn propose(&self, signed: &SignedManifest) -> anyhow::Result<u64> {
        self.tell("4. A validator puts the release into its node, there is no mirror, and proposes it by JSON-RPC");
        give(&self.network.nodes[0], self.candidate)?;
        let is_alone = self.network.nodes.len() == 1;
        let time = if is_alone { Duration::ZERO } else { TIME_TO_FETCH };
        let deadline = deadline_after(&self.network.nodes[0], time).await?;
        let key = self.network.nodes[0].key();
        let signed = signed.to_propose()?;
        let mut arguments = vec!["gov", "propose-release", "--key", &key, "--deadline", &deadline];
        arguments.extend(signed.iter().map(String::as_str));
        let proposed = self.contract(0)?.json(&arguments)?;
        let id = find(&proposed, "id").and_then(Value::as_u64).context("propose-release printed no proposal id")?;
        self.tell(&format!("   proposal {id} is open"));
        Ok(id)
    }

    /// The other nodes fetch it from the proposer's, and each says so by itself.
    async fn hold(&mut self, proposal: u64) -> anyhow::Result<()> {
        self.tell("5. The nodes fetch it from each other, and each says on chain that it holds it");
        let view = held_by_all(&mut self.network.nodes[0], proposal).await?;
        let availability = &view["availability"];
        let amount = |value: &Value| value.as_str().unwrap_or("?").to_owned();
        let [power, total, needed] =
            [&availability["builds"][0]["power"], &availability["total"], &availability["needed"]].map(amount);
        ensure!(availability["met"] == true, "too few hold the release: {availability}");
        self.tell(&format!("   {power} of {total} power holds it; {needed} is needed"));
        Ok(())
    }

    fn vote(&self, proposal: u64) -> anyhow::Result<()> {
        self.tell("6. The validators and a token holder vote");
        let id = proposal.to_string();
        for node in 0..self.network.nodes.len() {
            let key = self.network.nodes[node].key();
            self.contract(node)?.json(&["gov", "approve-release", "--id", &id, "--key", &key])?;
            self.tell(&format!("   node{node} votes yes"));
        }
        let key = self.network.holder(0);
        let reason = ["--reason", "tested on our staging nodes"];
        let vote = ["gov", "vote", "--id", &id, "--choice", "yes", "--key", &key];
        self.contract(0)?.json(&[&vote[..], &reason[..]].concat())?;
        self.tell("   holder0 votes yes: \"tested on our staging nodes\"");
        Ok(())
    }

    async fn activate(&mut self, proposal: u64, hash: &str) -> anyhow::Result<()> {
        self.tell("7. It passes, waits its delay, and activates");
        let node = &mut self.network.nodes[0];
        let mut seen = String::new();
        let tell = self.tell;
        follow(node, proposal, "it is activated", |view| {
            let status = view["status"].as_str()?;
            if status != seen {
                tell(&format!("   {status}"));
                status.clone_into(&mut seen);
            }
            (status == "activated").then_some(())
        })
        .await?;
        let release = node.call("gov.release", json!({ "hash": hash })).await?;
        ensure!(release["standing"] == "active", "the release is not active: {release}");
        Ok(())
    }

    /// The last validator's operator installs the release, which the node fetched while it was voted on, and restarts; it
    /// boots, rejoins consensus, and its receipt is on chain.
    async fn install(&mut self, hash: &str) -> anyhow::Result<()> {
        let index = self.network.nodes.len() - 1;
        self.tell(&format!("8. The operator of node{index} installs it: the node has it since it was voted on"));
        let executable = self.fetch(index, hash)?;
        self.tell(&format!("9. node{index} restarts on the new build"));
        let before = self.network.nodes[0].height().await?;
        let node = &mut self.network.nodes[index];
        node.stop().await?;
        node.executable = executable;
        node.start()?;
        node.reach(before + 2).await?;
        let version = node.call("node.version", json!({})).await?;
        ensure!(version["build_bin_hash"] == hash, "it runs {}", version["build_bin_hash"]);
        self.tell(&format!("   it runs {}, approved by chain state", short(&version["build_bin_hash"])));
        self.rejoined(index).await?;
        self.receipt(index, hash).await
    }

    /// `contract gov fetch-release --install`, without a source; gives what the next start runs.
    fn fetch(&self, index: usize, hash: &str) -> anyhow::Result<PathBuf> {
        let home = self.network.nodes[index].home.clone();
        let place = home.display().to_string();
        let fetch = ["gov", "fetch-release", "--hash", hash, "--no-peers", "--install", "--json", "--home", &place];
        let output = self.contract(index)?.run(&fetch)?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
        let last = String::from_utf8_lossy(&output.stdout).lines().last().map(str::to_owned).unwrap_or_default();
        let done: Value = serde_json::from_str(&last).context("fetch-release printed no JSON")?;
        self.tell(&format!(
            "   {} bytes, verified against the approved hash; installed in slot {}",
            done["size"],
            done["installed"].as_str().unwrap_or("?")
        ));
        Ok(Releases::of(&Home::at(&home)).running())
    }

    /// Its signature is in the certificate of a new block, as another node has it.
    async fn rejoined(&mut self, index: usize) -> anyhow::Result<()> {
        let account = self.network.nodes[index].account.clone();
        let asked = &mut self.network.nodes[0];
        let height = asked
            .until("a certificate with the restarted node's signature", async |node| {
                let height = node.height().await.ok()?;
                let certificate = node.call("chain.certificate", json!({ "height": height })).await.ok()?;
                certificate.to_string().contains(&account).then_some(height)
            })
            .await?;
        self.tell(&format!("   it signs again: its precommit is in the certificate of block {height}"));
        Ok(())
    }

    async fn receipt(&mut self, index: usize, hash: &str) -> anyhow::Result<()> {
        let account = self.network.nodes[index].account.clone();
        let asked = &mut self.network.nodes[0];
        asked
            .until("install receipt", async |node| {
                let release = node.call("gov.release", json!({ "hash": hash })).await.ok()?;
                release["installs"].to_string().contains(&account).then_some(())
            })
            .await?;
        self.tell("10. Its install receipt is on chain");
        Ok(())
    }
}

/// The first eight digits of a hash.
fn short(hash: &Value) -> String {
    hash.as_str().unwrap_or_default().chars().take(8).collect::<String>() + "…"
}
