//! What the roles state before a stage is entered, and after: each by its own key, on files that are really there.

use super::release::TestedBuild;
use super::{PLAN, PromotionWalk, short};
use crate::{NodeProcess, http};
use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};
use std::process::Command;

/// What a test run is known by, as in-toto has it.
pub(super) const TEST_RESULT: &str = "https://in-toto.io/attestation/test-result/v0.1";
/// Lists are judged again in each block; what nobody can say any more is the vote.
const VOTE: &str = "council.promote";
/// For how many epochs a list may lack what only time brings.
const MOST_EPOCHS: usize = 60;

impl PromotionWalk<'_> {
    /// Every role states what its checks ask before testnet is entered, and the list is complete but for the vote.
    pub(super) async fn state_evidence(&mut self, change: u64, build: &TestedBuild) -> anyhow::Result<()> {
        self.step(
            "Each role states what its checks ask, by its own key and on real files; the chain measures the rest",
        );
        let about = format!("change:{change}");
        self.of_commander(change, build).await?;
        self.of_sre_lead(&about).await?;
        self.say("security_steward", "signoff.provenance", &about, &["--passed"])?;
        self.tell(
            "security_steward signs the provenance off: the chain has the build's signatures and its bill of materials",
        );
        for index in 0..self.network.nodes.len() {
            let words = ["rollout", "attest", "--check", "testnet.acknowledged", "--about", &about, "--passed"];
            self.act_as_validator(index, &words)?;
        }
        self.tell("four validators acknowledge the window, each for itself");
        let waiting =
            "waiting until development has soaked, for 48 hours or 48 s here, and every node says that it is ready";
        self.until_complete(change, waiting).await
    }

    /// One failed sign-off is NO-GO, whatever else was said; and it heals when the same role says otherwise.
    async fn of_commander(&self, change: u64, build: &TestedBuild) -> anyhow::Result<()> {
        let about = format!("change:{change}");
        self.test(build).await?;
        self.say("release_commander", "signoff.commander", &about, &["--failed", "--reason", "one report is open"])?;
        self.explained(&["--change", &change.to_string()], 1, "no_go")?;
        self.say("release_commander", "signoff.commander", &about, &["--passed"])?;
        self.tell("release_commander signs off, after a failed sign-off had made it NO-GO");
        Ok(())
    }

    /// The commander states what came of the tests of a build, with the commit that it was built from.
    pub(super) async fn test(&self, build: &TestedBuild) -> anyhow::Result<()> {
        let artifact = format!("artifact:{}", build.hash);
        let health = self.network.nodes[0].operate("node.health", json!({})).await?;
        for (check, by, seen) in [
            ("smoke.pipeline", "the-block self-check", self_check(build)?),
            ("smoke.observability", "node.health", health),
        ] {
            let said = json!({ "result": "PASSED", "configuration": [{ "name": by }], "seen": seen });
            let body = self.body(check, &artifact, &build.hash, TEST_RESULT, said)?;
            self.say("release_commander", check, &artifact, &["--statement", &body, "--commit", &build.commit])?;
        }
        self.tell("release_commander states two test results of the build, with the commit that it was built from");
        Ok(())
    }

    /// A drill, what the dashboards show, and what to go back with.
    async fn of_sre_lead(&self, about: &str) -> anyhow::Result<()> {
        let sre = "sre_lead";
        let snapshot = self.drill("chain")?;
        let metrics = self.scraped("before")?;
        let latency = self.block_seconds().await?;
        let baseline = ["--passed", "--value", &latency, "--digest", &metrics];
        self.say(sre, "baseline.consensus_latency", "stage:development", &baseline)?;
        self.say(sre, "preflight.consensus_health", "stage:testnet", &baseline)?;
        for check in ["proof_latency", "vrf_participation", "network_churn", "alert_routing"] {
            let check = format!("preflight.{check}");
            self.say(sre, &check, "stage:testnet", &["--passed", "--digest", &metrics])?;
        }
        self.tell(&format!(
            "{sre} states what the dashboards show, on {} of /metrics: a block every {latency} s",
            short(&metrics)
        ));
        self.say(sre, "preflight.rollback_assets", about, &["--passed", "--digest", &snapshot])?;
        self.say(sre, "signoff.observability", about, &["--passed"])?;
        Ok(())
    }

    /// The way back is rehearsed by the playbook of a domain; gives the BLAKE3 of the snapshot that was taken for it.
    pub(super) fn drill(&self, domain: &str) -> anyhow::Result<String> {
        let (sre, key) = ("sre_lead", |what: &str| format!("drill.{domain}.{what}"));
        self.say(sre, &key("began"), "plan", &["--passed"])?;
        let snapshot = self.snapshot(&format!("drill-{domain}"))?;
        self.say(sre, &key("ended"), "plan", &["--passed", "--digest", &snapshot])?;
        self.tell(&format!("{sre} rehearses the way back: a snapshot of node1, with BLAKE3 {}", short(&snapshot)));
        Ok(snapshot)
    }

    /// Every duty of a promotion that somebody has to say is said: the audit, the sections that were gone through, and what to go back with.
    pub(super) async fn state_duties(&self, change: u64) -> anyhow::Result<()> {
        let about = format!("change:{change}");
        self.audit(change).await?;
        for (member, section) in [("release_commander", "testnet-readiness"), ("sre_lead", "common-preflight-checks")] {
            self.say(member, "close.release_checks", &about, &["--passed", "--ref", section])?;
            self.tell(&format!("{member} signs the section #{section} of the release checks off"));
        }
        self.say("sre_lead", "close.recovery", &about, &["--passed"])?;
        Ok(())
    }

    /// The audit of a change is stated, on the metrics of a node after it.
    pub(super) async fn audit(&self, change: u64) -> anyhow::Result<()> {
        let (about, name) = (format!("change:{change}"), format!("audit-{change}"));
        let (metrics, digest) = (self.scraped(&name)?, self.digest_of(change).await?);
        let said = json!({ "metrics": metrics, "of": self.network.nodes[0].metrics });
        let body = self.body(&name, &about, &digest, "metrics", said)?;
        self.say("release_commander", "close.audit", &about, &["--statement", &body, "--passed"])?;
        self.tell(&format!("release_commander posts the audit, on {} of /metrics", short(&metrics)));
        Ok(())
    }

    /// Asks why a change, or a stage, can go on or cannot; the exit code says it too.
    pub(super) fn explained(&self, of: &[&str], code: i32, answer: &str) -> anyhow::Result<()> {
        let output = self.contract()?.run(&[&["rollout", "explain"], of, &["--json"]].concat())?;
        let said: Value = serde_json::from_slice(&output.stdout).context("explain printed no JSON")?;
        ensure!(
            output.status.code() == Some(code) && said["answer"] == answer,
            "explain {of:?} exits with {:?}, and {answer} was expected with {code}: {said}",
            output.status.code()
        );
        let unmet = unmet(&said);
        let first: Vec<&str> = unmet.iter().take(4).map(String::as_str).collect();
        let open =
            if unmet.is_empty() { String::new() } else { format!(", {} open: {} ...", unmet.len(), first.join(", ")) };
        self.tell(&format!("explain exits with {code}, {}{open}", answer.to_uppercase().replace('_', "-")));
        Ok(())
    }

    /// A member of the council states something.
    pub(super) fn say(&self, member: &str, check: &str, about: &str, more: &[&str]) -> anyhow::Result<Value> {
        self.act(member, &[&["rollout", "attest", "--check", check, "--about", about], more].concat())
    }

    /// Waits until a change lacks nothing but the vote: until the chain has soaked for as long as it has to, too.
    pub(super) async fn until_complete(&mut self, change: u64, waiting: &str) -> anyhow::Result<()> {
        self.tell(waiting);
        for _ in 0..MOST_EPOCHS {
            let now = self.epoch().await?;
            let asked = &mut self.network.nodes[0];
            let is_complete = asked
                .until("a complete list, or the next epoch", async |node| {
                    let said = node.call("rollout.explain", json!({ "change": change })).await.ok()?;
                    if unmet(&said) == [VOTE] {
                        return Some(true);
                    }
                    let status = node.call("chain.status", json!({})).await.ok()?;
                    (status["epoch"].as_u64()? > now).then_some(false)
                })
                .await?;
            if is_complete {
                self.tell("every check is met but the vote itself");
                return Ok(());
            }
        }
        let said = self.explanation(change).await?;
        bail!("change {change} lacks {:?} after {MOST_EPOCHS} epochs: {said}", unmet(&said))
    }

    /// Why a change can be carried out or closed, or not.
    pub(super) async fn explanation(&self, change: u64) -> anyhow::Result<Value> {
        self.network.nodes[0].call("rollout.explain", json!({ "change": change })).await
    }

    /// Waits until a change owes nothing that the chain could still miss.
    pub(super) async fn until_nothing_is_owed(&mut self, change: u64) -> anyhow::Result<()> {
        let asked = &mut self.network.nodes[0];
        asked
            .until("nothing that is owed", async |node| {
                let said = node.call("rollout.explain", json!({ "change": change })).await.ok()?;
                (said["answer"] == "go").then_some(())
            })
            .await
    }

    /// Writes the body of a statement, an in-toto Statement v1; gives its path.
    pub(super) fn body(
        &self,
        name: &str,
        subject: &str,
        digest: &str,
        predicate: &str,
        said: Value,
    ) -> anyhow::Result<String> {
        let body = json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{ "name": subject, "digest": { "blake3": digest } }],
            "predicateType": predicate,
            "predicate": said,
        });
        let file = self.dir.join(format!("{name}.json"));
        std::fs::write(&file, serde_json::to_vec_pretty(&body)?)
            .with_context(|| format!("cannot write {}", file.display()))?;
        Ok(file.display().to_string())
    }

    /// Keeps what the first node serves under `/metrics`; gives the BLAKE3.
    pub(super) fn scraped(&self, name: &str) -> anyhow::Result<String> {
        let file = self.dir.join(format!("metrics-{name}.txt"));
        std::fs::write(&file, http::get(&self.network.nodes[0].metrics)?.body)
            .with_context(|| format!("cannot write {}", file.display()))?;
        self.hash_of(&file)
    }

    /// Takes a snapshot of the state from the second node, while it runs, into a file of that name; gives the BLAKE3.
    pub(super) fn snapshot(&self, name: &str) -> anyhow::Result<String> {
        let (node, file) = (&self.network.nodes[1], self.dir.join(format!("{name}.snapshot")));
        let output = Command::new(&node.executable)
            .args(["export-state", "--home"])
            .arg(&node.home)
            .arg("--out")
            .arg(&file)
            .output();
        let output = output.context("cannot run the-block export-state")?;
        ensure!(output.status.success(), "export-state failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        self.hash_of(&file)
    }

    /// From one block to the next, in seconds, as the chain says it.
    pub(super) async fn block_seconds(&self) -> anyhow::Result<String> {
        let status = self.network.nodes[0].call("chain.status", json!({})).await?;
        let millis = status["block_ms"].as_u64().context("chain.status has no block_ms")?;
        Ok(format!("{}.{:03}", millis / 1000, millis % 1000))
    }

    /// The content of a change as one hash, which every vote is on.
    pub(super) async fn digest_of(&self, change: u64) -> anyhow::Result<String> {
        let change = self.change(change).await?;
        change["digest"].as_str().map(str::to_owned).context("rollout.change has no digest")
    }

    /// Whether the chain itself has a flag on for everybody, by the board.
    pub(super) async fn is_on(&self, flag: &str) -> anyhow::Result<bool> {
        let now = served(&self.network.nodes[0], flag).await?;
        now["is_on_for_all"].as_bool().context("a flag that is neither on nor off")
    }
}

/// What a flag serves, as a node has it.
pub(super) async fn served(node: &NodeProcess, flag: &str) -> anyhow::Result<Value> {
    let board = node.call("rollout.board", json!({ "plan": PLAN })).await?;
    let flags = board["flags"].as_array().context("a board without flags")?;
    let found = flags.iter().find(|line| line["key"] == flag).with_context(|| format!("no flag {flag}: {board}"))?;
    Ok(found["now"].clone())
}

/// What a build says of itself when it is asked whether it runs here.
fn self_check(build: &TestedBuild) -> anyhow::Result<Value> {
    let output = Command::new(&build.file).arg("self-check").output();
    let output = output.with_context(|| format!("cannot run {}", build.file.display()))?;
    ensure!(output.status.success(), "the build does not run here: {}", String::from_utf8_lossy(&output.stderr).trim());
    serde_json::from_slice(&output.stdout).context("self-check printed no JSON")
}

/// The checks that keep a list from being GO, in its order.
pub(super) fn unmet(said: &Value) -> Vec<String> {
    unsettled(said).filter_map(|finding| Some(finding["key"].as_str()?.to_owned())).collect()
}

/// What is found of them.
pub(super) fn unsettled(said: &Value) -> impl Iterator<Item = &Value> {
    let findings = said["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is_settled = |finding: &Value| ["met", "waived", "skipped"].iter().any(|state| finding["state"] == *state);
    findings.iter().filter(move |finding| !is_settled(finding))
}
