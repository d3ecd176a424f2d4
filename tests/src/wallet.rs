//! Signing transactions as a wallet that is not ours would: what is signed can be changed at every step.

use crate::NodeProcess;
use crate::node::Refused;
use anyhow::Context as _;
use parity_scale_codec::Encode;
use primitives::{AccountId, SecretKey};
use runtime::{Call, Payload, Transaction};
use serde_json::{Value, json};
use std::path::Path;

/// A key, and what can be signed with it.
#[derive(Debug, Clone)]
pub struct Wallet(pub SecretKey);

impl Wallet {
    /// The wallet of a key file.
    ///
    /// # Errors
    /// When the file holds no key.
    pub fn open(file: impl AsRef<Path>) -> anyhow::Result<Self> {
        Ok(Self(the_block::keys::read(file.as_ref())?))
    }

    /// A wallet that nobody has seen.
    pub fn fresh() -> Self {
        Self(the_block::keys::generate())
    }

    /// Its account.
    pub fn account(&self) -> AccountId {
        self.0.account()
    }

    /// A payload that would be granted, filled in by a node.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn prepare(&self, node: &NodeProcess, call: &Call) -> anyhow::Result<Payload> {
        let prepared = node.call("tx.prepare", json!({ "account": self.account(), "call": call })).await?;
        serde_json::from_value(prepared["payload"].clone()).context("tx.prepare answered with no payload")
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
        let transaction = self.signed(node, call, |_| {}).await?;
        let hash = node.call("tx.submit", json!({ "transaction": hex::encode(transaction.encode()) })).await?;
        included(node, &hash).await
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
    node.until(&format!("block with transaction {hash}"), async |node| {
        let status = node.call("tx.status", json!({ "hash": hash })).await.ok()?;
        (status["status"] == "included").then_some(status)
    })
    .await
}
