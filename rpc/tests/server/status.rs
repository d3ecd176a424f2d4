//! A transaction followed until it is settled.

use crate::world::{World, transfer};
use jsonrpsee::core::client::Subscription;
use primitives::Height;
use rpc::ServerConfig;
use rpc::api::TxApiClient;
use rpc::views::{Dropped, TransactionStatus};
use runtime::TxError;
use runtime::testing::holder;
use std::time::Duration;

/// The next change; nothing when the subscription has ended.
async fn next(feed: &mut Subscription<TransactionStatus>) -> Option<TransactionStatus> {
    tokio::time::timeout(Duration::from_secs(20), feed.next()).await.unwrap().map(Result::unwrap)
}

#[tokio::test]
async fn a_transaction_is_followed_to_its_block_and_then_no_further() {
    let world = World::new().await;
    let client = world.node.connect().await.unwrap();
    let transaction = world.memory.sign(&holder(0), transfer(5));
    let mut feed = client.subscribe_status(transaction.hash()).await.unwrap();
    assert_eq!(next(&mut feed).await, Some(TransactionStatus::Unknown));
    // A block without it changes nothing, so nothing is sent.
    world.memory.make_block();
    let transaction = world.memory.sign(&holder(0), transfer(5));
    let mut feed = client.subscribe_status(transaction.hash()).await.unwrap();
    assert_eq!(next(&mut feed).await, Some(TransactionStatus::Unknown));
    world.node.submit(transaction.into()).await.unwrap();
    world.memory.make_block();
    let Some(TransactionStatus::Included { height, fact, refusal, .. }) = next(&mut feed).await else { panic!() };
    assert_eq!((height, fact.unwrap().outcome.is_ok(), refusal), (Height(2), true, None));
    world.memory.make_block();
    drop(client);
    world.memory.unfollowed().await;
    assert_eq!(next(&mut feed).await, None, "an included transaction does not change");
}

#[tokio::test]
async fn h14_what_the_node_does_not_know_is_not_watched_for_ever() {
    let world = World::with(ServerConfig { request_timeout_ms: 2_000, ..ServerConfig::default() }).await;
    let client = world.node.connect().await.unwrap();
    let made_up = world.memory.sign(&holder(1), transfer(5)).hash();
    let mut unknown = client.subscribe_status(made_up).await.unwrap();
    let waiting = world.memory.send(&holder(0), transfer(5));
    let mut known = client.subscribe_status(waiting).await.unwrap();
    assert_eq!(next(&mut known).await, Some(TransactionStatus::Pending));
    assert_eq!(next(&mut unknown).await, Some(TransactionStatus::Unknown));
    assert_eq!(next(&mut unknown).await, None, "it ends though no block comes");
    tokio::time::sleep(Duration::from_secs(1)).await;
    world.memory.make_block();
    assert!(matches!(next(&mut known).await, Some(TransactionStatus::Included { .. })), "one that waits is watched on");
}

#[tokio::test]
async fn a_refusal_and_a_drop_are_told_with_their_reason() {
    let world = World::new().await;
    let client = world.node.connect().await.unwrap();
    let hash = world.memory.send(&holder(0), transfer(u64::MAX));
    let mut feed = client.subscribe_status(hash).await.unwrap();
    assert_eq!(next(&mut feed).await, Some(TransactionStatus::Pending));
    world.memory.make_block();
    let Some(TransactionStatus::Included { refusal: Some(refusal), .. }) = next(&mut feed).await else { panic!() };
    assert!(refusal.contains("free"), "{refusal}");

    let hash = world.memory.send(&holder(0), transfer(1));
    let mut feed = client.subscribe_status(hash).await.unwrap();
    assert_eq!(next(&mut feed).await, Some(TransactionStatus::Pending));
    let why = Dropped::Invalid(TxError::Expired { expires_at: Height(1), now: Height(2) });
    world.memory.drop_waiting(hash, why.clone());
    world.memory.make_block();
    let reason = "the transaction expired at height 1; it is height 2: sign it again with a later expiry".to_owned();
    let dropped = TransactionStatus::Dropped { why, reason };
    assert_eq!(next(&mut feed).await, Some(dropped.clone()));
    assert_eq!(world.node.transaction_status(hash).await.unwrap(), dropped);
    let answer = world.call("tx.status", serde_json::json!({ "hash": hash })).await.unwrap();
    crate::schema::require(rpc::openrpc(), "tx.status", &answer);
}
