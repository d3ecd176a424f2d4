//! What takes much work is worked for by few at once, and for nobody who has hung up.

use crate::trust::far;
use crate::world::{World, transfer};
use primitives::BuildHash;
use rpc::ServerConfig;
use rpc::error::{BUSY, REPORT_BUDGET};
use rpc::methods::{METHODS, Method};
use runtime::testing::holder;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// Waits until something holds.
pub async fn until(holds: impl Fn() -> bool) {
    let held = async {
        while !holds() {
            sleep(Duration::from_millis(2)).await;
        }
    };
    timeout(Duration::from_secs(30), held).await.expect("in time");
}

#[tokio::test]
async fn h07_one_heavy_request_too_many_is_told_to_try_again_and_light_ones_are_answered() {
    let world = World::new().await;
    world.memory.make_blocks_to(3);
    let transaction = world.memory.sign(&holder(0), transfer(7));
    let (gate, waiting) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let (open, counted) = (gate.clone(), waiting.clone());
    world.memory.watch_rows(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        while !open.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    });
    let third = async {
        until(|| waiting.load(Ordering::SeqCst) == 2).await;
        let dry_run = ("tx.dry_run", json!({ "transaction": transaction }));
        for (method, params) in [("chain.block", json!({ "height": 2 })), ("gov.trust_path", json!({})), dry_run] {
            let (code, message) = world.refused(method, params).await;
            assert_eq!(code, i64::from(BUSY), "{message}");
            assert!(message.starts_with(method) && message.contains("try again"), "{message}");
        }
        assert!(world.call("chain.head", json!({})).await.is_ok(), "what is light is answered meanwhile");
        gate.store(true, Ordering::SeqCst);
    };
    let first = world.call("chain.block", json!({ "height": 1 }));
    let second = world.call("chain.record", json!({ "height": 1 }));
    let (first, second, ()) = tokio::join!(first, second, third);
    assert_eq!(
        [first.unwrap(), second.unwrap()].map(|answer| answer["header"]["height"].clone()),
        [json!(1), json!(1)]
    );
    assert!(world.call("chain.block", json!({ "height": 2 })).await.is_ok(), "their places are free again");
    let batch: Vec<Value> = (0..5)
        .map(|id| json!({ "jsonrpc": "2.0", "id": id, "method": "chain.block", "params": { "height": 1 } }))
        .collect();
    let (_, answers) = world.post(&json!(batch).to_string()).await;
    assert!(
        answers.as_array().unwrap().iter().all(|answer| answer["error"].is_null()),
        "one after the other: {answers}"
    );
}

#[tokio::test]
async fn req_162_e08_a_report_that_is_not_made_in_time_is_refused_whole_and_one_that_is_comes_whole() {
    let bounds = ServerConfig { report_budget_ms: 5_000, requests_per_second: 0, ..ServerConfig::default() };
    let world = World::with(bounds).await;
    world.memory.make_blocks_to(3);
    let whole = world.call("rollout.plans", json!({})).await.unwrap();
    let gate = Arc::new(AtomicBool::new(false));
    let open = gate.clone();
    world.memory.watch_rows(move || {
        while !open.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    });
    let late = async {
        let refused = world.call("rollout.plans", json!({})).await.unwrap_err();
        gate.store(true, Ordering::SeqCst);
        refused
    };
    let (refused, block) = tokio::join!(late, world.call("chain.block", json!({ "height": 1 })));
    assert_eq!(refused["code"], json!(REPORT_BUDGET), "{refused}");
    let message = refused["message"].as_str().unwrap();
    assert!(message.starts_with("E_BUDGET: rollout.plans was not made within 5000 ms"), "{message}");
    assert!(refused["data"].is_null(), "no part of it: {refused}");
    assert_eq!(block.unwrap()["header"]["height"], json!(1), "what is no report is waited for");
    assert_eq!(world.call("rollout.plans", json!({})).await.unwrap(), whole);
}

#[test]
fn req_139_every_report_about_rollouts_has_a_bound_on_its_time() {
    let about = |method: &Method| {
        ["rollout.", "case.list", "roles.of", "flags.list"].iter().any(|of| method.name.starts_with(of))
    };
    let (bound, unbound): (Vec<&Method>, Vec<&Method>) =
        METHODS.iter().filter(|method| about(method)).partition(|m| m.report);
    assert!(unbound.is_empty() && bound.iter().all(|method| method.heavy), "{unbound:?}");
    assert!(bound.len() > 10, "{bound:?}");
}

/// A node on which each row takes a while, where a proof takes many of them: four seconds and more.
async fn slow(request_timeout_ms: u64) -> (World, Arc<AtomicUsize>, usize) {
    let bounds = ServerConfig { max_heavy_requests: 1, requests_per_second: 0, ..ServerConfig::default() };
    let config = ServerConfig { request_timeout_ms, ..bounds };
    let world = World::of(far(), config).await;
    world.memory.make_blocks_to(400);
    let hops = world.call("gov.trust_path", json!({})).await.unwrap()["hops"].as_array().unwrap().len();
    assert_eq!(hops, 100, "a page of them");
    let rows = Arc::new(AtomicUsize::new(0));
    let counted = rows.clone();
    world.memory.watch_rows(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(40));
        Ok(())
    });
    (world, rows, hops)
}

/// Waits until there is a place again, and nobody reads.
async fn until_idle(world: &World, rows: &AtomicUsize) -> usize {
    let free = async {
        while world.call("chain.block", json!({ "height": 1 })).await.is_err() {
            sleep(Duration::from_millis(2)).await;
        }
    };
    timeout(Duration::from_secs(30), free).await.expect("the place is free again");
    let read = rows.load(Ordering::SeqCst);
    sleep(Duration::from_millis(100)).await;
    assert_eq!(rows.load(Ordering::SeqCst), read, "nothing runs on");
    read
}

fn proof() -> String {
    json!({ "jsonrpc": "2.0", "id": 1, "method": "gov.release_proof", "params": { "hash": BuildHash([0xaa; 32]) } })
        .to_string()
}

#[tokio::test]
async fn h07_nothing_is_read_on_for_a_client_that_has_hung_up() {
    let (world, rows, hops) = slow(30_000).await;
    let body = proof();
    let head = format!(
        "POST / HTTP/1.1\r\nhost: node\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut socket = TcpStream::connect(world.address()).await.unwrap();
    socket.write_all((head + &body).as_bytes()).await.unwrap();
    until(|| rows.load(Ordering::SeqCst) > 5).await;
    drop(socket);
    let read = until_idle(&world, &rows).await;
    assert!(read < hops, "{read} rows were read, of a proof that needs more than {hops}");
}

#[tokio::test]
async fn h07_nothing_is_read_on_for_a_request_whose_time_is_over() {
    let (world, rows, hops) = slow(2_000).await;
    let (status, body) = world.post(&proof()).await;
    assert_eq!((status, body), (408, json!("the request took too long\n")));
    let read = until_idle(&world, &rows).await;
    assert!(read < hops, "{read} rows were read, of a proof that needs more than {hops}");
}
