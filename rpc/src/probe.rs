//! `GET /health` and `GET /ready`: what balancers and whoever keeps processes alive ask, who know a status and no JSON-RPC.

use crate::source::NodeSource;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// How long a node may take to say how it is.
const PATIENCE: Duration = Duration::from_secs(5);

/// A question to which the status of an answer is the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// Whether the node lives and answers; one that does not is to be started again.
    Health,
    /// Whether it is worth asking: it answers, and follows the chain; while it does not, others are to be asked.
    Ready,
}

/// Who is told how a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeAudience {
    /// Whoever looks after it, at the socket or at the port of metrics: everything, as `node.health` answers.
    Operator,
    /// Whoever reaches the port of JSON-RPC: how the chain is here, and nothing about the node or its machine.
    Anybody,
}

/// What a probe is answered: a status, 200 or 503, and in JSON how the node, or the chain, is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probed {
    /// 200 for yes, 503 for no.
    pub status: StatusCode,
    /// JSON, with the sentences under `warnings`.
    pub body: String,
}

impl Probe {
    /// Every probe.
    pub const ALL: [Probe; 2] = [Probe::Health, Probe::Ready];

    /// Where it is asked.
    pub fn path(self) -> &'static str {
        match self {
            Probe::Health => "/health",
            Probe::Ready => "/ready",
        }
    }

    /// The probe that a request is, if it is one.
    pub fn of(method: &Method, path: &str) -> Option<Self> {
        let reads = [Method::GET, Method::HEAD].contains(method);
        Self::ALL.into_iter().find(|probe| reads && probe.path() == path)
    }
}

/// Asks one node, in turn: a node that does not answer holds one thread, however often it is asked.
#[derive(Clone)]
pub struct Probes {
    node: Arc<dyn NodeSource>,
    turn: Arc<Semaphore>,
}

impl Probes {
    /// Those of a node.
    pub fn of(node: Arc<dyn NodeSource>) -> Self {
        Self { node, turn: Arc::new(Semaphore::new(1)) }
    }

    /// Asks. A node that does not say within five seconds how it is, does not answer.
    pub async fn ask(&self, probe: Probe, told: ProbeAudience) -> Probed {
        let node = self.node.clone();
        let Some((ok, body)) = in_turn(&self.turn, PATIENCE, move || told.by(&*node)).await else {
            let seconds = PATIENCE.as_secs();
            let silence = format!("the node did not say within {seconds} s how it is; its log may say why");
            let body = json!({ "ok": false, "warnings": [silence] }).to_string();
            return Probed { status: StatusCode::SERVICE_UNAVAILABLE, body };
        };
        let holds = match probe {
            Probe::Health => true,
            Probe::Ready => ok,
        };
        let status = if holds { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        Probed { status, body: body.to_string() }
    }
}

/// The answer to what blocks, when it comes within `patience`. The turn is over when the answer is there, also when nobody waits for it
/// any more.
async fn in_turn<T: Send + 'static>(
    turn: &Arc<Semaphore>,
    patience: Duration,
    ask: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let answer = async {
        let mine = turn.clone().acquire_owned().await.ok()?;
        let asked = tokio::task::spawn_blocking(move || {
            let answer = ask();
            drop(mine);
            answer
        });
        asked.await.ok()
    };
    tokio::time::timeout(patience, answer).await.ok().flatten()
}

impl ProbeAudience {
    /// Whether a node follows the chain, and what is said of that.
    fn by(self, node: &dyn NodeSource) -> (bool, Value) {
        match self {
            ProbeAudience::Operator => {
                let health = node.health();
                (health.ok, json!(health))
            }
            ProbeAudience::Anybody => {
                let health = node.chain_health();
                (health.ok, json!(health))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc;

    #[tokio::test]
    async fn o17_a_node_that_hangs_holds_one_thread_however_often_it_is_asked() {
        let (turn, asked) = (Arc::new(Semaphore::new(1)), Arc::new(AtomicU32::new(0)));
        let (answer, hangs) = mpsc::channel::<()>();
        let mut hangs = Some(hangs);
        for _ in 0..3 {
            let (asked, hangs) = (asked.clone(), hangs.take());
            let ask = move || {
                asked.fetch_add(1, Ordering::Relaxed);
                hangs.map(|hangs| hangs.recv())
            };
            assert!(in_turn(&turn, Duration::from_millis(100), ask).await.is_none());
        }
        answer.send(()).unwrap();
        assert_eq!(in_turn(&turn, Duration::from_secs(20), || 7).await, Some(7), "the turn is free again");
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }
}
