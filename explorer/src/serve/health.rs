//! Whether the index keeps up, for whoever operates it.

use super::Site;
use crate::answers::HealthAnswer;
use crate::store::column::json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use the_block::clock;

/// More blocks behind the node than this is not keeping up.
const MOST_BEHIND: u64 = 20;

/// `GET /healthz`: 200 when it does, 503 when not.
pub async fn health(State(site): State<Arc<Site>>) -> Response {
    let health = healthy(&site);
    let status = if health.ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
    (status, headers, json(&health)).into_response()
}

fn healthy(site: &Site) -> HealthAnswer {
    let head = *site.progress.head.borrow();
    let node_height = site.progress.node_height();
    let lag_blocks = node_height.map(|node| node.0.saturating_sub(head.at.height.0));
    let mut problems: Vec<String> = site.progress.trouble().into_iter().collect();
    if node_height.is_none() {
        problems.push(format!("{} does not say how far it is", site.source));
    }
    if let Some(lag) = lag_blocks.filter(|lag| *lag > MOST_BEHIND) {
        problems
            .push(format!("the index is {lag} blocks behind the node; it is catching up, or cannot write fast enough"));
    }
    HealthAnswer {
        ok: problems.is_empty(),
        height: Some(head.at.height),
        node_height,
        lag_blocks,
        block_age_ms: Some(clock::now().0.saturating_sub(head.at.time.0)),
        problems,
    }
}

/// `GET /metrics`.
pub async fn metrics(State(site): State<Arc<Site>>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-store")], site.metrics.text()).into_response()
}
