//! What an explorer shows of all that: the board, the changes, and what became of each.

use super::{PLAN, PromotionWalk};
use crate::{ExplorerProcess, http, showing};
use anyhow::{Context as _, ensure};
use std::path::Path;

/// What became of the changes of the walk, each with how many are called so.
const LABELS: [(&str, usize); 3] = [("closed", 4), ("lapsed", 1), ("aborted", 1)];

impl PromotionWalk<'_> {
    /// An explorer follows the network from genesis, and its board shows what was done; below a folder.
    ///
    /// # Errors
    /// When something is not shown.
    pub async fn explore(&self, dir: &Path) -> anyhow::Result<ExplorerProcess> {
        self.step("The explorer follows the network, and verifies every block from genesis; its board shows all of it");
        let explorer = showing::explored(&self.network, dir).await?;
        let page = format!("/rollouts/{PLAN}");
        let board = explorer.json(&page)?;
        ensure!(board["plan"]["stage"] == "testnet", "another stage stands: {board}");
        ensure!(board["sealer"].is_null(), "somebody decides alone: {board}");
        ensure!(board["overdue"].as_array().is_some_and(|overdue| overdue.len() == 1), "nothing is overdue: {board}");
        let listed = explorer.json("/changes")?;
        let changes = listed["entries"].as_array().context("no list of changes")?;
        for (label, count) in LABELS {
            let found = changes.iter().filter(|change| change["label"] == label).count();
            ensure!(found == count, "{found} changes are {label}, and {count} were to be: {listed}");
        }
        let shown = http::get_with(&format!("{}{page}", explorer.url), &[("Accept", "text/html")])?;
        ensure!(shown.status == 200 && shown.body.contains("reconstruction"), "the board has no page: {}", shown.head);
        self.tell(&format!(
            "{}{page}: stages and gates, what stands, what is late, and whose turn it is",
            explorer.url
        ));
        for change in changes {
            let word = |name: &str| change[name].as_str().unwrap_or_default();
            self.tell(&format!("{}/changes/{}: {}, {}", explorer.url, change["id"], word("kind"), word("label")));
        }
        Ok(explorer)
    }
}
