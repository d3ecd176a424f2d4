//! Waiting for what becomes of a transaction.

use super::{CallError, Node};
use crate::api::TxApiClient as _;
use crate::views::TransactionStatus;
use jsonrpsee::core::client::Subscription;
use jsonrpsee::ws_client::WsClient;
use primitives::TransactionHash;
use std::pin::Pin;
use std::time::Duration;

/// How often a node that does not push is asked.
const POLL: Duration = Duration::from_millis(500);

/// A connection, and the subscription on it.
type Pushed = (WsClient, Subscription<TransactionStatus>);

/// What opens one, or finds that it does not open.
type Opening = Pin<Box<dyn Future<Output = Option<Pushed>> + Send>>;

/// What becomes of one transaction: pushed by the node, or asked for where something in between does not let WebSockets
/// through. Something that lets them neither through nor fail costs no time either: the node is asked while the subscription is
/// being opened.
pub struct Changes {
    node: Node,
    transaction: TransactionHash,
    opening: Option<Opening>,
    pushed: Option<Pushed>,
    /// Whether something was said already, so that time passes before the node is asked again.
    said: bool,
}

impl Changes {
    /// Those of a transaction at a node. As the first status is how the transaction stands then, nothing is missed when it was
    /// sent before.
    pub fn of(node: &Node, transaction: TransactionHash) -> Self {
        let opening = Box::pin(subscribe(node.clone(), transaction));
        Self { node: node.clone(), transaction, opening: Some(opening), pushed: None, said: false }
    }

    /// How it stands now; then, each time, how it stands when that may be something else. After a status that
    /// [is settled](TransactionStatus::is_settled) nothing more is to be waited for.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn next(&mut self) -> Result<TransactionStatus, CallError> {
        let waited = self.open().await;
        if let Some(status) = self.next_pushed().await {
            return Ok(status);
        }
        if std::mem::replace(&mut self.said, true) && !waited {
            tokio::time::sleep(POLL).await;
        }
        self.node.transaction_status(self.transaction).await.map_err(|error| self.node.explain(error))
    }

    /// Goes on opening the subscription for as long as a node that does not push is left alone; whether that long was waited.
    async fn open(&mut self) -> bool {
        let Some(opening) = &mut self.opening else { return false };
        let opened = tokio::time::timeout(POLL, opening).await;
        match opened {
            Ok(pushed) => {
                (self.opening, self.pushed) = (None, pushed);
                false
            }
            Err(_) => true,
        }
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

async fn subscribe(node: Node, transaction: TransactionHash) -> Option<Pushed> {
    let client = node.connect().await.ok()?;
    let subscription = client.subscribe_status(transaction).await.ok()?;
    Some((client, subscription))
}
