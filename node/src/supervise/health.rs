//! How a node is, asked over the socket in its home, which strangers cannot reach.

use super::notify;
use super::verdict::{Before, Comparison, Judge, Lack, Seen, TrialVerdict, Unwell};
use rpc::api::OperatorNodeApiClient as _;
use rpc::client::{CallError, Node};
use rpc::views::Health;
use std::convert::Infallible;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// How often a node is asked.
const LOOK: Duration = Duration::from_millis(500);
/// How often one is asked that has proven itself.
const LATER: Duration = Duration::from_secs(5);
/// How long one answer of that one is waited for.
const ANSWER: Duration = Duration::from_secs(30);

/// Asks a node until there is a verdict on it.
pub(super) async fn wait(node: &Node, mut judge: Judge) -> TrialVerdict {
    let (began, mut said) = (Instant::now(), None);
    loop {
        let seen = look(node, judge.longest_answer()).await;
        say_halt(&seen, &mut said);
        if let Some(verdict) = judge.look(began.elapsed(), seen) {
            return verdict;
        }
        sleep(LOOK).await;
    }
}

/// Says of a node that has proven itself when its chain stands still, and when it moves again; never returns.
pub(super) async fn keep_saying(node: &Node) -> Infallible {
    let mut said = None;
    loop {
        say_halt(&look(node, ANSWER).await, &mut said);
        sleep(LATER).await;
    }
}

/// Says why the chain stands still, once for as long as the reason is the same.
fn say_halt(seen: &Seen, said: &mut Option<String>) {
    let Seen::Health(Health { halt, .. }) = seen else { return };
    if *halt == *said {
        return;
    }
    match halt {
        Some(why) => notify::status(&format!("the chain stands still: {why}")),
        None => notify::status("the chain moves again"),
    }
    said.clone_from(halt);
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

async fn look(node: &Node, patience: Duration) -> Seen {
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
