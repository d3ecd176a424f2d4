//! The explorer over databases as they stand in the field: behind a name that moves, behind a pooler, stepped back; and what it says of
//! itself and of the chain.

use anyhow::{Context as _, ensure};
use serde_json::Value;
use sqlx::{AnyPool, Row as _};
use std::path::Path;
use std::time::Duration;
use tests::forwarder::Forwarder;
use tests::network::QUICK;
use tests::node::PATIENCE;
use tests::pgbouncer::PgBouncer;
use tests::postgres::Postgres;
use tests::{ExplorerProcess, Network};

/// More connections than a pooler has to the server.
const PAGES: usize = 200;

fn url(port: u16) -> String {
    format!("postgres://explorer@127.0.0.1:{port}/postgres")
}

fn health(explorer: &ExplorerProcess) -> anyhow::Result<Value> {
    Ok(serde_json::from_str(&explorer.get("/healthz")?.body)?)
}

/// Waits until its health says a word in a list of what is so.
async fn says(explorer: &ExplorerProcess, list: &str, word: &str) -> anyhow::Result<Value> {
    explorer
        .until(word, |explorer| {
            let health = health(explorer)?;
            Ok(health[list].to_string().contains(word).then_some(health))
        })
        .await
}

/// The blocks of an index, and the newest.
async fn blocks(url: &str) -> anyhow::Result<(i64, i64)> {
    sqlx::any::install_default_drivers();
    let pool = AnyPool::connect(url).await?;
    let row = sqlx::query("SELECT count(*), max(height) FROM blocks").fetch_one(&pool).await?;
    pool.close().await;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

fn errors(explorer: &ExplorerProcess) -> anyhow::Result<u64> {
    let metrics = explorer.get("/metrics")?.body;
    let line = metrics.lines().find_map(|line| line.strip_prefix("explorer_follow_errors_total "));
    Ok(line.context("nothing counts errors")?.parse()?)
}

#[tokio::test]
async fn o28_o40_a_standby_and_an_older_copy_stand_in_for_the_database_and_nothing_is_lost() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let primary = Postgres::start()?;
    let standby = primary.copy(true)?;
    let mut network = Network::write(&dir.path().join("network"), 1, QUICK)?;
    network.start_all()?;
    let name = Forwarder::to(primary.port)?;
    let arguments = ["--rpc", &network.nodes[0].rpc, "--database-url", &url(name.port)];
    let explorer = ExplorerProcess::start(&arguments, &dir.path().join("log"))?;
    let height = explorer.reach(5).await?;

    name.lead(standby.port);
    let health_there = says(&explorer, "own", "standby").await?;
    ensure!(health_there["ok"] == false && health_there["own"][0]["since"].as_u64().is_some(), "{health_there}");
    ensure!(explorer.get("/releases?page_size=7")?.status == 200, "it goes on answering");
    let before = errors(&explorer)?;
    name.lead(primary.port);
    let height = explorer.reach(height + 10).await?;
    ensure!(errors(&explorer)? <= before + 3, "it took more than three tries");
    explorer.until("health without faults", |explorer| Ok((health(explorer)?["ok"] == true).then_some(()))).await?;

    // A copy that ends here takes the place of what goes on.
    let older = primary.copy(false)?;
    let height = explorer.reach(height + 20).await?;
    name.lead(older.port);
    let told = says(&explorer, "notes", "stepped back").await?;
    ensure!(told["notes"][0]["what"].as_str().is_some_and(|what| what.contains("read from the node again")), "{told}");
    explorer.reach(height + 10).await?;
    explorer.stop()?;
    for server in [&primary, &older] {
        let (count, newest) = blocks(&server.url).await?;
        ensure!(count == newest + 1, "{count} blocks up to {newest}");
    }
    Ok(())
}

#[tokio::test]
async fn o28_a_server_that_falls_silent_is_left_for_the_one_that_has_its_name_now() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let lost = Postgres::start()?;
    let mut network = Network::write(&dir.path().join("network"), 1, QUICK)?;
    network.start_all()?;
    let name = Forwarder::to(lost.port)?;
    let arguments = ["--rpc", &network.nodes[0].rpc, "--database-url", &url(name.port)];
    let explorer = ExplorerProcess::start(&arguments, &dir.path().join("log"))?;
    explorer.reach(5).await?;
    let successor = lost.copy(false)?;
    name.lead_silently(successor.port);
    let height = network.nodes[0].height().await?;
    let height = explorer.reach(height + 10).await?;
    ensure!(explorer.get("/blocks?page_size=7")?.status == 200, "it goes on answering");
    explorer.stop()?;
    let (count, newest) = blocks(&successor.url).await?;
    ensure!(count == newest + 1 && newest >= i64::try_from(height)?, "{count} blocks up to {newest}, {height} told");
    Ok(())
}

#[tokio::test]
async fn o41_an_explorer_that_waits_for_its_node_is_not_pushed_out_by_a_second_one() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let index = dir.path().join("x.sqlite").display().to_string();
    let start = |log: &Path| {
        let mut command = tokio::process::Command::from(ExplorerProcess::command(log)?);
        command.args(["--rpc", "http://127.0.0.1:9", "--listen", "127.0.0.1:0", "--db", &index]).kill_on_drop(true);
        anyhow::Ok(command.spawn()?)
    };
    let (log, other) = (dir.path().join("first"), dir.path().join("second"));
    let mut first = start(&log)?;
    let waits = async {
        while !std::fs::read_to_string(&log)?.contains("waiting for the node") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(PATIENCE, waits).await??;
    let ended = tokio::time::timeout(PATIENCE, start(&other)?.wait()).await??;
    let said = std::fs::read_to_string(&other)?;
    ensure!(ended.code() == Some(1) && said.contains("another explorer writes"), "{ended}: {said}");
    ensure!(first.try_wait()?.is_none(), "the first one ended: {}", std::fs::read_to_string(&log)?);
    Ok(())
}

#[tokio::test]
async fn o27_the_explorer_follows_and_answers_through_a_pooler_that_keeps_no_session() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let server = Postgres::start()?;
    let pooler = PgBouncer::before(&server, 3)?;
    let mut network = Network::write(&dir.path().join("network"), 1, QUICK)?;
    network.start_all()?;
    let log = dir.path().join("log");
    let arguments = ["--rpc", &network.nodes[0].rpc, "--database-url", &url(pooler.port)];
    let explorer = ExplorerProcess::start(&arguments, &log)?;
    explorer.reach(3).await?;
    for number in 0..PAGES {
        // Each another one, so that none is answered from what was kept.
        let page = ["/releases", "/blocks", "/proposals", "/signers"][number % 4];
        let answer = explorer.get(&format!("{page}?page_size={}&page={}", number % 100 + 1, number / 100))?;
        ensure!(matches!(answer.status, 200 | 404), "{page}: {} {}", answer.status, answer.body);
    }
    let height = network.nodes[0].height().await?;
    explorer.reach(height).await?;
    let health = health(&explorer)?;
    ensure!(health["ok"] == true && errors(&explorer)? == 0, "{health}");
    explorer.stop()?;
    let said = std::fs::read_to_string(&log)?;
    ensure!(!said.contains("read-only") && !said.contains("prepared statement"), "{said}");
    let (count, newest) = blocks(&server.url).await?;
    ensure!(count == newest + 1, "{count} blocks up to {newest}");
    Ok(())
}

#[tokio::test]
async fn o23_what_is_the_chains_and_what_the_explorers_own_stand_apart_and_end_with_their_cause() -> anyhow::Result<()>
{
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(&dir.path().join("network"), 2, QUICK)?;
    network.start_all()?;
    let db = dir.path().join("x.sqlite").display().to_string();
    let arguments = ["--rpc", &network.nodes[0].rpc, "--db", &db];
    let explorer = ExplorerProcess::start(&arguments, &dir.path().join("log"))?;
    explorer.reach(3).await?;
    // Half of the stake decides nothing.
    network.nodes[1].stop().await?;
    let stands = says(&explorer, "chain", "the chain stands since").await?;
    ensure!(stands["ok"] == true && stands["own"] == serde_json::json!([]), "{stands}");
    network.nodes[0].stop().await?;
    let alone = says(&explorer, "own", "does not say how far it is").await?;
    ensure!(alone["ok"] == false && explorer.get("/healthz")?.status == 503, "{alone}");
    network.nodes[0].start()?;
    // No block comes, and nothing is left of it all the same.
    let healed = explorer
        .until("health without faults", |explorer| {
            let health = health(explorer)?;
            Ok((health["ok"] == true).then_some(health))
        })
        .await?;
    ensure!(healed["height"] == stands["height"] && healed["problems"] == serde_json::json!([]), "{healed}");
    explorer.stop()
}
