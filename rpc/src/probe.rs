//! `GET /health` and `GET /ready`: what balancers and whoever keeps processes alive ask, who know a status and no JSON-RPC.

use crate::source::NodeSource;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

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
pub enum Told {
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

    /// Asks a node. One that does not say within five seconds how it is, does not answer.
    pub async fn ask(self, node: Arc<dyn NodeSource>, told: Told) -> Probed {
        let said = tokio::time::timeout(PATIENCE, tokio::task::spawn_blocking(move || told.by(&*node))).await;
        let Ok(Ok((ok, body))) = said else {
            let seconds = PATIENCE.as_secs();
            let silence = format!("the node did not say within {seconds} s how it is; its log may say why");
            let body = json!({ "ok": false, "warnings": [silence] }).to_string();
            return Probed { status: StatusCode::SERVICE_UNAVAILABLE, body };
        };
        let holds = match self {
            Probe::Health => true,
            Probe::Ready => ok,
        };
        let status = if holds { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        Probed { status, body: body.to_string() }
    }
}

impl Told {
    /// Whether a node follows the chain, and what is said of that.
    fn by(self, node: &dyn NodeSource) -> (bool, Value) {
        match self {
            Told::Operator => {
                let health = node.health();
                (health.ok, json!(health))
            }
            Told::Anybody => {
                let health = node.chain_health();
                (health.ok, json!(health))
            }
        }
    }
}
