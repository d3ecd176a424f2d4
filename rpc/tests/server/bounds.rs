//! What a client sends is bounded, and says so.

use crate::heavy::until;
use crate::world::{World, transfer};
use jsonrpsee::core::client::Subscription;
use parity_scale_codec::Encode as _;
use primitives::Height;
use rpc::api::{ChainApiClient, NodeApiClient, StateApiClient, TxApiClient};
use rpc::client::CallError;
use rpc::error::*;
use rpc::views::{CertifiedRecord, Feed, TransactionStatus};
use rpc::{NodeSource as _, OPERATOR_SOCKET, ServeError, ServerConfig};
use runtime::Transaction;
use runtime::testing::holder;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long anything may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(20);

fn unlimited() -> ServerConfig {
    ServerConfig { requests_per_second: 0, ..ServerConfig::default() }
}

fn head(id: u64) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": "chain.head" })
}

#[tokio::test]
async fn a_body_that_is_too_large_or_no_request_is_refused() {
    let world = World::with(ServerConfig { max_body_bytes: 1_000, ..unlimited() }).await;
    let (status, answer) = world.post(&format!("{}{}", head(1), " ".repeat(1_000))).await;
    assert_eq!((status, &answer["error"]["code"]), (413, &json!(OVERSIZED_REQUEST)));
    let long = world.node.get(rpc::views::StorageKey(vec![b'k'; 1_000])).await.unwrap_err();
    assert!(world.node.explain(long).to_string().contains("413: it takes no body of this size"));
    let (_, answer) = world.post("{").await;
    assert_eq!(answer["error"]["code"], json!(PARSE_ERROR));
    let (_, answer) = world.post(r#"{"id":1}"#).await;
    assert_eq!(answer["error"]["code"], json!(INVALID_REQUEST));
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_not_sent() {
    let world = World::with(ServerConfig { max_response_bytes: 500, ..unlimited() }).await;
    let (code, _) = world.refused("rpc.discover", json!({})).await;
    assert_eq!(code, i64::from(OVERSIZED_RESPONSE));
}

#[tokio::test]
async fn a_batch_is_answered_in_order_and_a_longer_one_refused_whole() {
    let world = World::with(ServerConfig { max_batch: 3, ..unlimited() }).await;
    let batch = json!([head(1), { "jsonrpc": "2.0", "id": 2, "method": "nothing" }, head(3)]);
    let (_, answers) = world.post(&batch.to_string()).await;
    let ids: Vec<u64> = answers.as_array().unwrap().iter().map(|answer| answer["id"].as_u64().unwrap()).collect();
    assert_eq!((ids, &answers[1]["error"]["code"]), (vec![1, 2, 3], &json!(METHOD_NOT_FOUND)));
    let (_, answer) = world.post(&json!([head(1), head(2), head(3), head(4)]).to_string()).await;
    assert_eq!(answer["error"]["code"], json!(BATCH_TOO_LARGE));
    let (_, answer) = world.post("[]").await;
    assert_eq!(answer["error"]["code"], json!(INVALID_REQUEST));
}

#[tokio::test]
async fn transactions_of_a_batch_are_answered_in_order_and_as_each_is_alone() {
    let (together, alone) = (World::new().await, World::new().await);
    let submit =
        |id: u64, params: Value| json!({ "jsonrpc": "2.0", "id": id, "method": "tx.submit", "params": params });
    let signed = [0, 1, 2].map(|index| together.memory.sign(&holder(index), transfer(5)));
    let mut forged = signed[2].clone();
    forged.signature.0[0] ^= 1;
    let batch = [
        submit(1, json!([hex::encode(signed[0].encode())])),
        submit(2, json!({ "transaction": forged })),
        submit(3, json!(["zz"])),
        submit(4, json!({ "transactions": [] })),
        submit(5, json!([])),
        submit(6, json!([7])),
        submit(7, json!({ "transaction": signed[1] })),
        head(8),
        submit(9, json!([signed[2]])),
    ];
    let (_, answers) = together.post(&json!(batch).to_string()).await;
    let mut each = Vec::new();
    for request in &batch {
        each.push(alone.post(&request.to_string()).await.1);
    }
    assert_eq!(answers, json!(each));
    let hashes: Vec<&Value> = [0, 6, 8].map(|place: usize| &answers[place]["result"]).into();
    assert_eq!(hashes, signed.map(|transaction| json!(transaction.hash())).each_ref());
    assert_eq!(answers[1]["error"]["code"], json!(TX_BAD_SIGNATURE));
}

#[tokio::test]
async fn transactions_above_the_rate_are_refused_one_by_one_and_those_before_are_taken() {
    let world = World::with(ServerConfig { requests_per_second: 1, ..ServerConfig::default() }).await;
    let signed = [0, 1, 2].map(|index| world.memory.sign(&holder(index), transfer(5)));
    let submit = |transaction: &Transaction| json!({ "jsonrpc": "2.0", "id": 1, "method": "tx.submit", "params": [transaction] });
    let (_, answers) = world.post(&json!(signed.each_ref().map(submit)).to_string()).await;
    assert_eq!(answers[2]["error"]["code"], json!(RATE_LIMITED));
    let waits = signed.each_ref().map(|transaction| world.memory.pending(&transaction.hash()));
    assert_eq!(waits, [true, true, false]);
}

#[tokio::test]
async fn requests_above_the_rate_are_refused_one_by_one_also_in_a_batch() {
    let world = World::with(ServerConfig { requests_per_second: 2, ..ServerConfig::default() }).await;
    let batch: Vec<Value> = (0..6).map(head).collect();
    let (_, answers) = world.post(&json!(batch).to_string()).await;
    let codes: Vec<&Value> = answers.as_array().unwrap().iter().map(|answer| &answer["error"]["code"]).collect();
    let refused = json!(RATE_LIMITED);
    assert_eq!(codes, [&Value::Null, &Value::Null, &Value::Null, &Value::Null, &refused, &refused]);
    assert!(answers[5]["error"]["data"]["retry_after_ms"].as_u64().unwrap() <= 500);
    // Another connection of the same address does not help.
    let (code, message) = world.refused("chain.head", json!({})).await;
    assert_eq!(code, i64::from(RATE_LIMITED));
    assert!(message.starts_with("too many requests from 127.0.0.1; try again in"), "{message}");
}

/// What a connection is told that sends nothing, until it is closed.
async fn told(world: &World) -> String {
    let mut answer = String::new();
    let mut stream = TcpStream::connect(world.address()).await.unwrap();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// A WebSocket that has shaken hands and asks for nothing.
async fn idle_websocket(world: &World) -> TcpStream {
    let mut stream = TcpStream::connect(world.address()).await.unwrap();
    let handshake = "GET / HTTP/1.1\r\nhost: node\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                     sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(handshake.as_bytes()).await.unwrap();
    let mut answer = [0; 1024];
    let read = stream.read(&mut answer).await.unwrap();
    assert!(answer[..read].starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&answer[..read]));
    stream
}

/// Whether a connection is held: one that gave way reads its end, one that is held no more than the server's pings.
async fn is_open(stream: &mut TcpStream) -> bool {
    let ended = async {
        let mut pings = [0; 64];
        while stream.read(&mut pings).await.is_ok_and(|read| read > 0) {}
    };
    tokio::time::timeout(Duration::from_millis(200), ended).await.is_err()
}

#[tokio::test]
async fn a_connection_too_many_is_told_that_the_node_is_busy() {
    for config in [
        ServerConfig { max_connections: 1, ..unlimited() },
        ServerConfig { max_connections_per_address: 1, ..unlimited() },
    ] {
        let world = World::with(config).await;
        world.memory.make_block();
        let (gate, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (open, begun) = (gate.clone(), asked.clone());
        world.memory.watch_rows(move || {
            begun.store(true, Ordering::SeqCst);
            while !open.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(1));
            }
            Ok(())
        });
        let comes = async {
            until(|| asked.load(Ordering::SeqCst)).await;
            let answer = told(&world).await;
            gate.store(true, Ordering::SeqCst);
            answer
        };
        let (served, answer) = tokio::join!(world.call("chain.block", json!({ "height": 1 })), comes);
        assert!(answer.starts_with("HTTP/1.1 503") && answer.contains(&SERVER_IS_BUSY.to_string()), "{answer}");
        assert!(served.is_ok(), "who is served is not disturbed");
        assert!(world.call("chain.head", json!({})).await.is_ok(), "and gives way when it is served no more");
    }
}

#[tokio::test]
async fn o14_a_full_port_says_so_to_who_asks_and_keeps_no_operator_out() {
    let world = World::with(ServerConfig { max_connections: 1, ..unlimited() }).await;
    world.memory.make_block();
    let (gate, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (open, begun) = (gate.clone(), asked.clone());
    world.memory.watch_rows(move || {
        begun.store(true, Ordering::SeqCst);
        while !open.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    });
    let come = async {
        until(|| asked.load(Ordering::SeqCst)).await;
        let mut told = Vec::new();
        for _ in 0..8 {
            told.push(world.node.version().await.map(|_| ()).map_err(|error| world.node.explain(error)));
        }
        told.push(world.node.connect().await.map(|_| ()));
        let answer = world.post_from(None, r#"{"jsonrpc":"2.0","id":1,"method":"node.version"}"#).await;
        let owner = world.operate("node.version", json!({})).await;
        gate.store(true, Ordering::SeqCst);
        (told, answer, owner)
    };
    let (served, (told, (status, body), owner)) = tokio::join!(world.call("chain.block", json!({ "height": 1 })), come);
    for said in told {
        assert!(matches!(said, Err(CallError::Status { status: 503, .. })), "{said:?}");
    }
    assert!(status == 503 && body.contains(OPERATOR_SOCKET), "{status}: {body}");
    assert!(owner.is_ok() && served.is_ok(), "{owner:?}, {served:?}");
}

#[tokio::test]
async fn h14_a_subscription_that_never_ends_keeps_nobody_out_and_is_told_where_to_go_on() {
    for config in [
        ServerConfig { max_connections: 1, ..unlimited() },
        ServerConfig { max_connections_per_address: 1, ..unlimited() },
    ] {
        let world = World::with(config).await;
        world.memory.make_blocks_to(3);
        let client = world.node.connect().await.unwrap();
        let made_up = world.memory.sign(&holder(0), transfer(5)).hash();
        let mut never = client.subscribe_status(made_up).await.unwrap();
        let mut records = client.subscribe_records(Some(Height(3))).await.unwrap();
        let next = async |feed: &mut Subscription<Feed<CertifiedRecord>>| {
            tokio::time::timeout(PATIENCE, feed.next()).await.unwrap().unwrap().unwrap()
        };
        assert!(matches!(next(&mut records).await, Feed::Item(block) if block.record.header.height == Height(3)));
        assert!(world.call("chain.head", json!({})).await.is_ok(), "whoever comes is answered");
        assert_eq!(next(&mut records).await, Feed::Dropped { missed: 0, resume_from: Height(4) });
        assert_eq!(never.next().await.unwrap().unwrap(), TransactionStatus::Unknown);
        assert!(tokio::time::timeout(PATIENCE, never.next()).await.unwrap().is_none(), "nothing is watched any more");
        world.memory.unfollowed().await;
        tokio::time::timeout(PATIENCE, client.on_disconnect()).await.expect("the connection is closed");
    }
}

#[tokio::test]
async fn h14_idle_connections_keep_nobody_out() {
    let world = World::with(ServerConfig { max_connections: 8, max_connections_per_address: 4, ..unlimited() }).await;
    let mut held = Vec::new();
    for _ in 0..40 {
        held.push(idle_websocket(&world).await);
        // Whoever comes is answered, also between two of them.
        world.call("chain.head", json!({})).await.unwrap();
    }
    // The last of those that gave way read their end a little later.
    let settles = async {
        while held.len() > 4 {
            let mut open = Vec::new();
            for mut stream in std::mem::take(&mut held) {
                if is_open(&mut stream).await {
                    open.push(stream);
                }
            }
            held = open;
        }
    };
    tokio::time::timeout(PATIENCE, settles).await.expect("one address holds four places at most");
    assert!(!held.is_empty(), "and gives way no further than it has to");
}

#[tokio::test]
async fn h14_a_connection_that_has_sent_no_request_within_ten_seconds_is_closed() {
    let world = World::with(unlimited()).await;
    let silent = async |begun: &str| {
        let came = Instant::now();
        let mut stream = TcpStream::connect(world.address()).await.unwrap();
        stream.write_all(begun.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // Whether it ends well or is broken off makes no difference.
        let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap();
        came.elapsed().as_secs()
    };
    let mut quiet = idle_websocket(&world).await;
    let (nothing, half) = tokio::join!(silent(""), silent("POST / HTTP/1.1\r\nhost: no"));
    assert!(nothing >= 10 && half >= 10, "closed after {nothing} s and {half} s");
    assert!(is_open(&mut quiet).await, "who has asked once may be quiet for longer");
}

#[tokio::test]
async fn pages_of_other_origins_may_not_ask_unless_they_are_configured() {
    let closed = World::with(unlimited()).await;
    let (status, body) = closed.post_from(Some("http://evil.example"), &head(1).to_string()).await;
    assert_eq!((status, body.as_str()), (403, "pages of this origin may not ask; see rpc.cors_origins\n"));
    assert_eq!(closed.post_from(None, &head(1).to_string()).await.0, 200);
    assert!(!closed.preflight("https://explorer.example").await.contains("access-control-allow-origin"));
    let open = World::with(ServerConfig { cors_origins: vec!["https://explorer.example".into()], ..unlimited() }).await;
    assert_eq!(open.post_from(Some("https://explorer.example"), &head(1).to_string()).await.0, 200);
    assert_eq!(open.post_from(Some("http://evil.example"), &head(1).to_string()).await.0, 403);
    let allowed = open.preflight("https://explorer.example").await;
    assert!(allowed.contains("access-control-allow-origin: https://explorer.example"), "{allowed}");
    assert!(!open.preflight("http://evil.example").await.contains("access-control-allow-origin"));
    let refused = ServerConfig { cors_origins: vec!["explorer.example".into()], ..unlimited() };
    let error = rpc::serve(refused, closed.memory.clone(), Arc::new(|_, _: Duration, _| ())).await.unwrap_err();
    assert!(matches!(error, ServeError::Origin(_)), "{error}");
}

#[tokio::test]
async fn a_port_in_use_is_said_and_a_stopped_server_leaves_it() {
    let world = World::with(unlimited()).await;
    let config = ServerConfig { listen: world.address(), ..unlimited() };
    let again = || rpc::serve(config.clone(), world.memory.clone(), Arc::new(|_, _: Duration, _| ()));
    let error = again().await.unwrap_err();
    assert!(matches!(error, ServeError::PortInUse(_)), "{error}");
    assert!(error.to_string().contains("is in use; stop what uses it"), "{error}");
    // A client that keeps its connection open does not keep the server from stopping.
    let idle = TcpStream::connect(world.address()).await.unwrap();
    world.server.stop().await;
    drop(idle);
    again().await.unwrap().stop().await;
}

#[tokio::test]
async fn the_observer_is_told_of_every_request_by_a_name_of_the_table() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let memory = Arc::new(rpc::testing::MemoryNode::new(runtime::testing::genesis()));
    let config = ServerConfig { listen: ([127, 0, 0, 1], 0).into(), ..unlimited() };
    let listener = told.clone();
    let observer = move |method: &'static str, _: Duration, ok: bool| listener.lock().unwrap().push((method, ok));
    let server = rpc::serve(config, memory.clone(), Arc::new(observer)).await.unwrap();
    let world = World::around(memory, server).await;
    world.call("chain.head", json!({})).await.unwrap();
    world.call("gov.proposal", json!({ "id": 9 })).await.unwrap_err();
    world.call("made.up", json!({})).await.unwrap_err();
    assert_eq!(*told.lock().unwrap(), [("chain.head", true), ("gov.proposal", false), ("unknown", false)]);
}
