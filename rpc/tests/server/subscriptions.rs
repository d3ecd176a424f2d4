//! Subscriptions: from where, what comes, and what becomes of a slow subscriber.

use crate::heavy::until;
use crate::world::{World, propose_release, vote};
use governance::Choice;
use jsonrpsee::core::client::Subscription;
use primitives::Height;
use rpc::ServerConfig;
use rpc::api::{ChainApiClient, GovApiClient};
use rpc::error::*;
use rpc::views::{CertifiedRecord, Feed, GovernanceEvent};
use runtime::Cause;
use runtime::testing::{validator, withdraw};
use serde_json::{Value, json};
use soketto::handshake::{Client, ServerResponse};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpSocket;
use tokio::task::JoinSet;
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt};

async fn next<T: serde::de::DeserializeOwned>(feed: &mut Subscription<Feed<T>>) -> T {
    match tokio::time::timeout(Duration::from_secs(20), feed.next()).await.unwrap().unwrap().unwrap() {
        Feed::Item(item) => item,
        _ => panic!("the subscription ended"),
    }
}

#[tokio::test]
async fn a_subscription_resumes_from_a_height_and_goes_on_with_new_blocks() {
    let world = World::with_story().await;
    let client = world.node.connect().await.unwrap();
    let mut records = client.subscribe_records(Some(Height(20))).await.unwrap();
    for height in 20..=25 {
        let block = next::<CertifiedRecord>(&mut records).await;
        assert_eq!(block.record.header.height, Height(height));
        assert_eq!(block.certificate, Some(client.certificate(Height(height)).await.unwrap()));
    }
    world.memory.make_block();
    assert_eq!(next::<CertifiedRecord>(&mut records).await.record.header.height, Height(26));
    let mut live = client.subscribe_records(None).await.unwrap();
    world.memory.make_block();
    assert_eq!(next::<CertifiedRecord>(&mut live).await, next::<CertifiedRecord>(&mut records).await);
    records.unsubscribe().await.unwrap();
    live.unsubscribe().await.unwrap();
    world.memory.unfollowed().await;
}

#[tokio::test]
async fn a_subscription_from_height_0_begins_with_what_genesis_set() {
    let world = World::with_story().await;
    let client = world.node.connect().await.unwrap();
    let mut records = client.subscribe_records(Some(Height(0))).await.unwrap();
    let first = next::<CertifiedRecord>(&mut records).await;
    assert_eq!(first.certificate, None, "nobody voted on genesis");
    assert_eq!((first.record.header.height, first.record.facts), (Height(0), world.memory.genesis().facts()));
    assert_eq!(next::<CertifiedRecord>(&mut records).await.record.header.height, Height(1));
}

#[tokio::test]
async fn h04_the_record_of_the_fullest_block_is_answered_and_fed() {
    // The limits of a network as it is written by default, and reasons that are nearly six times as long in JSON; one that is blank
    // would be no reason.
    let mut genesis = runtime::testing::genesis();
    (genesis.chain.limits.max_block_bytes, genesis.chain.limits.max_block_transactions) = (4 << 20, 10_000);
    genesis.check().unwrap();
    let world = World::of(genesis, ServerConfig { requests_per_second: 0, ..ServerConfig::default() }).await;
    let (memory, reason) = (&world.memory, format!("!{}", "\u{1}".repeat(1_023)));
    propose_release(memory, &validator(0), 0xbb, "");
    memory.make_block();
    (0..4_096).for_each(|_| vote(memory, &validator(1), 1, Choice::Yes, &reason));
    let height = memory.make_block().at.height;
    let record = world.node.record(height).await.unwrap().answer;
    let taken = world.node.block(height).await.unwrap().answer.transactions;
    assert_eq!(record.facts.len(), taken.len());
    assert!(record.facts.iter().all(|fact| fact.outcome.is_ok()));
    let room = (4 << 20) - taken.iter().map(parity_scale_codec::Encode::encoded_size).sum::<usize>();
    assert!(room < 1_300, "no other vote fits into the {room} bytes that are left");
    let json = serde_json::to_vec(&record).unwrap().len() as u64;
    assert!(json > 16 << 20 && json <= world.memory.genesis().most_record_json(), "{json}");

    let client = world.node.connect().await.unwrap();
    let mut records = client.subscribe_records(Some(height)).await.unwrap();
    assert_eq!(next::<CertifiedRecord>(&mut records).await.record, record);
}

#[tokio::test]
async fn events_are_the_facts_of_governance_refusals_included() {
    let world = World::with_story().await;
    let client = world.node.connect().await.unwrap();
    let mut events = client.subscribe_events(Some(Height(0))).await.unwrap();
    let mut seen: Vec<GovernanceEvent> = Vec::new();
    while seen.len() < 8 {
        seen.push(next(&mut events).await);
    }
    assert_eq!(seen.iter().map(|event| event.height.0).collect::<Vec<_>>(), [0, 0, 0, 0, 1, 2, 2, 2]);
    assert!(seen[..4].iter().all(|event| event.fact.cause == Cause::Genesis), "the first rules, roster and builds");
    assert_eq!(seen[7].refusal.as_deref(), Some("there is no proposal 99"));
    vote(&world.memory, &validator(1), 2, Choice::Yes, "live");
    world.memory.make_block();
    loop {
        let event = next(&mut events).await;
        if event.height == Height(26) {
            break assert!(event.refusal.is_none());
        }
    }
}

#[tokio::test]
async fn a_start_that_is_gone_or_too_far_ahead_is_refused_and_the_number_is_bounded() {
    let world = World::with(ServerConfig { max_subscriptions_per_connection: 1, ..ServerConfig::default() }).await;
    world.memory.make_blocks_to(12);
    world.memory.prune_to(Height(10));
    let client = world.node.connect().await.unwrap();
    for (from, code) in [(0, HEIGHT_PRUNED), (5, HEIGHT_PRUNED), (14, HEIGHT_NOT_YET)] {
        let error = client.subscribe_records(Some(Height(from))).await.unwrap_err();
        assert_eq!(world.node.explain(error).refusal().unwrap().code(), code);
    }
    let first = client.subscribe_records(Some(Height(13))).await.unwrap();
    let error = world.node.explain(client.subscribe_records(None).await.unwrap_err());
    assert!(matches!(error, rpc::client::CallError::Refused { code: TOO_MANY_SUBSCRIPTIONS, .. }), "{error}");
    drop(first);
}

type Reader = soketto::Receiver<Compat<tokio::net::TcpStream>>;

/// A WebSocket whose other end reads only when told to, with little room in between.
async fn subscribe_raw(world: &World, from: u64) -> Reader {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(8 << 10).unwrap();
    let stream = socket.connect(world.address()).await.unwrap();
    let mut client = Client::new(stream.compat(), "node", "/");
    assert!(matches!(client.handshake().await.unwrap(), ServerResponse::Accepted { .. }));
    let (mut sender, mut receiver) = client.into_builder().finish();
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": "chain.subscribe_records", "params": { "from": from } });
    sender.send_text(request.to_string()).await.unwrap();
    sender.flush().await.unwrap();
    assert!(read(&mut receiver).await["result"].is_number());
    receiver
}

async fn read(receiver: &mut Reader) -> Value {
    let mut bytes = Vec::new();
    tokio::time::timeout(Duration::from_secs(20), receiver.receive_data(&mut bytes)).await.unwrap().unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// Blocks whose records have a proposal with long notes, withdrawn at once.
fn make_long_records(world: &World, count: u64) {
    let notes = "n".repeat(16_000);
    for index in 0..count {
        propose_release(&world.memory, &validator(0), 0xbb, &notes);
        world.memory.send(&validator(0), withdraw(index + 1));
        world.memory.make_block();
    }
}

#[tokio::test]
async fn a_slow_subscriber_is_told_what_it_missed_and_dropped_and_can_resume_there() {
    let world =
        World::with(ServerConfig { slow_subscriber_ms: 100, requests_per_second: 0, ..ServerConfig::default() }).await;
    make_long_records(&world, 600);
    let mut reader = subscribe_raw(&world, 1).await;
    world.memory.unfollowed().await;
    let mut expected = 1;
    let dropped = loop {
        let mut message = read(&mut reader).await;
        let result = message["params"]["result"].take();
        if let Some(dropped) = result.get("dropped") {
            break dropped.clone();
        }
        assert_eq!(result["item"]["header"]["height"], json!(expected), "nothing is missing in between");
        expected += 1;
    };
    assert!(expected < 600, "it was dropped before the end");
    assert_eq!(dropped, json!({ "missed": 601 - expected, "resume_from": expected }));
    let mut again = subscribe_raw(&world, expected).await;
    assert_eq!(read(&mut again).await["params"]["result"]["item"]["header"]["height"], json!(expected));
}

#[tokio::test]
async fn h27_a_new_block_is_read_and_encoded_once_for_all_who_are_at_the_head() {
    let world = World::with_story().await;
    let client = world.node.connect().await.unwrap();
    let mut feeds = Vec::new();
    for _ in 0..8 {
        feeds.push(client.subscribe_records(None).await.unwrap());
    }
    let rows = Arc::new(AtomicUsize::new(0));
    let counted = rows.clone();
    world.memory.watch_rows(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        Ok(())
    });
    world.memory.make_block();
    let first = next::<CertifiedRecord>(&mut feeds[0]).await;
    for feed in &mut feeds[1..] {
        assert_eq!(next::<CertifiedRecord>(feed).await, first);
    }
    let rows = rows.load(Ordering::SeqCst);
    assert!(rows <= 4, "{rows} rows were read for eight subscribers");
}

#[tokio::test]
async fn h27_who_is_behind_is_served_at_the_pace_that_is_left_and_who_is_at_the_head_at_once() {
    const PACE: usize = 200_000;
    let config = ServerConfig { catch_up_bytes_per_address: PACE as u64, ..ServerConfig::default() };
    let world = World::with(ServerConfig { requests_per_second: 0, ..config }).await;
    make_long_records(&world, 150);
    let client = world.node.connect().await.unwrap();
    let mut live = client.subscribe_records(None).await.unwrap();
    let (started, received) = (Instant::now(), Arc::new(AtomicUsize::new(0)));
    let mut readers = JoinSet::new();
    for _ in 0..5 {
        let (mut reader, received) = (subscribe_raw(&world, 1).await, received.clone());
        readers.spawn(async move {
            for height in 1.. {
                let message = read(&mut reader).await;
                assert_eq!(message["params"]["result"]["item"]["header"]["height"], json!(height));
                received.fetch_add(message.to_string().len(), Ordering::SeqCst);
            }
        });
    }
    for height in 151..=155 {
        tokio::time::sleep(Duration::from_millis(400)).await;
        world.memory.make_block();
        let block = tokio::time::timeout(Duration::from_secs(5), next::<CertifiedRecord>(&mut live)).await;
        assert_eq!(block.expect("at once").record.header.height, Height(height));
    }
    until(|| received.load(Ordering::SeqCst) >= PACE).await;
    let received = received.load(Ordering::SeqCst);
    // A second's worth is kept, and a page may be owed.
    let most = PACE * (started.elapsed().as_millis() as usize + 1_000) / 1_000 + 200_000;
    assert!(received <= most, "{received} bytes, and {most} may be given to one address");
    assert!(readers.try_join_next().is_none(), "each is served in order");
}

/// The memory that this process has in use, in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[tokio::test]
async fn subscribers_that_do_not_read_do_not_make_the_node_grow() {
    const READERS: u64 = 40;
    // All that fits into what is between is to come at once.
    let fast = ServerConfig {
        catch_up_bytes_per_second: 1 << 40,
        catch_up_bytes_per_address: 1 << 40,
        ..ServerConfig::default()
    };
    let world = World::with(ServerConfig {
        slow_subscriber_ms: 500,
        requests_per_second: 0,
        max_connections_per_address: 64,
        ..fast
    })
    .await;
    make_long_records(&world, 600);
    let unread =
        READERS * world.call("chain.record", json!({ "height": 600 })).await.unwrap().to_string().len() as u64 * 600;
    let before = resident();
    let mut readers = Vec::new();
    for _ in 0..READERS {
        readers.push(subscribe_raw(&world, 1).await);
    }
    // All are dropped, and nothing of what waits for them is read yet.
    world.memory.unfollowed().await;
    let grown = resident().saturating_sub(before);
    assert!(grown < unread / 4, "{grown} bytes more in use, of {unread} that were not read");
    assert_eq!(read(&mut readers[0]).await["params"]["result"]["item"]["header"]["height"], json!(1));
}
