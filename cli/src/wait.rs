//! Waiting for a block to include a transaction.

use crate::failure::{Failure, failed};
use crate::session::Session;
use primitives::{Height, TransactionHash};
use rpc::api::{ChainClient, TxClient};
use rpc::client::Blocks;
use rpc::views::TransactionStatus;
use std::time::Duration;

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

/// Waits for as long as a transaction waits at the node: until it is in a block, or will be in none.
///
/// # Errors
/// When the node does not answer; ctrl-c is [`Failure::Interrupted`].
pub async fn settled(session: &Session, hash: TransactionHash) -> Result<TransactionStatus, Failure> {
    tokio::select! {
        settled = until_settled(session, hash) => settled,
        _ = tokio::signal::ctrl_c() => Err(Failure::Interrupted(format!(
            "stopped waiting; the transaction is not: see what became of it with `contract tx {hash}`"
        ))),
    }
}

async fn until_settled(session: &Session, hash: TransactionHash) -> Result<TransactionStatus, Failure> {
    let mut blocks = Blocks::subscribe(&session.node).await;
    let mut was_pending = false;
    loop {
        let status = session.node.transaction_status(hash).await.map_err(|error| session.explain(error))?;
        match status {
            TransactionStatus::Pending => was_pending = true,
            // It leaves the pool a moment before its block can be read, so it is looked for once more.
            TransactionStatus::Unknown if was_pending => was_pending = false,
            settled => return Ok(settled),
        }
        blocks.next().await;
    }
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
