//! Blocks a second of one and of four validators with empty blocks and target block time zero, and transfers a second of one and of four
//! with full blocks, beside the checks of as many signatures on all cores in the same run. Real processes on one machine.
//!
//!     cargo bench --profile dev --workspace --bench blocks
//!
//! `empty` or `full` measures one of the two, and a number the networks of so many validators: `-- full 4`.
//!
//! Full blocks come every 50 ms. With no time between them each would hold the twenty transfers that came since the last, and what is
//! measured would be the rounds of the engine. The clock stops when a node is seen to have the last block with a transfer, which is looked up
//! afterwards; the node is looked at every 50 ms. Four validators each check what comes, on the cores that one has alone, so their floor is a
//! quarter of the checks.
//!
//! Targets of transfers: 0.35 of the floor with one validator, 0.28 with four.

use accounts::Endowment;
use anyhow::Context as _;
use primitives::{AccountId, Amount, Height, SecretKey};
use rayon::prelude::*;
use rpc::api::ChainApiClient as _;
use rpc::client::Node;
use runtime::{Cause, Fact, Genesis, Transaction};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::{Duration, Instant};
use tests::offering::{BATCH, Offered, Offering, all_taken, open_to_all, signed};
use tests::quick::unless_quick;
use tests::{Network, NodeProcess};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Accounts that pay; as many of them over each connection.
const SENDERS: usize = 1_600;
/// From one full block to the next, in milliseconds.
const BLOCK_MS: &str = "50";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_asked = |word: &str, others: &[&str]| {
        words.iter().any(|asked| asked == word) || !words.iter().any(|asked| others.contains(&asked.as_str()))
    };
    let sizes = || [1, 4].into_iter().filter(|nodes: &u16| is_asked(&nodes.to_string(), &["1", "4"]));
    row(["what", "measured", "floor", "ratio", "target"]);
    for nodes in sizes().filter(|_| is_asked("empty", &["full"])) {
        let blocks = empty_blocks(nodes).await?;
        row([&format!("{nodes} validator(s), empty blocks"), &format!("{blocks:.0}/s"), "", "", ""]);
    }
    for nodes in sizes().filter(|_| is_asked("full", &["empty"])) {
        full_blocks(nodes).await?.print(nodes);
    }
    Ok(())
}

fn row([what, measured, floor, ratio, target]: [&str; 5]) {
    println!("{what:<66} {measured:>10} {floor:>10} {ratio:>6} {target:>6}");
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

/// What full blocks held, and what bounds that.
struct FullBlocks {
    transfers: usize,
    blocks: u64,
    /// From the first submission until the block with the last of them was seen.
    elapsed: Duration,
    /// How many signatures all cores check in a second.
    checks: f64,
    /// How often a pool had no room.
    refusals: usize,
}

impl FullBlocks {
    fn print(&self, nodes: u16) {
        let Self { transfers, blocks, refusals, .. } = self;
        let (rate, floor) = (*transfers as f64 / self.elapsed.as_secs_f64(), self.checks / f64::from(nodes));
        let target = if nodes == 1 { "0.35" } else { "0.28" };
        let what = format!("{nodes} validator(s), {transfers} transfers in {blocks} blocks");
        let ratio = format!("{:.2}", rate / floor);
        row([&what, &format!("{rate:.0}/s"), &format!("{floor:.0}/s"), &ratio, target]);
        row(["  how often a pool had no room for one", &refusals.to_string(), "", "", ""]);
    }
}

async fn full_blocks(nodes: u16) -> anyhow::Result<FullBlocks> {
    let dir = tempfile::tempdir()?;
    let paced = ["--block-time-ms", BLOCK_MS, "--epoch-length", "1000"];
    let mut network = Network::write(&dir.path().join("net"), nodes, &paced)?;
    let keys: Vec<SecretKey> = (0..SENDERS).map(sender).collect();
    let genesis = network.change_genesis(|genesis| {
        let endow = |key: &SecretKey| Endowment { account: key.account(), balance: Amount(1_000_000_000) };
        genesis.accounts.balances.extend(keys.iter().map(endow));
    })?;
    open_to_all(&network)?;
    let each = unless_quick(60, 8);
    let transfers = transfers(&genesis, &keys, each);
    // Before anything else runs.
    let checks = checks_a_second(&transfers)?;
    network.start_all()?;
    network.reach(2).await?;

    let first = network.nodes[0].height().await?;
    let ((heads, heard), mut seen) = (watch::channel(first), Vec::new());
    let lines = lines(Offering::to_all(&network, &heard)?, &transfers, &keys);
    let started = Instant::now();
    let carried: JoinSet<_> = lines.into_iter().map(|line| line.carry(each)).collect();
    let refusals = tokio::select! {
        refusals = all_taken(carried) => refusals?,
        stopped = tell_heads(&mut network.nodes[0], heads, &mut seen) => match stopped? {},
    };
    let ended = Instant::now();
    let last = last_transfer(&mut network, &keys).await?;
    let had = seen.iter().find(|(height, _)| *height >= last).map_or(ended, |(_, at)| *at);
    let (transfers, blocks, elapsed) = (transfers.len(), last - first, had.duration_since(started));
    Ok(FullBlocks { transfers, blocks, elapsed, checks, refusals })
}

/// The height of the last block that has a transfer of any sender, once blocks have all of them.
async fn last_transfer(network: &mut Network, keys: &[SecretKey]) -> anyhow::Result<u64> {
    let senders: BTreeSet<AccountId> = keys.iter().map(SecretKey::account).collect();
    let is_transfer =
        |fact: &Fact| matches!(&fact.cause, Cause::Transaction { account, .. } if senders.contains(account));
    // Each account was asked for at one node, which may have been ahead of the first.
    let mut height = 0;
    for node in &network.nodes {
        height = height.max(node.height().await?);
    }
    height = network.nodes[0].reach(height).await?;
    let node = Node::open(&network.nodes[0].rpc)?;
    while !node.record(Height(height)).await?.answer.facts.iter().any(is_transfer) {
        height = height.checked_sub(1).context("no block has a transfer")?;
    }
    Ok(height)
}

fn sender(index: usize) -> SecretKey {
    let mut seed = [7; 32];
    seed[..8].copy_from_slice(&(index as u64).to_be_bytes());
    SecretKey::from_seed(&seed)
}

/// So many transfers of each account, in the order of their nonces.
fn transfers(genesis: &Genesis, keys: &[SecretKey], each: u64) -> Vec<Transaction> {
    let to = genesis.staking.bonds[0].account;
    let turns: Vec<(u64, &SecretKey)> = (0..each).flat_map(|nonce| keys.iter().map(move |key| (nonce, key))).collect();
    turns.into_par_iter().map(|(nonce, key)| signed(genesis, key, nonce, runtime::testing::transfer(to, 1))).collect()
}

/// How many signatures of transactions all cores check in a second, when they do nothing else.
fn checks_a_second(transactions: &[Transaction]) -> anyhow::Result<f64> {
    let started = Instant::now();
    transactions.par_iter().try_for_each(Transaction::check_signature)?;
    Ok(transactions.len() as f64 / started.elapsed().as_secs_f64())
}

/// What is offered over one connection, and by whom.
struct Line {
    offering: Offering,
    transfers: Vec<Offered>,
    accounts: Vec<AccountId>,
}

/// All transfers, in equal shares; those of an account over one connection, in their order.
fn lines(offerings: Vec<Offering>, transfers: &[Transaction], keys: &[SecretKey]) -> Vec<Line> {
    let count = offerings.len();
    assert_eq!(keys.len() % count, 0, "each account would come over several connections");
    let line = |(number, offering)| Line {
        offering,
        transfers: transfers.iter().skip(number).step_by(count).map(Offered::of).collect(),
        accounts: keys.iter().skip(number).step_by(count).map(SecretKey::account).collect(),
    };
    offerings.into_iter().enumerate().map(line).collect()
}

impl Line {
    /// Has the node take all of it, and waits until blocks have so many transfers of each account.
    async fn carry(mut self, each: u64) -> anyhow::Result<usize> {
        let mut refusals = 0;
        for batch in self.transfers.chunks(BATCH) {
            refusals += self.offering.offer(batch, |_| {}).await?;
        }
        for account in &self.accounts {
            self.offering.included(*account, each).await?;
        }
        Ok(refusals)
    }
}

/// Tells of the blocks of a node as they are seen, for as long as they come, and keeps when that was. They are not subscribed to: encoding
/// and reading what they hold would take from the cores that are measured.
async fn tell_heads(
    node: &mut NodeProcess,
    heads: watch::Sender<u64>,
    seen: &mut Vec<(u64, Instant)>,
) -> anyhow::Result<Infallible> {
    loop {
        let next = *heads.borrow() + 1;
        let height = node.reach(next).await.context("no block while there are transfers")?;
        seen.push((height, Instant::now()));
        heads.send_replace(height);
    }
}
