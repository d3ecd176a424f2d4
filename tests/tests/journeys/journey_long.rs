//! Does a chain that has run for long take in new nodes, by its blocks and by its state?

use anyhow::Context as _;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};
use std::time::Instant;
use tests::{Network, NodeProcess};

/// How long the chain is before anybody joins. What bounds this test is the fsyncs of these blocks, at some hundreds of blocks
/// a second, and the replay by the node that takes all of them.
const BLOCKS: u64 = 10_000;

/// Blocks as fast as they are decided; a hundred epochs.
const FAST: &[&str] = &["--block-time-ms", "0", "--epoch-length", "100"];

fn run(node: &NodeProcess, command: &str, rest: &[&str]) -> anyhow::Result<Output> {
    let home = node.home.display().to_string();
    let output = Command::new(&node.executable).args([command, "--json", "--home", &home]).args(rest).output();
    output.with_context(|| format!("cannot run the-block {command}"))
}

fn export(node: &NodeProcess, file: &Path, rest: &[&str]) -> anyhow::Result<Value> {
    let output = run(node, "export-state", &[&["--out", &file.display().to_string()], rest].concat())?;
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn import(node: &NodeProcess, file: &Path) -> anyhow::Result<Value> {
    let output = run(node, "import-state", &["--snapshot", &file.display().to_string()])?;
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Waits for a far height, in steps that each have the usual patience.
async fn reach_far(node: &mut NodeProcess, height: u64) -> anyhow::Result<u64> {
    for step in (1_000..height).step_by(1_000) {
        node.reach(step).await?;
    }
    node.reach(height).await
}

async fn block(node: &NodeProcess, height: u64) -> anyhow::Result<Value> {
    node.call("chain.block", json!({ "height": height })).await
}

#[tokio::test]
async fn a_new_node_joins_a_chain_of_10_000_blocks_by_snapshot_and_by_replay_and_reaches_the_same_root()
-> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 1, FAST)?;
    network.start_all()?;
    let began = Instant::now();
    reach_far(&mut network.nodes[0], BLOCKS).await?;
    println!("one validator decided {BLOCKS} blocks in {:.1?}", began.elapsed());

    // By snapshot, made while the validator goes on.
    let file = dir.path().join("state.snapshot");
    let began = Instant::now();
    let exported = export(&network.nodes[0], &file, &[])?;
    let mut joined = network.follower_in("by-snapshot")?;
    assert_eq!(import(&joined, &file)?, exported);
    let height = exported["height"].as_u64().context("no height")?;
    assert!(height >= BLOCKS, "{exported}");
    joined.start()?;
    joined.reach(height + 1).await?;
    println!("a snapshot of {} bytes, and on from there, took {:.1?}", file.metadata()?.len(), began.elapsed());

    // By replay, from genesis.
    let mut replayed = network.follower_in("by-replay")?;
    replayed.start()?;
    let began = Instant::now();
    reach_far(&mut replayed, height + 1).await?;
    println!("a replay of {} blocks took {:.1?}", height + 1, began.elapsed());

    for at in [height, height + 1] {
        let expected = block(&network.nodes[0], at).await?;
        assert!(expected["header"]["state_root"].is_string(), "{expected}");
        assert_eq!(block(&joined, at).await?, expected);
        assert_eq!(block(&replayed, at).await?, expected);
    }
    assert_eq!(block(&joined, height).await?["header"]["state_root"], exported["state_root"]);

    // The one that came by snapshot has no history before it, and says so.
    let refused = joined.ask("chain.block", json!({ "height": height - 1 })).await.unwrap_err();
    assert_eq!(refused.code, -32063, "{refused:?}");
    assert_eq!(joined.metric("chain_earliest_height")?, height as f64);
    for node in [&mut joined, &mut replayed] {
        assert_eq!(node.stop().await?.code(), Some(0), "{}", node.last_words());
        let (code, report) = node.check()?;
        assert_eq!(code, Some(0), "{report}");
    }
    Ok(())
}

#[tokio::test]
async fn a_validator_that_lost_its_store_goes_on_from_a_snapshot_and_never_from_an_older_one() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 1, tests::network::QUICK)?;
    network.start_all()?;
    network.reach(8).await?;
    let (old, new) = (dir.path().join("old"), dir.path().join("new"));
    export(&network.nodes[0], &old, &[])?;
    network.reach(14).await?;
    let node = &mut network.nodes[0];
    assert_eq!(node.stop().await?.code(), Some(0));
    let exported = export(node, &new, &[])?;
    let historic = export(node, &dir.path().join("historic"), &["--height", "9"])?;
    assert_eq!(historic["height"], 9);

    let occupied = run(node, "import-state", &["--snapshot", &new.display().to_string()])?;
    let said = String::from_utf8_lossy(&occupied.stderr).into_owned();
    assert!(occupied.status.code() == Some(1) && said.contains("import into a home without one"), "{said}");
    std::fs::remove_dir_all(node.home.join("governance_db"))?;
    let (code, report) = node.check()?;
    assert_eq!(code, Some(12), "without its store it would begin the chain anew: {report}");
    let error = import(node, &old).unwrap_err().to_string();
    assert!(error.contains("the store lost the blocks between"), "{error}");
    assert_eq!(import(node, &new)?, exported);
    node.start()?;
    let height = exported["height"].as_u64().context("no height")?;
    node.reach(height + 3).await?;
    assert_eq!(block(node, height + 1).await?["header"]["parent"], exported["hash"]);
    Ok(())
}

#[tokio::test]
async fn a_shorter_history_is_forgotten_at_the_next_start_and_asked_for_in_vain() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 1, FAST)?;
    network.start_all()?;
    network.reach(400).await?;
    let node = &mut network.nodes[0];
    assert_eq!(node.metric("chain_earliest_height")?, 0.0);
    node.stop().await?;
    let config = node.home.join("config/config.toml");
    let text = std::fs::read_to_string(&config)?.replace("history = \"full\"", "history = 20");
    std::fs::write(&config, text)?;
    node.start()?;
    let earliest = node
        .until("a short history", async |node| {
            let status = node.call("chain.status", json!({})).await.ok()?;
            let (height, earliest) = (status["height"].as_u64()?, status["earliest"].as_u64()?);
            (height - earliest <= 21).then_some(earliest)
        })
        .await?;
    assert!(earliest >= 380, "{earliest}");
    for method in ["chain.block", "chain.record", "chain.certificate"] {
        let refused = node.ask(method, json!({ "height": 7 })).await.unwrap_err();
        assert_eq!(refused.code, -32063, "{refused:?}");
        assert!(refused.message.contains("ask a node that keeps all"), "{refused:?}");
        assert!(refused.data.to_string().contains("earliest"), "{refused:?}");
    }
    assert!(node.metric("chain_earliest_height")? >= earliest as f64);
    Ok(())
}
