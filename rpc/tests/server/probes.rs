//! What balancers, proxies and libraries see of a node, who know a status and no JSON-RPC.

use crate::world::World;
use rpc::ServerConfig;
use rpc::api::ChainApiClient;
use rpc::client::CallError;
use rpc::error::RATE_LIMITED;
use serde_json::{Value, json};

fn head() -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": "chain.head" })
}

fn bursts_of_two() -> ServerConfig {
    ServerConfig { requests_per_second: 1, ..ServerConfig::default() }
}

#[tokio::test]
async fn o17_a_node_that_lives_is_told_from_one_that_is_worth_asking() {
    let world = World::new().await;
    for path in ["/health", "/ready", "/ready?from=here"] {
        let (status, body) = world.get(path).await;
        let said: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((status, &said["ok"]), (200, &json!(true)), "{path}: {body}");
    }
    world.memory.warn("the newest block is 99 s old");
    for (path, expected) in [("/health", 200), ("/ready", 503)] {
        let (status, body) = world.get(path).await;
        assert!(status == expected && body.contains("the newest block is 99 s old"), "{path}: {status}: {body}");
    }
    assert_eq!(world.get("/").await.0, 405, "everything else is JSON-RPC");
}

#[tokio::test]
async fn h13_o17_strangers_are_told_how_the_chain_is_and_the_operator_how_the_node_is() {
    let world = World::new().await;
    let (old, own) = ("the newest block is 99 s old", "another node has the key in config/node.key");
    world.memory.warn(old);
    world.memory.warn_operator(own);
    let said = world.operate("node.health", json!({})).await.unwrap();
    assert_eq!(said["warnings"], json!([old, own]));
    for (path, expected) in [("/health", 200), ("/ready", 503)] {
        let (status, body) = world.get(path).await;
        let told: Value = serde_json::from_str(&body).unwrap();
        let may_be_known = json!({
            "ok": false,
            "height": said["height"],
            "block_time": said["block_time"],
            "block_age_ms": said["block_age_ms"],
            "warnings": [old],
        });
        assert_eq!((status, told), (expected, may_be_known), "{path}");
        let (status, body) = world.get_as_operator(path).await;
        assert_eq!((status, serde_json::from_str::<Value>(&body).unwrap()), (expected, said.clone()), "{path}");
    }
}

#[tokio::test]
async fn o17_probes_are_paid_for_like_every_request() {
    let world = World::with(bursts_of_two()).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(world.get("/health").await.0);
    }
    assert_eq!(statuses, [200, 200, 429]);
}

#[tokio::test]
async fn o42_who_asks_too_fast_is_told_so_in_the_words_of_http_too() {
    let world = World::with(bursts_of_two()).await;
    let batch = |size: usize| json!(vec![head(); size]).to_string();
    // Whoever is answered anything is answered.
    let (told, answers) = world.post_with(None, &batch(3)).await;
    assert!(told.starts_with("http/1.1 200") && !told.contains("retry-after"), "{told}");
    assert!(answers.contains(&RATE_LIMITED.to_string()), "{answers}");
    for body in [head().to_string(), batch(2)] {
        let (told, answer) = world.post_with(None, &body).await;
        assert!(told.starts_with("http/1.1 429") && told.contains("\r\nretry-after: 1"), "{told}");
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let error = answer.get(0).unwrap_or(&answer)["error"].clone();
        assert_eq!(error["code"], json!(RATE_LIMITED));
        assert!(error["data"]["retry_after_ms"].as_u64().is_some_and(|wait| wait <= 1_000), "{error}");
    }
    // The node's own client reads the sentence.
    let refused = world.node.explain(world.node.head().await.unwrap_err());
    assert!(matches!(&refused, CallError::Refused { code: RATE_LIMITED, .. }), "{refused}");
}
