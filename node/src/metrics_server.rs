//! `GET /metrics`: what this node and its consensus engine count, as Prometheus reads it; and beside it the probes that the port of
//! JSON-RPC answers too, here with all that the operator is told.

use crate::metrics::NodeMetrics;
use anyhow::Context as _;
use axum::routing::{MethodRouter, get};
use axum::{Router, http::header::CONTENT_TYPE};
use consensus::metrics_text;
use host::config::Listener;
use rpc::{NodeSource, Probe, ProbeAudience, Probed, Probes};
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// Serves metrics, and the probes of a node, until `stopped` says so.
///
/// # Errors
/// When an address is taken or not this machine's.
pub async fn serve(
    listen: &[Listener],
    metrics: NodeMetrics,
    node: Arc<dyn NodeSource>,
    stopped: watch::Receiver<bool>,
) -> anyhow::Result<JoinHandle<()>> {
    let app = routes(metrics, node);
    let mut servers = JoinSet::new();
    for Listener { address, v6_only } in listen {
        let listener = rpc::listen_on(*address, *v6_only).with_context(|| {
            format!("cannot serve metrics on {address}; stop what uses the port, or set metrics.listen in config.toml")
        })?;
        let mut stopped = stopped.clone();
        let shutdown = async move {
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        servers.spawn(axum::serve(listener, app.clone()).with_graceful_shutdown(shutdown).into_future());
    }
    Ok(tokio::spawn(async move {
        while let Some(ended) = servers.join_next().await {
            if let Ok(Err(error)) = ended {
                tracing::error!(%error, "the metrics server stopped");
            }
        }
    }))
}

fn routes(metrics: NodeMetrics, node: Arc<dyn NodeSource>) -> Router {
    let counted = get(move || {
        let body = text(&metrics);
        async move { ([(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], body) }
    });
    let app = Router::new().route("/metrics", counted);
    let probes = Probes::of(node);
    Probe::ALL.into_iter().fold(app, |app, probe| app.route(probe.path(), asked(probe, probes.clone())))
}

fn asked(probe: Probe, probes: Probes) -> MethodRouter {
    get(move || {
        let probes = probes.clone();
        async move {
            let Probed { status, body } = probes.ask(probe, ProbeAudience::Operator).await;
            (status, [(CONTENT_TYPE, "application/json")], body)
        }
    })
}

/// Both registries as one exposition: only the last `# EOF` may stay.
fn text(metrics: &NodeMetrics) -> String {
    let own = metrics.encode();
    let engine = metrics_text();
    let own = own.strip_suffix("# EOF\n").unwrap_or(&own);
    let engine = engine.strip_suffix("# EOF\n").unwrap_or(&engine);
    format!("{own}{engine}# EOF\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rpc::testing::MemoryNode;
    use std::collections::BTreeMap;
    use std::net::SocketAddr;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};

    /// The status and the body of an answer.
    async fn answer(at: SocketAddr, path: &str) -> (String, String) {
        let mut stream = TcpStream::connect(at).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: node\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut whole = String::new();
        stream.read_to_string(&mut whole).await.unwrap();
        let (head, body) = whole.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().into(), body.into())
    }

    /// The families of an exposition as a strict reader takes them: each declared once, with its kind, and followed by its samples alone.
    fn families(text: &str) -> BTreeMap<&str, &str> {
        let mut found = BTreeMap::new();
        let mut current = "";
        let body = text.strip_suffix("# EOF\n").expect("an exposition ends");
        for line in body.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            match words[..] {
                ["#", "TYPE", name, kind] => {
                    assert_eq!(found.insert(name, kind), None, "{name} is declared twice");
                    current = name;
                }
                ["#", "HELP" | "UNIT", ..] => {}
                _ => {
                    let name = line.split(['{', ' ']).next().unwrap();
                    let suffixes: &[&str] = match found.get(current) {
                        Some(&"counter") => &["_total", "_created"],
                        Some(&"histogram") => &["_bucket", "_sum", "_count", "_created"],
                        Some(&"info") => &["_info"],
                        _ => &[""],
                    };
                    let rest = name.strip_prefix(current).unwrap_or(name);
                    assert!(suffixes.contains(&rest), "{line:?} stands under {current}");
                }
            }
        }
        found
    }

    #[test]
    fn o34_a_strict_reader_takes_what_the_node_counts_and_finds_no_gauge_that_is_named_like_a_counter() {
        let text = NodeMetrics::new().encode();
        let families = families(&text);
        assert!(families.len() > 10, "{families:?}");
        let odd: Vec<_> =
            families.iter().filter(|(name, kind)| **kind != "counter" && name.ends_with("_total")).collect();
        assert!(odd.is_empty(), "{odd:?}");
    }

    #[tokio::test]
    async fn o17_the_port_of_metrics_says_whether_the_node_lives_and_is_worth_asking() {
        let node = Arc::new(MemoryNode::new(runtime::testing::genesis()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        tokio::spawn(axum::serve(listener, routes(NodeMetrics::new(), node.clone())).into_future());
        for path in ["/health", "/ready", "/metrics"] {
            assert_eq!(answer(at, path).await.0, "200", "{path}");
        }
        node.warn("the newest block is 99 s old");
        assert_eq!(answer(at, "/health").await.0, "200");
        let (status, body) = answer(at, "/ready").await;
        assert!(status == "503" && body.contains("the newest block is 99 s old"), "{status}: {body}");
        node.warn_operator("the node and its supervisor are one user");
        let (_, body) = answer(at, "/health").await;
        assert!(body.contains("one user") && body.contains("validating"), "what is the operator's to know: {body}");
        assert_eq!(answer(at, "/elsewhere").await.0, "404");
    }
}
