//! Does a transaction reach a block whoever proposes it, and every node? And does one validator alone make a network?

use anyhow::Context as _;
use serde_json::json;
use std::process::Command;
use tests::network::{QUICK, free_base_port};
use tests::{Contract, Network, NodeProcess, TestWallet, binaries, chain};

#[tokio::test]
async fn a_transaction_sent_to_one_validator_is_included_by_another_and_all_have_it() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut network = Network::write(dir.path(), 4, QUICK)?;
    network.start_all()?;
    network.reach(3).await?;
    let (holder, to) = (TestWallet::open(network.holder(0))?, TestWallet::fresh().account());
    let transfer = runtime::testing::transfer(to, 5);

    // Proposers take turns, so among a few transactions there is one that another validator includes.
    let mut elsewhere = 0;
    let mut sent = 0;
    while elsewhere < 2 {
        sent += 1;
        assert!(sent <= 12, "of {sent} transactions, all but {elsewhere} waited for the validator they were sent to");
        let status = holder.send(&mut network.nodes[0], &transfer).await?;
        let height = status["height"].as_u64().context("no height")?;
        let block = network.nodes[0].call("chain.block", json!({ "height": height })).await?;
        if block["header"]["proposer"] != network.nodes[0].account.as_str() {
            elsewhere += 1;
        }
        for node in &mut network.nodes {
            node.reach(height).await?;
            let same = node.call("chain.block", json!({ "height": height })).await?;
            assert_eq!(same, block, "{} has another block {height}", node.rpc);
        }
    }
    for node in &network.nodes {
        let account = node.call("account.get", json!({ "account": to })).await?;
        assert_eq!(account["free"], (5 * sent).to_string(), "{account}");
    }
    let nodes: Vec<&NodeProcess> = network.nodes.iter().collect();
    chain::same(&nodes).await?;
    Ok(())
}

/// Runs a node alone to a few blocks, restarts it, and gives the hash of its first block.
async fn alone(node: &mut NodeProcess, key: &str) -> anyhow::Result<()> {
    node.start()?;
    node.reach(2).await?;
    let first = node.call("chain.block", json!({ "height": 1 })).await?;
    let to = TestWallet::fresh().account().to_string();
    let sent = Contract::at(&node.rpc)?.json(&["account", "transfer", "--to", &to, "--amount", "7", "--key", key])?;
    assert_eq!(sent["status"], "included", "{sent}");
    assert_eq!(node.stop().await?.code(), Some(0));
    node.start()?;
    node.reach(sent["height"].as_u64().context("no height")? + 1).await?;
    assert_eq!(node.call("chain.block", json!({ "height": 1 })).await?, first, "the chain began anew");
    assert_eq!(node.call("account.get", json!({ "account": to })).await?["free"], "7");
    assert_eq!(node.stop().await?.code(), Some(0));
    Ok(())
}

#[tokio::test]
async fn dev_is_a_network_of_one_that_keeps_its_chain_in_a_home() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let executable = binaries::copied("the-block", dir.path())?;
    let home = dir.path().join("dev");
    std::fs::create_dir(&home)?;
    let port = free_base_port(1)?;
    let mut node = NodeProcess::new(&executable, home.clone(), port, String::new());
    node.arguments = ["dev", "--rpc-port", &port.to_string(), "--home"].map(String::from).to_vec();
    node.arguments.push(home.display().to_string());
    alone(&mut node, &home.join("holders/holder0.key").display().to_string()).await
}

#[tokio::test]
async fn init_writes_a_home_that_start_runs() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let executable = binaries::copied("the-block", dir.path())?;
    let home = dir.path().join("home");
    let init = || Command::new(&executable).args(["init", "--chain-id", "alone", "--home"]).arg(&home).output();
    let output = init()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let again = init()?;
    assert_eq!(again.status.code(), Some(2), "a home is never written over");
    assert!(String::from_utf8_lossy(&again.stderr).contains("already holds a network"));

    // `init` writes the default ports; an operator who needs others edits the file.
    let port = free_base_port(1)?;
    let config = home.join("config/config.toml");
    let mut text = std::fs::read_to_string(&config)?;
    for offset in 0..5 {
        text = text.replace(&(26600 + offset).to_string(), &(port + offset).to_string());
    }
    std::fs::write(&config, text)?;
    let mut node = NodeProcess::new(&executable, home.clone(), port, String::new());
    alone(&mut node, &home.join("config/validator.key").display().to_string()).await
}
