//! How a node is, asked over the socket in its home, which strangers cannot reach.

use super::verdict::{Before, Comparison, Judge, Lack, Seen, TrialVerdict, Unwell};
use rpc::api::OperatorNodeApiClient as _;
use rpc::client::{CallError, Node};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// How often a node is asked.
const LOOK: Duration = Duration::from_millis(500);
/// The longest that this process needs to come round to looking again, unless it does not get to run.
const TURN: Duration = Duration::from_secs(2);

/// Time as far as this process ran in it. What it was stopped for, such as with its machine, is counted against no build: the node
/// was stopped too, or could not be asked.
#[derive(Debug)]
struct TimeAwake {
    counted: Duration,
    turned: Instant,
}

/// Asks a node until there is a verdict on it.
pub(super) async fn wait(node: &Node, mut judge: Judge) -> TrialVerdict {
    let mut time = TimeAwake::since(Instant::now());
    loop {
        let seen = look(node, judge.longest_answer(), &mut time).await;
        if let Some(verdict) = judge.look(time.at(Instant::now()), seen) {
            return verdict;
        }
        sleep(LOOK).await;
        time.at(Instant::now());
    }
}

/// How a node is when it is asked once.
pub(super) async fn once(node: &Node, patience: Duration) -> Seen {
    look(node, patience, &mut TimeAwake::since(Instant::now())).await
}

/// Asks the build before, run in the place of the one on trial, for what that one lacks; none when it does not have it within
/// a window either.
pub(super) async fn compare(node: &Node, lack: Lack, window: Duration) -> Option<Unwell> {
    let (mut comparison, mut time) = (Comparison::with(lack), TimeAwake::since(Instant::now()));
    let compared = timeout(window, async {
        loop {
            if let Seen::Health(health) = look(node, window, &mut time).await
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

async fn look(node: &Node, patience: Duration, time: &mut TimeAwake) -> Seen {
    let (asked, answer) = (time.at(Instant::now()), node.health());
    tokio::pin!(answer);
    let answered = loop {
        tokio::select! {
            answered = &mut answer => break Some(answered),
            () = sleep(LOOK) => {}
        }
        if time.at(Instant::now()).saturating_sub(asked) >= patience {
            break None;
        }
    };
    match answered {
        Some(Ok(health)) => Seen::Health(health),
        Some(Err(error)) => {
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
        None => Seen::Silence,
    }
}

impl TimeAwake {
    fn since(now: Instant) -> Self {
        Self { counted: Duration::ZERO, turned: now }
    }

    /// What counts of the time until now; to be asked at every turn.
    fn at(&mut self, now: Instant) -> Duration {
        self.counted = self.counted.saturating_add(now.saturating_duration_since(self.turned).min(TURN));
        self.turned = now;
        self.counted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o18_what_the_supervisor_was_stopped_for_is_counted_against_no_build() {
        let began = Instant::now();
        let mut time = TimeAwake::since(began);
        let at = |ms: u64| began + Duration::from_millis(ms);
        assert_eq!(time.at(at(500)), Duration::from_millis(500));
        assert_eq!(time.at(at(1_000)), Duration::from_millis(1_000));
        // It is stopped for 46 seconds, and goes on.
        assert_eq!(time.at(at(47_000)), Duration::from_millis(1_000) + TURN);
        assert_eq!(time.at(at(47_500)), Duration::from_millis(1_500) + TURN);
    }
}
