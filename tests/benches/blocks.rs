//! Blocks per second of one and of four validators with target block time zero and empty blocks, and transactions per
//! second of one and of four with full blocks. Real processes on one machine.
//!
//! `empty` or `full` measures one of the two, and a number the networks of so many validators: `-- full 4`.

use accounts::Endowment;
use anyhow::Context as _;
use jsonrpsee::core::client::ClientT;
use jsonrpsee::core::params::BatchRequestBuilder;
use parity_scale_codec::Encode;
use primitives::{Amount, Height, SecretKey};
use runtime::{Genesis, Payload};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::Network;
use tests::quick::unless_quick;

const SENDERS: usize = 400;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_asked = |word: &str, others: &[&str]| {
        words.iter().any(|asked| asked == word) || !words.iter().any(|asked| others.contains(&asked.as_str()))
    };
    let sizes = || [1, 4].into_iter().filter(|nodes: &u16| is_asked(&nodes.to_string(), &["1", "4"]));
    for nodes in sizes().filter(|_| is_asked("empty", &["full"])) {
        let blocks = empty_blocks(nodes).await?;
        println!("{nodes} validator(s), empty blocks: {blocks:.0} blocks/s");
    }
    for nodes in sizes().filter(|_| is_asked("full", &["empty"])) {
        let (rate, total, blocks) = full_blocks(nodes).await?;
        println!("{nodes} validator(s), transfers: {rate:.0} transactions/s ({total} in {blocks} blocks)");
    }
    Ok(())
}

async fn empty_blocks(nodes: u16) -> anyhow::Result<f64> {
    let dir = tempfile::tempdir()?;
    let fast = ["--block-time-ms", "0", "--epoch-length", "1000"];
    let mut network = Network::write(&dir.path().join("net"), nodes, &fast)?;
    network.start_all()?;
    network.reach(20).await?;
    let (first, started) = (network.nodes[0].height().await?, Instant::now());
    tokio::time::sleep(Duration::from_secs(unless_quick(10, 4))).await;
    let (last, elapsed) = (network.nodes[0].height().await?, started.elapsed());
    Ok((last - first) as f64 / elapsed.as_secs_f64())
}

async fn full_blocks(nodes: u16) -> anyhow::Result<(f64, u64, u64)> {
    let dir = tempfile::tempdir()?;
    let mut network =
        Network::write(&dir.path().join("net"), nodes, &["--block-time-ms", "0", "--epoch-length", "1000"])?;
    let keys: Vec<SecretKey> = (0..SENDERS).map(|index| SecretKey::from_seed(&seed(index))).collect();
    let genesis = endow(&network, &keys)?;
    for node in &network.nodes {
        let config = node.home.join("config/config.toml");
        let text = std::fs::read_to_string(&config)?.replace("requests_per_second = 1000", "requests_per_second = 0");
        std::fs::write(&config, text)?;
    }
    network.start_all()?;
    network.reach(2).await?;
    let each: u64 = unless_quick(60, 15);
    let total = SENDERS as u64 * each;
    let transactions: Vec<String> = (0..each)
        .flat_map(|nonce| keys.iter().map(move |key| (nonce, key)))
        .map(|(nonce, key)| format!("0x{}", hex::encode(transfer(&genesis, key, nonce).encode())))
        .collect();
    let (first, started) = (network.nodes[0].height().await?, Instant::now());
    let client = network.nodes[0].client()?;
    for batch in transactions.chunks(50) {
        let mut request = BatchRequestBuilder::new();
        for transaction in batch {
            request.insert("tx.submit", jsonrpsee::rpc_params![transaction])?;
        }
        client.batch_request::<Value>(request).await.context("a batch failed")?;
    }
    let last_key = keys.last().context("no senders")?.account();
    network.nodes[0]
        .until("the last transaction", async |node| {
            let account = node.call("account.get", json!({ "account": last_key })).await.ok()?;
            (account.to_string().contains(&format!("\"nonce\":{each}"))).then_some(())
        })
        .await?;
    let elapsed = started.elapsed();
    let blocks = network.nodes[0].height().await? - first;
    Ok((total as f64 / elapsed.as_secs_f64(), total, blocks))
}

fn seed(index: usize) -> [u8; 32] {
    let mut seed = [7; 32];
    seed[..8].copy_from_slice(&(index as u64).to_be_bytes());
    seed
}

/// Gives every sender funds, in every node's genesis.
fn endow(network: &Network, keys: &[SecretKey]) -> anyhow::Result<Genesis> {
    let file = network.nodes[0].home.join("config/genesis.json");
    let mut genesis: Genesis = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    genesis
        .accounts
        .balances
        .extend(keys.iter().map(|key| Endowment { account: key.account(), balance: Amount(1_000_000_000) }));
    let text = serde_json::to_string(&genesis)?;
    for node in &network.nodes {
        std::fs::write(node.home.join("config/genesis.json"), &text)?;
    }
    Ok(genesis)
}

fn transfer(genesis: &Genesis, key: &SecretKey, nonce: u64) -> runtime::Transaction {
    let to = genesis.staking.bonds[0].account;
    let payload = Payload {
        chain_id: genesis.chain.chain_id.clone(),
        account: key.account(),
        lane: runtime::Lane::Wallet,
        nonce,
        expires_at: Height(genesis.chain.limits.max_transaction_lifetime),
        fee: Amount(5_000),
        call: runtime::testing::transfer(to, 1),
    };
    payload.sign(key)
}
