//! Accounts that pay, one transfer after the other, over whichever validator lives.

use crate::node::GLANCE;
use crate::wallet::transfer;
use crate::{Network, TestWallet};
use anyhow::{Context as _, ensure};
use primitives::{Amount, Height, SecretKey, TransactionHash};
use rpc::client::{Node, SendOutcome, Terms, Wallet, WalletError};
use runtime::Genesis;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

/// How many there are.
const PAYERS: usize = 3;
/// What each has; a transfer costs a few thousand.
const BALANCE: u64 = 1_000_000_000_000;
/// How long one node is waited for; it may have been killed, or lack the others.
const TO_CONFIRM: Duration = Duration::from_secs(10);

/// Accounts that pay until they are stopped, and what they were told.
pub(super) struct Payers {
    paying: JoinSet<()>,
    news: UnboundedReceiver<Confirmed>,
    confirmed: Vec<Confirmed>,
    /// How many of the confirmed ones have been found at all nodes.
    found: usize,
}

/// A transfer that a node has said to be in a block.
#[derive(Debug, Clone, Copy)]
struct Confirmed {
    hash: TransactionHash,
    height: Height,
}

/// Keys with something to pay with in the genesis of a network that does not run yet.
pub(super) fn endowed(network: &Network) -> anyhow::Result<Vec<TestWallet>> {
    let keys: Vec<TestWallet> = (0..PAYERS).map(|_| TestWallet::fresh()).collect();
    network.edit_genesis(|genesis| {
        let endow = |key: &TestWallet| json!({ "account": key.account(), "balance": BALANCE.to_string() });
        let balances = genesis["accounts"]["balances"].as_array_mut();
        balances.into_iter().for_each(|all| all.extend(keys.iter().map(endow)));
    })?;
    Ok(keys)
}

impl Payers {
    /// Begins to pay at all nodes of a network, in turns.
    pub fn begin(network: &Network, keys: Vec<TestWallet>) -> anyhow::Result<Self> {
        let first = network.nodes.first().context("a network without nodes")?;
        let genesis: Genesis = serde_json::from_str(&std::fs::read_to_string(first.home.join("config/genesis.json"))?)?;
        let terms = Terms { chain_id: Some(genesis.chain.chain_id), most_fee: Amount(u64::MAX) };
        let nodes = network.nodes.iter().map(|node| Node::open(&node.rpc)).collect::<Result<Vec<Node>, _>>()?;
        let (tell, news) = unbounded_channel();
        let mut paying = JoinSet::new();
        for key in keys {
            paying.spawn(pay_on(nodes.clone(), key.0, terms.clone(), tell.clone()));
        }
        Ok(Self { paying, news, confirmed: Vec::new(), found: 0 })
    }

    /// Requires that every node has what was confirmed since this was asked last, where it was said to be.
    pub async fn require_kept(&mut self, network: &mut Network) -> anyhow::Result<()> {
        while let Ok(confirmed) = self.news.try_recv() {
            self.confirmed.push(confirmed);
        }
        let new = self.confirmed.get(self.found..).unwrap_or_default();
        let latest = new.iter().map(|confirmed| confirmed.height).max().unwrap_or_default();
        network.reach(latest.0).await?;
        for node in &network.nodes {
            for Confirmed { hash, height } in new {
                let status: Value = node.call("tx.status", json!({ "hash": hash })).await?;
                ensure!(
                    status["status"] == "included" && status["height"].as_u64() == Some(height.0),
                    "transfer {hash} was confirmed at height {height}, and {} says of it {status}",
                    node.rpc
                );
            }
        }
        self.found = self.confirmed.len();
        Ok(())
    }

    /// Stops paying, and requires that every node has all that was ever confirmed. Gives how many transfers that is.
    pub async fn end(mut self, network: &mut Network) -> anyhow::Result<usize> {
        self.paying.shutdown().await;
        self.found = 0;
        self.require_kept(network).await?;
        Ok(self.found)
    }
}

async fn pay_on(nodes: Vec<Node>, key: SecretKey, terms: Terms, tell: UnboundedSender<Confirmed>) {
    for node in nodes.iter().cycle() {
        match pay(&Wallet::new(node.clone(), key.clone(), terms.clone())).await {
            Ok(Some(confirmed)) => {
                if tell.send(confirmed).is_err() {
                    return;
                }
            }
            // Nobody is there, or it does not go on: that says nothing about the transfer, and the next node is asked.
            Ok(None) | Err(_) => tokio::time::sleep(GLANCE).await,
        }
    }
}

async fn pay(wallet: &Wallet) -> Result<Option<Confirmed>, WalletError> {
    let payload = wallet.prepare(&transfer(1)).await?;
    let sent = wallet.submit(wallet.sign(payload)).await?;
    Ok(match wallet.outcome(sent, TO_CONFIRM).await? {
        SendOutcome::Included { height, .. } => Some(Confirmed { hash: sent.hash, height }),
        SendOutcome::Dropped { .. } => None,
    })
}
