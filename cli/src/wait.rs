//! Waiting for a block to include a transaction.

use crate::failure::{Failure, failed};
use crate::session::Session;
use jsonrpsee::core::client::Subscription;
use jsonrpsee::ws_client::WsClient;
use primitives::{Height, TransactionHash};
use rpc::api::{ChainClient, TxClient};
use rpc::client::Node;
use rpc::views::{Feed, TransactionStatus};
use runtime::Record;
use std::time::Duration;

/// How often a node that does not push blocks is asked.
const POLL: Duration = Duration::from_millis(500);

/// New blocks: pushed by the node, or the passing of time where something in between does not let WebSockets through.
pub struct Blocks(Option<(WsClient, Subscription<Feed<Record>>)>);

impl Blocks {
    /// Subscribes at a node.
    pub async fn subscribe(node: &Node) -> Self {
        let Ok(client) = node.connect().await else { return Self(None) };
        let subscription = client.subscribe_records(None).await;
        Self(subscription.ok().map(|subscription| (client, subscription)))
    }

    /// Returns when there may be a new block.
    async fn next(&mut self) {
        let Some((_, subscription)) = &mut self.0 else { return tokio::time::sleep(POLL).await };
        if !matches!(subscription.next().await, Some(Ok(Feed::Item(_)))) {
            // The last message of a subscription; from here on time has to do.
            self.0 = None;
        }
    }
}

/// Waits until a transaction is in a block, has expired, or `seconds` have passed.
///
/// # Errors
/// When it is in no block by then; it may still come into one before it expires.
pub async fn included(
    session: &Session,
    blocks: &mut Blocks,
    hash: TransactionHash,
    expires_at: Height,
    seconds: u64,
) -> Result<TransactionStatus, Failure> {
    let waiting = until_included(session, blocks, hash, expires_at);
    tokio::time::timeout(Duration::from_secs(seconds), waiting).await.unwrap_or_else(|_| {
        Err(failed(format!(
            "transaction {hash} was sent and is in no block after {seconds} s; it may still be until height {expires_at}: \
             follow it with `contract tx {hash}`"
        )))
    })
}

async fn until_included(
    session: &Session,
    blocks: &mut Blocks,
    hash: TransactionHash,
    expires_at: Height,
) -> Result<TransactionStatus, Failure> {
    loop {
        // The head is read before the status: a transaction that is in no block after its last one is in none ever.
        let head = session.node.head().await.map_err(|error| session.explain(error))?.answer.height;
        let status = session.node.transaction_status(hash).await.map_err(|error| session.explain(error))?;
        match status {
            TransactionStatus::Included { .. } => return Ok(status),
            _ if head >= expires_at => {
                return Err(failed(format!(
                    "transaction {hash} expired at height {expires_at} without being in a block; nothing was paid, send it again"
                )));
            }
            _ => blocks.next().await,
        }
    }
}
