//! What benches submit: transactions that are signed and encoded before, over several connections to each node, as fast as nodes take them.
//!
//! A pool bounds what waits: what it has no room for is offered again after the next block, in the same order, so nothing is lost and
//! accounts are never ahead of themselves.

use crate::Network;
use anyhow::{Context as _, bail};
use jsonrpsee::core::client::ClientT as _;
use jsonrpsee::core::params::BatchRequestBuilder;
use jsonrpsee::http_client::HttpClient;
use jsonrpsee::rpc_params;
use parity_scale_codec::Encode as _;
use primitives::{AccountId, Amount, Height, SecretKey, TransactionHash};
use rpc::api::AccountApiClient as _;
use rpc::error::POOL_FULL;
use runtime::{Call, Genesis, Lane, Payload, Transaction};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Transactions in a request: as many as a node takes in one.
pub const BATCH: usize = 50;

/// Connections in all, whatever nodes there are: an address may have sixteen at a node. Few would wait for answers while nodes wait for
/// them.
const CONNECTIONS: usize = 10;

/// What each transaction pays: by the byte more than the least fee of anything.
const FEE: Amount = Amount(50_000);

/// Has nodes take however much comes in a second, and bid no more than the least fee for what they send themselves. In a full pool something
/// else would give way to more, and be waited for without an end.
///
/// # Errors
/// When a configuration cannot be read or written.
pub fn open_to_all(network: &Network) -> anyhow::Result<()> {
    for node in &network.nodes {
        node.configure(|config| {
            config.rpc.requests_per_second = 0;
            config.validator.max_fee_multiple = 1;
        })?;
    }
    Ok(())
}

/// A transaction that may be in any block from the first on, as long as one may live.
pub fn signed(genesis: &Genesis, key: &SecretKey, nonce: u64, call: Call) -> Transaction {
    let (chain_id, account, lane) = (genesis.chain.chain_id.clone(), key.account(), Lane::Wallet);
    let expires_at = Height(genesis.chain.limits.max_transaction_lifetime);
    Payload { chain_id, account, lane, nonce, expires_at, fee: FEE, call }.sign(key)
}

/// A signed transaction, as it is submitted.
#[derive(Debug, Clone)]
pub struct Offered {
    hash: TransactionHash,
    text: String,
}

impl Offered {
    /// A transaction, encoded.
    pub fn of(transaction: &Transaction) -> Self {
        let encoded = transaction.encode();
        Self { hash: TransactionHash::of(&encoded), text: hex::encode(encoded) }
    }
}

/// A connection to a node, over which transactions are offered in order.
pub struct Offering {
    client: HttpClient,
    heads: watch::Receiver<u64>,
}

impl Offering {
    /// The connections to the nodes of a network, by turns. `heads` are the heights of its blocks as they come.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn to_all(network: &Network, heads: &watch::Receiver<u64>) -> anyhow::Result<Vec<Self>> {
        let nodes = network.nodes.iter().cycle().take(CONNECTIONS);
        nodes.map(|node| Ok(Self { client: node.client()?, heads: heads.clone() })).collect()
    }

    /// Offers at most [`BATCH`] transactions until the node has taken all of them; `sends` is told of each whenever it is sent. Gives how
    /// often one was refused because the pool had no room.
    ///
    /// # Errors
    /// When the node refuses one for anything else, or no further block comes.
    pub async fn offer(&mut self, batch: &[Offered], sends: impl Fn(TransactionHash)) -> anyhow::Result<usize> {
        let mut left: Vec<&Offered> = batch.iter().collect();
        let mut refusals = 0;
        loop {
            // Before they are sent: a block that comes meanwhile makes room.
            self.heads.mark_unchanged();
            left.iter().for_each(|offered| sends(offered.hash));
            left = self.submit(left).await?;
            if left.is_empty() {
                return Ok(refusals);
            }
            refusals += left.len();
            self.next_block().await?;
        }
    }

    /// Waits until blocks have so many transactions of an account.
    ///
    /// # Errors
    /// When the node does not answer, or no further block comes.
    pub async fn included(&mut self, account: AccountId, transactions: u64) -> anyhow::Result<()> {
        loop {
            self.heads.mark_unchanged();
            if self.client.account(account).await?.balance.nonce >= transactions {
                return Ok(());
            }
            self.next_block().await?;
        }
    }

    /// Submits transactions; gives back those for which the pool has no room.
    async fn submit<'o>(&self, batch: Vec<&'o Offered>) -> anyhow::Result<Vec<&'o Offered>> {
        let mut request = BatchRequestBuilder::new();
        for offered in &batch {
            request.insert("tx.submit", rpc_params![&offered.text])?;
        }
        let answers = self.client.batch_request::<TransactionHash>(request).await.context("a batch failed")?;
        let mut without_room = Vec::new();
        for (offered, answer) in batch.into_iter().zip(answers) {
            match answer {
                Ok(_) => {}
                Err(refused) if refused.code() == POOL_FULL => without_room.push(offered),
                Err(refused) => bail!("transaction {} is not taken: {}", offered.hash, refused.message()),
            }
        }
        Ok(without_room)
    }

    async fn next_block(&mut self) -> anyhow::Result<()> {
        self.heads.changed().await.context("nobody hears of blocks any more")
    }
}

/// Waits until everything was taken that is offered over several connections; gives how often nodes had no room.
///
/// # Errors
/// The first of theirs.
pub async fn all_taken(mut offered: JoinSet<anyhow::Result<usize>>) -> anyhow::Result<usize> {
    let mut refusals = 0;
    while let Some(taken) = offered.join_next().await {
        refusals += taken??;
    }
    Ok(refusals)
}
