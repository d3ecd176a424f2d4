//! Methods that act on the node, asked from near and far.

use crate::world::World;
use rpc::error::*;
use rpc::methods::{METHODS, MethodAccess};
use rpc::{ServerConfig, serve};
use serde_json::{Value, json};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The address of this machine that is not loopback; a connection to it comes from it.
fn outward() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    // Nothing is sent: a connected datagram socket only picks its route. The address is for documentation (RFC 5737).
    socket.connect("192.0.2.1:9").ok()?;
    socket.local_addr().ok().map(|address| address.ip()).filter(|ip| !ip.is_loopback() && !ip.is_unspecified())
}

/// The code of the answer, or null when there is none.
async fn code(to: SocketAddr, header: &str, method: &str) -> Value {
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": {} }).to_string();
    let length = body.len();
    let request = format!(
        "POST / HTTP/1.1\r\nhost: node\r\n{header}content-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    let mut socket = TcpStream::connect(to).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str::<Value>(body).unwrap()["error"]["code"].take()
}

#[tokio::test]
async fn what_acts_on_the_node_is_answered_on_loopback() {
    let world = World::new().await;
    let changed = world.call("node.log_level", json!({ "level": "debug" })).await.unwrap();
    assert_eq!(changed, json!({ "before": "info", "level": "debug" }));
    let asked = world.call("node.log_level", json!({})).await.unwrap();
    assert_eq!(asked, json!({ "before": "debug", "level": "debug" }));
}

#[tokio::test]
async fn what_acts_on_the_node_is_not_answered_to_another_address_whatever_it_claims() {
    let Some(outward) = outward() else { return eprintln!("this machine has no address but loopback") };
    let world = World::new().await;
    let config = ServerConfig { listen: ([0, 0, 0, 0], 0).into(), ..ServerConfig::default() };
    let server = serve(config, world.memory.clone(), Arc::new(|_, _: Duration, _| ())).await.unwrap();
    let port = server.address().port();
    let (near, far) = (SocketAddr::from(([127, 0, 0, 1], port)), SocketAddr::new(outward, port));
    let local = METHODS.iter().filter(|method| method.access == MethodAccess::Loopback).map(|method| method.name);
    for method in local {
        assert_eq!(code(far, "", method).await, json!(LOOPBACK_ONLY), "{method}");
        assert_ne!(code(near, "", method).await, json!(LOOPBACK_ONLY), "{method}");
        for claim in ["x-forwarded-for: 127.0.0.1\r\n", "forwarded: for=127.0.0.1\r\n", "x-real-ip: 127.0.0.1\r\n"] {
            assert_eq!(code(far, claim, method).await, json!(LOOPBACK_ONLY), "{method} {claim}");
            assert_eq!(code(near, claim, method).await, json!(LOOPBACK_ONLY), "a proxy on this machine: {claim}");
        }
    }
    assert_eq!(code(far, "", "chain.head").await, Value::Null, "what only reads is answered");
}

#[tokio::test]
async fn a_page_may_not_act_on_the_node_also_where_pages_may_ask() {
    let world = World::with(ServerConfig { cors_origins: vec!["*".into()], ..ServerConfig::default() }).await;
    let page = "origin: https://explorer.example\r\n";
    assert_eq!(code(world.address(), page, "node.log_level").await, json!(LOOPBACK_ONLY));
    assert_eq!(code(world.address(), page, "chain.head").await, Value::Null);
    let (_, message) = world.refused("node.log_level", json!({ "levle": 1 })).await;
    assert!(message.contains("no parameter \"levle\""), "{message}");
}
