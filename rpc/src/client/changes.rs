//! Waiting for what becomes of a transaction.

use super::{CallError, Node};
use crate::api::TxApiClient as _;
use crate::views::TransactionStatus;
use jsonrpsee::core::client::Subscription;
use jsonrpsee::ws_client::WsClient;
use primitives::TransactionHash;
use std::time::Duration;

/// How often a node that does not push is asked.
const POLL: Duration = Duration::from_millis(500);

/// What becomes of one transaction: pushed by the node, or asked for where something in between does not let WebSockets
/// through.
pub struct Changes {
    node: Node,
    transaction: TransactionHash,
    pushed: Option<(WsClient, Subscription<TransactionStatus>)>,
    /// Whether something was said already, so that time passes before the node is asked again.
    said: bool,
}

impl Changes {
    /// Subscribes at a node. As the first status is how the transaction stands then, nothing is missed when it was sent before.
    pub async fn of(node: &Node, transaction: TransactionHash) -> Self {
        Self { node: node.clone(), transaction, pushed: subscribe(node, transaction).await, said: false }
    }

    /// How it stands now; then, each time, how it stands when that may be something else. After a status that
    /// [is settled](TransactionStatus::is_settled) nothing more is to be waited for.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn next(&mut self) -> Result<TransactionStatus, CallError> {
        if let Some(status) = self.next_pushed().await {
            return Ok(status);
        }
        if std::mem::replace(&mut self.said, true) {
            tokio::time::sleep(POLL).await;
        }
        self.node.transaction_status(self.transaction).await.map_err(|error| self.node.explain(error))
    }

    async fn next_pushed(&mut self) -> Option<TransactionStatus> {
        let (_, subscription) = self.pushed.as_mut()?;
        let status = subscription.next().await.and_then(Result::ok);
        // A node that knows nothing of it may have nothing to push ever, and one whose connection broke has not.
        if status.as_ref().is_none_or(|status| *status == TransactionStatus::Unknown) {
            self.pushed = None;
        }
        self.said = status.is_some();
        status
    }
}

async fn subscribe(node: &Node, transaction: TransactionHash) -> Option<(WsClient, Subscription<TransactionStatus>)> {
    let client = node.connect().await.ok()?;
    let subscription = client.subscribe_status(transaction).await.ok()?;
    Some((client, subscription))
}
