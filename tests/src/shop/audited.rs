//! What all of that left behind: an audit log that hangs together, and goes into other systems.

use super::{PLAN, ShopWalk};
use crate::ExplorerProcess;
use crate::showing::explored;
use anyhow::{Context as _, ensure};
use serde_json::Value;
use std::path::Path;

impl ShopWalk<'_> {
    /// The log is whole, for the node and for an explorer, which gives it to other systems.
    ///
    /// # Errors
    /// When it is not, or lacks what was done.
    pub async fn audit(&mut self, dir: &Path) -> anyhow::Result<ExplorerProcess> {
        self.step("The audit log hangs together from the first block on, and is taken to other systems");
        let said = self.contract()?.json(&["audit", "integrity"])?;
        ensure!(said["chain_valid"] == true, "the node finds the log broken: {said}");
        let explorer = explored(&self.network, dir).await?;
        let found = explorer.json("/audit/integrity")?;
        ensure!(found["chain_valid"] == true, "the explorer finds the log broken: {found}");
        self.tell(&format!("the node and the explorer find {} facts whole", found["total_entries"]));
        self.export(&explorer, dir)?;
        Ok(explorer)
    }

    /// What was done under the plan, as JSON and as events of the Open Cybersecurity Schema Framework.
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
        ensure!(of("scope", "PROD/t1") > 0, "what t1 did is not there");
        self.tell(&format!("{} rows as JSON: {asked} changes, {critical} critical facts", rows.len()));
        let events = taken("ocsf")?;
        let is_event = |line: &str| {
            serde_json::from_str::<Value>(line).is_ok_and(|event| event["class_uid"].is_u64() && event["time"].is_u64())
        };
        ensure!(!events.is_empty() && events.lines().all(is_event), "not every line is an event of OCSF");
        self.tell(&format!("{} events of OCSF", events.lines().count()));
        Ok(())
    }
}
