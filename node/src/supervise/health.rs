//! How a node is, asked over the socket in its home, which strangers cannot reach.

use rollout::{Before, Comparison, Judge, Lack, Seen, TrialVerdict, Unwell, Vitals};
use rpc::api::OperatorNodeApiClient as _;
use rpc::client::{CallError, Node};
use rpc::views::Health;
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
        let seen = look(node, judge.longest_answer(), &mut time).await.map(vitals);
        if let Some(verdict) = judge.look(time.at(Instant::now()), seen) {
            return verdict;
        }
        sleep(LOOK).await;
        time.at(Instant::now());
    }
}

/// How a node is when it is asked once.
pub(super) async fn once(node: &Node, patience: Duration) -> Seen<Health> {
    look(node, patience, &mut TimeAwake::since(Instant::now())).await
}

/// Asks the build before, run in the place of the one on trial, for what that one lacks; none when it does not have it within
/// a window either.
pub(super) async fn compare(node: &Node, lack: Lack, window: Duration) -> Option<Unwell> {
    let (mut comparison, mut time) = (Comparison::with(lack), TimeAwake::since(Instant::now()));
    let compared = timeout(window, async {
        loop {
            if let Seen::Health(health) = look(node, window, &mut time).await
                && let Some(unwell) = comparison.look(&vitals(health))
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

/// What of its health a build is judged by.
fn vitals(health: Health) -> Vitals {
    let Health { ok, height, peers, block_age_ms, .. } = health;
    Vitals { ok, height, peers, block_age_ms }
}

async fn look(node: &Node, patience: Duration, time: &mut TimeAwake) -> Seen<Health> {
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
    use crate::chain::Skew;
    use crate::chain::pulse::tests::{Comes, Machine};
    use primitives::Height;
    use rollout::Windows;

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

    #[test]
    fn o10_a_good_build_passes_its_trial_by_a_clock_that_is_off() {
        let (window, day_ms) = (Duration::from_secs(10), 86_400_000);
        let windows = Windows { silence: window, lack: window, least: Duration::ZERO };
        let before = Before { height: Height(7), peers: 3 };
        for off in [Skew::Ahead(30_000), Skew::Behind(30_000), Skew::Ahead(day_ms), Skew::Behind(day_ms)] {
            let (mut machine, mut judge) = (Machine::off_by(off), Judge::new(before, Some(windows)));
            // What was decided while it changed, and then what is being decided.
            let come = (0..10).map(|block| if block == 0 { Comes::Fetched(2_000) } else { Comes::Proposed });
            let verdicts: Vec<_> = (7u64..)
                .zip(come)
                .filter_map(|(height, comes)| {
                    machine.block(comes);
                    let (ok, block_age_ms) = (!machine.is_stale(), machine.age().as_millis() as u64);
                    let seen = Vitals { ok, height: Height(height), peers: 3, block_age_ms };
                    judge.look(Duration::from_secs(height), Seen::Health(seen))
                })
                .collect();
            assert!(verdicts.iter().all(|verdict| *verdict == TrialVerdict::Well) && !verdicts.is_empty(), "{off:?}");
        }
    }
}
