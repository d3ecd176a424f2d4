//! Whether the index keeps up, for whoever operates it.

use super::Site;
use crate::answers::HealthAnswer;
use crate::progress::Condition;
use crate::store::IndexHead;
use crate::store::column::json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use host::clock;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

/// A chain stands still when no block came for as long as so many take, and for ten seconds: nodes say it then, too.
const STALE_BLOCKS: u64 = 10;

/// `GET /healthz`: 200 when it does, 503 when not. What the chain does changes nothing of that.
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
    let own = site.progress.faults();
    let block_age_ms = clock::now().0.saturating_sub(head.at.time.0);
    HealthAnswer {
        ok: own.is_empty(),
        height: Some(head.at.height),
        node_height,
        lag_blocks,
        block_age_ms: Some(block_age_ms),
        problems: own.iter().map(|condition| condition.what.clone()).collect(),
        own,
        chain: standstill(head, lag_blocks, block_age_ms, site.index.genesis().chain.consensus.block_time_ms)
            .into_iter()
            .collect(),
        notes: site.progress.notes(),
    }
}

/// That the chain stands still, if the newest block of the node is the newest of the index, and old.
fn standstill(head: IndexHead, lag_blocks: Option<u64>, block_age_ms: u64, block_time_ms: u64) -> Option<Condition> {
    let stale = block_age_ms > block_time_ms.saturating_mul(STALE_BLOCKS).max(10_000);
    (lag_blocks == Some(0) && stale).then(|| {
        let time = humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_millis(head.at.time.0));
        let what = format!(
            "the chain stands since {time}: its node has no block after {}; more than a third of the stake is offline, or the node is \
             cut off. Ask node.health of that node",
            head.at.height
        );
        Condition { since: head.at.time, what }
    })
}

/// `GET /metrics`.
pub async fn metrics(State(site): State<Arc<Site>>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-store")], site.metrics.text()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::testing::moment;
    use primitives::BlockHash;

    #[test]
    fn o23_a_chain_stands_when_its_node_has_nothing_newer_than_an_old_block() {
        let head = IndexHead { at: moment(1_000), hash: BlockHash([1; 32]) };
        let stands = standstill(head, Some(0), 10_001, 200).expect("it stands");
        assert!(stands.what.contains("the chain stands since 1970-01-01T00:16:40Z"), "{}", stands.what);
        assert_eq!(stands.since, head.at.time);
        assert_eq!(standstill(head, Some(0), 10_000, 200), None, "a block may still come");
        assert_eq!(standstill(head, Some(0), 59_000, 6_000), None, "blocks are slower here");
        assert_eq!(standstill(head, Some(3), 60_001, 200), None, "the index is behind, not the chain");
        assert_eq!(standstill(head, None, 60_001, 200), None, "nobody says how far the chain is");
    }
}
