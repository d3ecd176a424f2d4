//! Waiting for the next block.

use super::Node;
use crate::api::ChainApiClient as _;
use crate::views::{CertifiedRecord, Feed};
use jsonrpsee::core::client::Subscription;
use jsonrpsee::ws_client::WsClient;
use std::time::Duration;

/// How often a node that does not push blocks is asked.
const POLL: Duration = Duration::from_millis(500);

/// New blocks: pushed by the node, or the passing of time where something in between does not let WebSockets through.
pub struct Blocks(Option<(WsClient, Subscription<Feed<CertifiedRecord>>)>);

impl Blocks {
    /// Subscribes at a node.
    pub async fn subscribe(node: &Node) -> Self {
        let Ok(client) = node.connect().await else { return Self(None) };
        let subscription = client.subscribe_records(None).await;
        Self(subscription.ok().map(|subscription| (client, subscription)))
    }

    /// Whether the node pushes them.
    pub fn are_pushed(&self) -> bool {
        self.0.is_some()
    }

    /// Returns when there may be a new block.
    pub async fn next(&mut self) {
        let Some((_, subscription)) = &mut self.0 else { return tokio::time::sleep(POLL).await };
        if !matches!(subscription.next().await, Some(Ok(Feed::Item(_)))) {
            // The last message of a subscription; from here on time has to do.
            self.0 = None;
        }
    }
}
