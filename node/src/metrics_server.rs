//! `GET /metrics`: what this node and its consensus engine count, as Prometheus reads it.

use crate::metrics::NodeMetrics;
use anyhow::Context as _;
use axum::{Router, http::header::CONTENT_TYPE, routing::get};
use consensus::metrics_text;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Serves metrics until `stopped` says so.
///
/// # Errors
/// When the address is taken or not this machine's.
pub async fn serve(
    listen: SocketAddr,
    metrics: NodeMetrics,
    mut stopped: watch::Receiver<bool>,
) -> anyhow::Result<JoinHandle<()>> {
    let listener = TcpListener::bind(listen).await.with_context(|| {
        format!("cannot serve metrics on {listen}; stop what uses the port, or set metrics.listen in config.toml")
    })?;
    let app = Router::new().route(
        "/metrics",
        get(move || {
            let body = text(&metrics);
            async move { ([(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], body) }
        }),
    );
    let shutdown = async move {
        let _ = stopped.wait_for(|stop| *stop).await;
    };
    Ok(tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, app).with_graceful_shutdown(shutdown).await {
            tracing::error!(%error, "the metrics server stopped");
        }
    }))
}

/// Both registries as one exposition: only the last `# EOF` may stay.
fn text(metrics: &NodeMetrics) -> String {
    let own = metrics.encode();
    let engine = metrics_text();
    let own = own.strip_suffix("# EOF\n").unwrap_or(&own);
    let engine = engine.strip_suffix("# EOF\n").unwrap_or(&engine);
    format!("{own}{engine}# EOF\n")
}
