//! Between the pool and the overlay: what peers send is judged, and what became ready here is told to them.

use crate::chain::{AdmissionRefusal, Chain};
use overlay::{MessageChecker, MessageVerdict, OverlayHandle, PublishError};
use primitives::TransactionHash;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::{self, error::RecvError};

/// How long to wait for room where the overlay has as much before it as it takes.
const ROOM: Duration = Duration::from_millis(20);

/// Judges what peers send; what is ready is passed on, and what waits apart is not.
pub fn checker(chain: Arc<Chain>) -> MessageChecker {
    Arc::new(move |message: &[u8]| match chain.receive(message) {
        Ok(admitted) if admitted.ready => MessageVerdict::Accept,
        Ok(_) | Err(AdmissionRefusal::Harmless) => MessageVerdict::Ignore,
        Err(AdmissionRefusal::PeerFault) => MessageVerdict::Reject,
    })
}

/// Tells other nodes of what becomes ready here.
pub async fn tell(chain: Arc<Chain>, mut became_ready: broadcast::Receiver<TransactionHash>, overlay: OverlayHandle) {
    loop {
        match became_ready.recv().await {
            Ok(hash) => publish(&chain, &overlay, hash).await,
            Err(RecvError::Lagged(untold)) => {
                tracing::warn!(untold, "transactions wait here alone; they are included when this node proposes");
            }
            Err(RecvError::Closed) => return,
        }
    }
}

/// Gossips a transaction, if it is still ready.
async fn publish(chain: &Chain, overlay: &OverlayHandle, hash: TransactionHash) {
    let encoded = || chain.pool().encoded(&hash);
    while let Some(transaction) = encoded() {
        match overlay.publish(transaction) {
            Err(PublishError::QueueFull) => tokio::time::sleep(ROOM).await,
            Err(error) => {
                tracing::warn!(%hash, %error, "a transaction waits here alone; it is included when this node proposes");
                return;
            }
            Ok(()) => return,
        }
    }
}
