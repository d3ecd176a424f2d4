//! Signing transactions as a wallet that is not ours would: what is signed can be changed at every step. What is not changed
//! is prepared, sent and waited for by the client's own wallet.

use crate::NodeProcess;
use crate::node::{PATIENCE, Refused};
use anyhow::{Context as _, bail};
use host::config::Home;
use parity_scale_codec::Encode;
use primitives::{AccountId, Amount, SecretKey, TransactionHash};
use rpc::client::{self, Changes, Node, SendOutcome, Terms};
use rpc::views::TransactionStatus;
use runtime::{Call, Genesis, Payload, Transaction};
use serde_json::{Value, json};
use std::path::Path;

/// A transfer to an account that nobody has seen.
pub fn transfer(amount: u64) -> Call {
    runtime::testing::transfer(TestWallet::fresh().account(), amount)
}

/// A key, and what can be signed with it.
#[derive(Debug, Clone)]
pub struct TestWallet(pub SecretKey);

impl TestWallet {
    /// The wallet of a key file.
    ///
    /// # Errors
    /// When the file holds no key.
    pub fn open(file: impl AsRef<Path>) -> anyhow::Result<Self> {
        Ok(Self(host::keys::read(file.as_ref())?))
    }

    /// A wallet that nobody has seen.
    pub fn fresh() -> Self {
        Self(host::keys::generate())
    }

    /// Its account.
    pub fn account(&self) -> AccountId {
        self.0.account()
    }

    /// A payload that would be granted, filled in by a node.
    ///
    /// # Errors
    /// When the node does not answer, or with something else than was asked for.
    pub async fn prepare(&self, node: &NodeProcess, call: &Call) -> anyhow::Result<Payload> {
        Ok(self.at(node)?.prepare(call).await?)
    }

    /// A signed transaction, changed by `change` before it is signed.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn signed(
        &self,
        node: &NodeProcess,
        call: &Call,
        change: impl FnOnce(&mut Payload),
    ) -> anyhow::Result<Transaction> {
        let mut payload = self.prepare(node, call).await?;
        change(&mut payload);
        Ok(payload.sign(&self.0))
    }

    /// Sends a call, and waits for a block to include it. Gives `tx.status`.
    ///
    /// # Errors
    /// When the node does not take it, or no block does in time.
    pub async fn send(&self, node: &mut NodeProcess, call: &Call) -> anyhow::Result<Value> {
        let outcome = self.at(node)?.send(call, PATIENCE).await;
        match outcome.with_context(|| last_sign(node))? {
            SendOutcome::Dropped { why } => bail!("{} dropped the transaction: {why}", node.rpc),
            included => Ok(serde_json::to_value(TransactionStatus::from(included))?),
        }
    }

    /// The client's wallet with this key, for the network of a node; it pays what is asked.
    fn at(&self, node: &NodeProcess) -> anyhow::Result<client::Wallet> {
        let genesis = std::fs::read_to_string(Home::at(&node.home).genesis()).context("the node has no genesis")?;
        let genesis: Genesis = serde_json::from_str(&genesis)?;
        let terms = Terms { chain_id: Some(genesis.chain.chain_id), most_fee: Amount(u64::MAX) };
        Ok(client::Wallet::new(Node::open(&node.rpc)?, self.0.clone(), terms))
    }
}

/// Submits a transaction; gives its hash, or the node's refusal.
///
/// # Errors
/// The node's refusal.
pub async fn submit(node: &NodeProcess, transaction: &Transaction) -> Result<Value, Refused> {
    node.ask("tx.submit", json!({ "transaction": hex::encode(transaction.encode()) })).await
}

/// Waits for a block that includes a transaction; gives `tx.status`.
///
/// # Errors
/// When none does in time.
pub async fn included(node: &mut NodeProcess, hash: &Value) -> anyhow::Result<Value> {
    let (client, hash) = (Node::open(&node.rpc)?, serde_json::from_value(hash.clone())?);
    let settled = tokio::time::timeout(PATIENCE, settled(&client, hash)).await;
    let settled = settled.unwrap_or_else(|late| Err(late.into()));
    match settled.with_context(|| format!("no block with transaction {hash}; {}", last_sign(node)))? {
        included @ TransactionStatus::Included { .. } => Ok(serde_json::to_value(included)?),
        other => bail!("{} will not include transaction {hash}: {other:?}", node.rpc),
    }
}

async fn settled(client: &Node, hash: TransactionHash) -> anyhow::Result<TransactionStatus> {
    let mut changes = Changes::of(client, hash);
    loop {
        let status = changes.next().await?;
        if status.is_settled() {
            return Ok(status);
        }
    }
}

/// Whether a node still runs, and what it wrote last.
fn last_sign(node: &mut NodeProcess) -> String {
    let state = if node.is_running() { "runs" } else { "has ended" };
    format!("the node {state}, and {}", node.last_words())
}
