//! A proxy before the node speaks for many, who share no budget when its operator has named it.

use crate::world::World;
use rpc::ServerConfig;
use serde_json::json;

const ASKED: &str = r#"{"jsonrpc":"2.0","id":1,"method":"node.version"}"#;

/// The status that a visitor is answered who comes by a proxy on this machine.
async fn visits(world: &World, forwarded_for: &str) -> u16 {
    let (head, _) = world.post_with(Some(("X-Forwarded-For", forwarded_for)), ASKED).await;
    head.split(' ').nth(1).unwrap().parse().unwrap()
}

/// A node with a rate of one request, and bursts of two.
async fn world(named: &[&str]) -> World {
    let trusted_proxies = named.iter().map(|range| range.parse().unwrap()).collect();
    World::with(ServerConfig { requests_per_second: 1, trusted_proxies, ..ServerConfig::default() }).await
}

#[tokio::test]
async fn o15_visitors_of_a_named_proxy_have_a_budget_each_and_so_has_who_asks_for_itself_here() {
    let world = world(&["127.0.0.0/8"]).await;
    for expected in [200, 200, 429] {
        assert_eq!(visits(&world, "203.0.113.9").await, expected);
    }
    assert_eq!(visits(&world, "203.0.113.10").await, 200);
    assert!(world.call("node.version", json!({})).await.is_ok());
    // What a visitor writes itself stands before what the proxy adds.
    assert_eq!(visits(&world, "198.51.100.1, 203.0.113.9").await, 429);
    assert_eq!(visits(&world, "127.0.0.1, 203.0.113.9").await, 429);
}

#[tokio::test]
async fn o15_a_proxy_that_nobody_named_is_one_for_all_and_takes_nothing_from_who_asks_for_itself_here() {
    let world = world(&["10.0.0.0/8"]).await;
    for (visitor, expected) in [("203.0.113.9", 200), ("203.0.113.10", 200), ("::1", 429)] {
        assert_eq!(visits(&world, visitor).await, expected, "{visitor}");
    }
    assert!(world.call("node.version", json!({})).await.is_ok());
}
