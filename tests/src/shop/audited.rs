//! What all of that left behind: an audit log that hangs together, says for how long it is kept, and goes into other systems.

use super::{PLAN, ShopWalk};
use crate::showing::explored;
use crate::{ExplorerProcess, http};
use anyhow::{Context as _, ensure};
use cases::Event as CaseEvent;
use primitives::{CaseId, Height, Reason, Text, Timestamp};
use runtime::Event;
use serde_json::{Value, json};
use std::path::Path;

/// What is held, and what lies beside it.
const HELD: &str = "PROD/t1";
const BESIDE: &str = "PROD/t2";
/// For how long it is held: shorter than the plan lets hold anything, longer than anybody looks on.
const HELD_MS: u64 = 3_600_000;

impl ShopWalk<'_> {
    /// The log is whole, for the node and for an explorer, whose pages say for how long it is kept, and which gives it to other systems.
    ///
    /// # Errors
    /// When it is not, or lacks what was done.
    pub async fn audit(&mut self, dir: &Path) -> anyhow::Result<ExplorerProcess> {
        self.step("Somebody may be asked in court: the owner has the records of t1 in production kept, whatever their time is");
        let held = self.hold().await?;
        self.step("The audit log hangs together from the first block on, says for how long it is kept, and is taken to other systems");
        let said = self.contract()?.json(&["audit", "integrity"])?;
        ensure!(said["chain_valid"] == true, "the node finds the log broken: {said}");
        let explorer = explored(&self.network, dir).await?;
        let found = explorer.json("/audit/integrity")?;
        ensure!(found["chain_valid"] == true, "the explorer finds the log broken: {found}");
        self.tell(&format!("the node and the explorer find {} facts whole", found["total_entries"]));
        self.is_kept(&explorer, held)?;
        self.export(&explorer, dir)?;
        Ok(explorer)
    }

    /// Has what one tenant did in production kept, from the first block on.
    async fn hold(&mut self) -> anyhow::Result<CaseId> {
        let owner = self.people.owner.clone();
        let status = self.network.nodes[0].call("chain.status", json!({})).await?;
        let now = status["time"].as_u64().with_context(|| format!("no time of a block: {status}"))?;
        let path: primitives::Path = HELD.parse().map_err(anyhow::Error::msg)?;
        let reason = Reason::new("a till counted twice").context("a reason that is none")?;
        let call = owner.of_cases(|plan, acting| cases::Call::Hold {
            plan,
            acting,
            path,
            reason,
            reference: Text::default(),
            from: Height(1),
            until: Timestamp(now + HELD_MS),
            confirms: None,
        });
        match self.granted(&owner, call).await? {
            Event::Cases(CaseEvent::Held { case, .. }) => {
                self.tell(&format!("hold {case} keeps what is at {HELD} and below"));
                Ok(case)
            }
            other => anyhow::bail!("nothing is held: {other:?}"),
        }
    }

    /// Each record says until when it is kept; those of one tenant are held, those beside it are not, and pages show both.
    fn is_kept(&self, explorer: &ExplorerProcess, held: CaseId) -> anyhow::Result<()> {
        let holds = explorer.json(&format!("/holds/{held}"))?;
        ensure!(holds["path"] == HELD, "the explorer shows another hold: {holds}");
        for (scope, is_held) in [(HELD, true), (BESIDE, false)] {
            let asked = format!("/audit?plan={PLAN}&scope={scope}&page_size=100");
            let said = explorer.json(&asked)?;
            let entries = said["entries"].as_array().with_context(|| format!("no entries at {scope}: {said}"))?;
            let is_so = |entry: &Value| entry["retention_expires_at"].is_u64() && entry["legal_hold_active"] == is_held;
            ensure!(entries.iter().all(is_so), "not every record at {scope} is kept so: {said}");
            ensure!(!is_held || !entries.is_empty(), "nothing of {scope} is on record");
            let page = http::get_with(&format!("{}{asked}", explorer.url), &[("Accept", "text/html")])?;
            ensure!(page.status == 200, "{asked}: {} {}", page.status, page.body);
            ensure!(
                page.body.contains("Kept until") || entries.is_empty(),
                "the page says no end of what is at {scope}"
            );
            ensure!(page.body.contains(">held<") == is_held, "the page of {scope} shows another hold than there is");
        }
        self.tell(
            "each record says until when it is kept; those of t1 are held, those of t2 are not, and the pages show it",
        );
        Ok(())
    }

    /// What was done under the plan, as JSON, as a table, and as events of the Open Cybersecurity Schema Framework.
    fn export(&self, explorer: &ExplorerProcess, dir: &Path) -> anyhow::Result<()> {
        let taken = |format: &str| {
            let file = dir.join(format!("audit.{format}"));
            let out = file.display().to_string();
            let words =
                ["audit", "export", "--explorer", &explorer.url, "--format", format, "--plan", PLAN, "--out", &out];
            self.contract()?.json(&words)?;
            std::fs::read_to_string(&file).with_context(|| format!("cannot read {out}"))
        };
        let rows: Vec<Value> = serde_json::from_str(&taken("json")?).context("the export is no JSON")?;
        ensure!(rows.iter().all(|row| row["plan"] == PLAN), "the export has rows of other plans");
        let of = |name: &str, value: &str| rows.iter().filter(|row| row[name] == value).count();
        let (asked, critical) = (of("kind", "rollouts.submitted"), of("severity", "CRITICAL"));
        ensure!(asked > 0 && critical > 0, "{asked} changes and {critical} critical facts are exported");
        ensure!(of("scope", HELD) > 0, "what t1 did is not there");
        self.tell(&format!("{} rows as JSON: {asked} changes, {critical} critical facts", rows.len()));
        let table = taken("csv")?;
        let head = table.lines().next().unwrap_or_default();
        ensure!(
            head.contains("retention_expires_at") && head.contains("legal_hold_active") && table.contains(HELD),
            "the table lacks what it has to have: {head}"
        );
        self.tell(&format!("a table with {} columns", head.split(',').count()));
        let events = taken("ocsf")?;
        let is_event = |line: &str| {
            serde_json::from_str::<Value>(line).is_ok_and(|event| event["class_uid"].is_u64() && event["time"].is_u64())
        };
        ensure!(!events.is_empty() && events.lines().all(is_event), "not every line is an event of OCSF");
        self.tell(&format!("{} events of OCSF", events.lines().count()));
        Ok(())
    }
}
