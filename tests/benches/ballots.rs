//! Votes of accounts with stake of their own, cast over JSON-RPC at four validators on one machine, which an explorer follows: how many
//! ballots a second there can be, how long each waits for a decided block, how far the explorer is behind, and what memory each process takes.
//!
//!     cargo bench --profile dev --workspace --bench ballots
//!
//! Each account votes once, at one of the nodes, on a poll that stays open. First 100,000 of them, or `BALLOTS`, vote as fast as pools have
//! room: what one waits then is the queue before it, so that only their rate says something. Then others vote for a minute, 120 or `RATE`
//! of them a second, which is a little more than a vote of 100,000 holders in a quarter of an hour. A ballot waits from its submission, the
//! last one where a pool had no room, until whoever follows the records of the first node has its block with the certificate.
//!
//! Targets, at that pace: each ballot in a block within ten seconds, and the explorer two blocks behind at most.

use accounts::Endowment;
use anyhow::{Context as _, bail, ensure};
use governance::Choice;
use jsonrpsee::core::client::Subscription;
use primitives::{Amount, SecretKey, TransactionHash};
use rayon::prelude::*;
use rpc::api::ChainApiClient as _;
use rpc::client::Node;
use rpc::views::{CertifiedRecord, Feed};
use runtime::{Cause, Genesis, Transaction, testing};
use serde_json::Value;
use staking::GenesisBond;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tests::node::PATIENCE;
use tests::offering::{BATCH, Offered, Offering, all_taken, open_to_all, signed};
use tests::quick::unless_quick;
use tests::votes::{attested, propose_for};
use tests::{ExplorerProcess, Network, NodeProcess, http, memory};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Interval, interval_at, timeout};

/// For how long the poll is open: as long as a ballot may be in a block.
const OPEN: Duration = Duration::from_secs(10_000);
/// How many vote in a second who keep a pace: 100,000 in a quarter of an hour are 111.
const PACE: u64 = 120;
/// How often the network is waited for as long as one with few accounts: each node writes the state of its genesis first.
const STARTS: usize = 10;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let hurried = number("BALLOTS")?.unwrap_or(unless_quick(100_000, 5_000));
    let rate = number("RATE")?.unwrap_or(PACE);
    let paced = rate * unless_quick(60, 10);
    let dir = tempfile::tempdir()?;
    let voters: Vec<SecretKey> = (0..hurried + paced).into_par_iter().map(voter).collect();
    let mut network = Network::write(&dir.path().join("net"), 4, &["--epoch-length", "1000"])?;
    let genesis = with_stake(&network, &voters)?;
    let explorer = follow(&mut network, dir.path()).await?;
    let proposal = propose(&network).await?;
    let vote = |key: &SecretKey| signed(&genesis, key, 0, testing::vote(proposal, Choice::Yes, None));
    let ballots: Vec<Transaction> = voters.par_iter().map(vote).collect();
    let (hurried, paced) = ballots.split_at(usize::try_from(hurried)?);

    row("what", "measured", "target");
    let counted = Counted::of(&network, &explorer, hurried, None).await?;
    counted.print("as fast as pools have room", "");
    let counted = Counted::of(&network, &explorer, paced, Some(rate)).await?;
    counted.print(&format!("{rate} a second"), "2 blocks");
    counted.print_waits();
    print_memory(&network, &explorer)
}

/// A number of the environment.
fn number(name: &str) -> anyhow::Result<Option<u64>> {
    let Ok(text) = std::env::var(name) else { return Ok(None) };
    let number = text.parse::<u64>().with_context(|| format!("{name} is no number"))?;
    ensure!(number > 0, "{name} is 0");
    Ok(Some(number))
}

fn voter(number: u64) -> SecretKey {
    let mut seed = [9; 32];
    seed[..8].copy_from_slice(&number.to_be_bytes());
    SecretKey::from_seed(&seed)
}

/// Has each voter delegate as little as it may to one of the validators, by turns, from genesis on.
fn with_stake(network: &Network, voters: &[SecretKey]) -> anyhow::Result<Genesis> {
    network.change_genesis(|genesis| {
        let (amount, validators) = (genesis.staking.params.minimum_delegation, genesis.validators().validators);
        for (key, validator) in voters.iter().zip(validators.iter().cycle()) {
            let account = key.account();
            genesis.accounts.balances.push(Endowment { account, balance: amount.saturating_add(Amount(1_000_000)) });
            genesis.staking.bonds.push(GenesisBond { account, validator: validator.account, amount });
        }
    })
}

/// Starts the network, and the explorer that follows its first node.
async fn follow(network: &mut Network, dir: &Path) -> anyhow::Result<ExplorerProcess> {
    open_to_all(network)?;
    network.start_all()?;
    let mut starts = 1;
    while let Err(late) = network.reach(1).await {
        if starts == STARTS || !network.nodes.iter_mut().all(NodeProcess::is_running) {
            return Err(late);
        }
        starts += 1;
    }
    let db = dir.join("explorer.sqlite").display().to_string();
    let arguments = ["--rpc", &network.nodes[0].rpc, "--db", &db, "--log", "warn"];
    let explorer = ExplorerProcess::start(&arguments, &dir.join("explorer.log"))?;
    explorer.reach(network.nodes[0].height().await?).await?;
    Ok(explorer)
}

/// Proposes a release that nobody holds.
async fn propose(network: &Network) -> anyhow::Result<u64> {
    let attested = attested(network, &"5b".repeat(32))?;
    let words: Vec<&str> = std::iter::once("propose-release").chain(attested.iter().map(String::as_str)).collect();
    propose_for(network, OPEN, &words).await
}

/// When each ballot was submitted that is seen in no block yet.
#[derive(Debug, Clone, Default)]
struct Submitted(Arc<Mutex<HashMap<TransactionHash, Instant>>>);

impl Submitted {
    fn lock(&self) -> MutexGuard<'_, HashMap<TransactionHash, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Has all ballots cast, in equal shares over each connection.
fn cast(
    offerings: Vec<Offering>,
    ballots: &[Transaction],
    rate: Option<u64>,
    submitted: &Submitted,
) -> JoinSet<anyhow::Result<usize>> {
    let count = offerings.len();
    let line = |(number, offering)| {
        let share = ballots.iter().skip(number).step_by(count).map(Offered::of).collect();
        carry(offering, share, rate.map(|rate| pace(rate, number, count)), submitted.clone())
    };
    offerings.into_iter().enumerate().map(line).collect()
}

/// When one of so many connections has its turn, so that all together keep a rate.
fn pace(rate: u64, number: usize, count: usize) -> Interval {
    let turn = Duration::from_secs_f64(BATCH as f64 / rate as f64);
    interval_at(tokio::time::Instant::now() + turn * number as u32, turn * count as u32)
}

/// Has the node take a share of the ballots.
async fn carry(
    mut offering: Offering,
    share: Vec<Offered>,
    mut pace: Option<Interval>,
    submitted: Submitted,
) -> anyhow::Result<usize> {
    let mut refusals = 0;
    for batch in share.chunks(BATCH) {
        if let Some(pace) = &mut pace {
            pace.tick().await;
        }
        let note = |hash| {
            submitted.lock().insert(hash, Instant::now());
        };
        refusals += offering.offer(batch, note).await?;
    }
    Ok(refusals)
}

/// What a node decided of the ballots.
struct Decided {
    /// How long each waited, the shortest first.
    waits: Vec<Duration>,
    /// From the first block that had one to the last.
    blocks: u64,
}

/// Tells of the blocks of a node until they have so many ballots.
async fn count(
    mut records: Subscription<Feed<CertifiedRecord>>,
    submitted: Submitted,
    heads: watch::Sender<u64>,
    ballots: usize,
) -> anyhow::Result<Decided> {
    let (mut waits, mut first) = (Vec::with_capacity(ballots), None);
    loop {
        let next = timeout(PATIENCE, records.next()).await.context("no block while there are ballots")?;
        let Feed::Item(block) = next.context("the node has closed the subscription")?? else {
            bail!("the node has ended the subscription");
        };
        let (seen, height) = (Instant::now(), block.record.header.height.0);
        for fact in &block.record.facts {
            let Cause::Transaction { hash, .. } = &fact.cause else { continue };
            let Some(at) = submitted.lock().remove(hash) else { continue };
            ensure!(fact.outcome.is_ok(), "a ballot is refused: {:?}", fact.outcome);
            first.get_or_insert(height);
            waits.push(seen.duration_since(at));
        }
        heads.send_replace(height);
        if waits.len() == ballots {
            waits.sort();
            return Ok(Decided { waits, blocks: first.map_or(0, |first| height - first + 1) });
        }
    }
}

/// How many blocks the explorer is behind at most. It is asked as a block comes, or as soon as it has answered where several came meanwhile.
async fn behind(url: String, mut heads: watch::Receiver<u64>) -> anyhow::Result<u64> {
    let (health, mut furthest) = (format!("{url}/healthz"), 0);
    while heads.changed().await.is_ok() {
        let (head, health) = (*heads.borrow_and_update(), health.clone());
        let answer = tokio::task::spawn_blocking(move || http::get(&health)).await??;
        let answer: Value = serde_json::from_str(&answer.body)?;
        let height = answer["height"].as_u64().context("the explorer names no height")?;
        furthest = furthest.max(head.saturating_sub(height));
    }
    Ok(furthest)
}

/// What came of ballots that were cast at one pace.
struct Counted {
    decided: Decided,
    /// From the first submission until the last was seen in a block.
    elapsed: Duration,
    /// How often a pool had no room.
    refusals: usize,
    /// How many blocks the explorer was behind at most.
    behind: u64,
}

impl Counted {
    /// Has ballots cast, so many a second or as fast as pools have room, once the explorer has all that was decided before.
    async fn of(
        network: &Network,
        explorer: &ExplorerProcess,
        ballots: &[Transaction],
        rate: Option<u64>,
    ) -> anyhow::Result<Self> {
        explorer.reach(network.nodes[0].height().await?).await?;
        let connection = Node::open(&network.nodes[0].rpc)?.connect().await?;
        let records = connection.subscribe_records(None).await?;
        let (heads, heard) = watch::channel(0);
        let behind = tokio::spawn(behind(explorer.url.clone(), heard.clone()));
        let (submitted, begun) = (Submitted::default(), Instant::now());
        let lines = cast(Offering::to_all(network, &heard)?, ballots, rate, &submitted);
        let (decided, refusals) = tokio::try_join!(count(records, submitted, heads, ballots.len()), all_taken(lines))?;
        Ok(Self { decided, elapsed: begun.elapsed(), refusals, behind: behind.await?? })
    }

    fn print(&self, pace: &str, most_behind: &str) {
        let (count, blocks) = (self.decided.waits.len(), self.decided.blocks);
        let rate = format!("{:.0}/s", count as f64 / self.elapsed.as_secs_f64());
        row(&format!("{count} ballots {pace}, in {blocks} blocks"), &rate, "");
        row("  how often a pool had no room for one", &self.refusals.to_string(), "");
        row("  explorer, furthest behind", &format!("{} blocks", self.behind), most_behind);
    }

    fn print_waits(&self) {
        let waits = &self.decided.waits;
        let waited = |share: usize| format!("{:.2?}", waits[(waits.len() - 1) * share / 100]);
        row("  from submission to a decided block, median", &waited(50), "");
        row("  99 of 100", &waited(99), "");
        row("  all", &waited(100), "10 s");
    }
}

fn print_memory(network: &Network, explorer: &ExplorerProcess) -> anyhow::Result<()> {
    let nodes = network.nodes.iter().map(NodeProcess::process_id).enumerate();
    let nodes = nodes.map(|(index, process)| (format!("validator {index}"), process));
    for (what, process) in nodes.chain([("explorer".to_owned(), Some(explorer.process_id()))]) {
        let process = process.with_context(|| format!("{what} does not run"))?;
        let (most, own) = (memory::peak_of(process)? >> 20, memory::own_of(process)? >> 20);
        row(&format!("{what}, memory resident: most, and its own now"), &format!("{most}, {own} MiB"), "");
    }
    Ok(())
}

fn row(what: &str, measured: &str, target: &str) {
    println!("{what:<62} {measured:>16} {target:>10}");
}
