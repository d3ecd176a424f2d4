//! How a node is, asked over the socket in its home, which strangers cannot reach.

use super::verdict::{Before, Comparison, Judge, Lack, Seen, TrialVerdict, Unwell};
use rpc::api::OperatorNodeApiClient as _;
use rpc::client::{CallError, Node};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// How often a node is asked.
const LOOK: Duration = Duration::from_millis(500);

/// Asks a node until there is a verdict on it.
pub(super) async fn wait(node: &Node, mut judge: Judge) -> TrialVerdict {
    let began = Instant::now();
    loop {
        let seen = look(node, judge.longest_answer()).await;
        if let Some(verdict) = judge.look(began.elapsed(), seen) {
            return verdict;
        }
        sleep(LOOK).await;
    }
}

/// Asks the build before, run in the place of the one on trial, for what that one lacks; none when it does not have it within
/// a window either.
pub(super) async fn compare(node: &Node, lack: Lack, window: Duration) -> Option<Unwell> {
    let mut comparison = Comparison::with(lack);
    let compared = timeout(window, async {
        loop {
            if let Seen::Health(health) = look(node, window).await
                && let Some(unwell) = comparison.look(&health)
            {
                return unwell;
            }
            sleep(LOOK).await;
        }
    });
    compared.await.ok()
}

/// How a node is now; the default when it does not answer.
pub(super) async fn now(node: &Node) -> Before {
    node.health()
        .await
        .map_or_else(|_| Before::default(), |health| Before { height: health.height, peers: health.peers })
}

/// What a node says of itself when it is asked once.
pub(super) async fn look(node: &Node, patience: Duration) -> Seen {
    match timeout(patience, node.health()).await {
        Ok(Ok(health)) => Seen::Health(health),
        Ok(Err(error)) => {
            let error = node.explain(error);
            match &error {
                silent if silent.is_silence() => Seen::Silence,
                CallError::Refused { .. } | CallError::Status { .. } | CallError::NotANode { .. } => {
                    tracing::debug!(%error, "the node does not say how it is");
                    Seen::NoHealth
                }
                _ => Seen::Unasked(error.to_string()),
            }
        }
        Err(_) => Seen::Silence,
    }
}
