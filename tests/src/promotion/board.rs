//! What an explorer shows of all that: the board, the changes, what became of each, and the quarter.

use super::{PLAN, PromotionWalk};
use crate::{ExplorerProcess, http, showing};
use anyhow::{Context as _, ensure};
use primitives::{Quarter, Timestamp};
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

    /// The same of a network that went on to mainnet; and the quarter is looked back on, which names every gate.
    ///
    /// # Errors
    /// When something is not shown.
    pub async fn look_back(&self, dir: &Path) -> anyhow::Result<ExplorerProcess> {
        self.step(
            "The explorer follows the network, and verifies every block from genesis; it looks back on the quarter",
        );
        let explorer = showing::explored(&self.network, dir).await?;
        let board = explorer.json(&format!("/rollouts/{PLAN}"))?;
        ensure!(board["plan"]["stage"] == "mainnet", "another stage stands: {board}");
        let listed = explorer.json("/changes")?;
        let changes = listed["entries"].as_array().context("no list of changes")?;
        ensure!(changes.iter().all(|change| change["label"] == "closed"), "a change is not over: {listed}");
        let vouched = explorer.json("/witnesses")?;
        let witnesses = vouched["witnesses"].as_array().context("no list of witnesses")?;
        ensure!(witnesses.iter().all(|witness| witness["last_epoch"].is_u64()), "one vouched for nothing: {vouched}");
        ensure!(witnesses.len() == 2, "two witness: {vouched}");

        let quarter = Quarter::of(Timestamp(self.time().await?)).context("no quarter")?.to_string();
        let of = ["--plan", PLAN, "--quarter", &quarter, "--explorer", &explorer.url];
        let words = [&["rollout", "retrospective"], &of[..]].concat();
        let answer = self.contract()?.json(&words)?;
        let printed =
            String::from_utf8(self.contract()?.run(&words)?.stdout).context("a retrospective that is no text")?;
        for gate in self.gates().await? {
            let found =
                answer["flags"].as_array().and_then(|flags| flags.iter().find(|flag| flag["key"] == gate.as_str()));
            let spent = found
                .and_then(|flag| flag["spent"].as_array())
                .with_context(|| format!("{gate} is left out: {answer}"))?;
            ensure!(spent.iter().any(|span| span["stage"] == "mainnet"), "{gate} was never on mainnet: {answer}");
            ensure!(printed.contains(&format!("### `{gate}`")), "{gate} is left out: {printed}");
        }
        for stage in ["canary", "mainnet"] {
            let turns = answer["stages"].as_array().context("a quarter without stages")?;
            let entered = turns.iter().any(|turn| turn["stage"] == stage && turn["what"] == "carried_out");
            ensure!(entered, "{stage} was not entered: {answer}");
        }
        self.tell(&format!(
            "{}/retrospectives/{PLAN}/{quarter}: every gate, with the time that it spent where",
            explorer.url
        ));
        self.tell(&format!("{}/witnesses: who vouched for which checkpoint", explorer.url));
        Ok(explorer)
    }
}
