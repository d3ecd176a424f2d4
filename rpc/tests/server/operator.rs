//! What is the operator's to ask: over the socket in the node's home, and at no port, whoever asks there.

use crate::world::World;
use primitives::Height;
use rpc::api::{ChainApiClient, NodeApiClient, OperatorNodeApiClient};
use rpc::client::{CallError, Node};
use rpc::error::*;
use rpc::methods::{METHODS, MethodAccess};
use rpc::{NodeSource, OPERATOR_SOCKET, ServerConfig, serve};
use serde_json::{Value, json};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a proxy or a browser sends along, and what somebody may claim.
const HEADERS: [&str; 6] = [
    "",
    "x-forwarded-for: 127.0.0.1\r\n",
    "forwarded: for=127.0.0.1\r\n",
    "x-real-ip: 127.0.0.1\r\n",
    "via: 1.1 localhost\r\n",
    "origin: https://explorer.example\r\n",
];

/// The address of this machine that is not loopback; a connection to it comes from it.
fn outward() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    // Nothing is sent: a connected datagram socket only picks its route. The address is for documentation (RFC 5737).
    socket.connect("192.0.2.1:9").ok()?;
    socket.local_addr().ok().map(|address| address.ip()).filter(|ip| !ip.is_loopback() && !ip.is_unspecified())
}

/// The error of the answer, or null when there is none.
async fn error(to: SocketAddr, header: &str, body: &Value) -> Value {
    let body = body.to_string();
    let length = body.len();
    let request = format!(
        "POST / HTTP/1.1\r\nhost: node\r\n{header}content-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    let mut socket = TcpStream::connect(to).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let answer: Value = serde_json::from_str(body).unwrap();
    // Of a batch, the first.
    answer.get(0).unwrap_or(&answer)["error"].clone()
}

fn call(method: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": {} })
}

fn operators() -> impl Iterator<Item = &'static str> {
    METHODS.iter().filter(|method| method.access == MethodAccess::Socket).map(|method| method.name)
}

#[tokio::test]
async fn h13_no_port_acts_on_the_node_from_any_address_with_any_header() {
    let world = World::new().await;
    let config = ServerConfig {
        listen: ([0, 0, 0, 0], 0).into(),
        requests_per_second: 0,
        cors_origins: vec!["*".into()],
        ..ServerConfig::default()
    };
    let server = serve(config, world.memory.clone(), Arc::new(|_, _: Duration, _| ())).await.unwrap();
    let at = |ip: IpAddr| SocketAddr::new(ip, server.address().port());
    let addresses: Vec<SocketAddr> =
        [Some(IpAddr::from([127, 0, 0, 1])), outward()].into_iter().flatten().map(at).collect();
    assert!(operators().count() >= 7);
    for (to, method) in addresses.iter().flat_map(|to| operators().map(move |method| (*to, method))) {
        for header in HEADERS {
            let refused = error(to, header, &call(method)).await;
            assert_eq!(refused["code"], json!(SOCKET_ONLY), "{method} from {to} with {header:?}: {refused}");
            let message = refused["message"].as_str().unwrap();
            assert!(message.contains(method) && message.contains(OPERATOR_SOCKET), "{message}");
        }
        assert_eq!(error(to, "", &json!([call(method)])).await["code"], json!(SOCKET_ONLY), "{method} in a batch");
    }
    for to in addresses {
        assert_eq!(error(to, "", &call("chain.head")).await, Value::Null, "what may be read is answered");
    }
    assert_eq!(world.memory.log_level(None).unwrap().level, "info", "nothing was done");
}

#[tokio::test]
async fn h13_over_the_socket_everything_is_answered_and_done() {
    let world = World::with_story().await;
    let changed = world.operate("node.log_level", json!({ "level": "debug" })).await.unwrap();
    assert_eq!(changed, json!({ "before": "info", "level": "debug" }));
    assert_eq!(world.memory.log_level(None).unwrap().level, "debug");
    let refused = world.operate("node.log_level", json!({ "levle": 1 })).await.unwrap_err();
    assert!(refused["message"].as_str().unwrap().contains("no parameter \"levle\""), "{refused}");

    // The typed client, for calls and for subscriptions; what strangers may ask is answered here too.
    let node = &world.operator;
    assert_eq!(node.health().await.unwrap(), world.memory.health());
    assert_eq!(node.version().await.unwrap(), world.memory.version());
    let socket = node.connect().await.unwrap();
    let mut records = socket.subscribe_records(Some(Height(25))).await.unwrap();
    let first = tokio::time::timeout(Duration::from_secs(20), records.next()).await.unwrap();
    assert!(first.unwrap().is_ok());
}

#[tokio::test]
async fn h13_who_finds_no_node_at_the_socket_is_told_where_it_should_be() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join(OPERATOR_SOCKET);
    let node = Node::at_socket(&path).unwrap();
    let refused = node.explain(node.health().await.unwrap_err());
    assert_eq!(refused, CallError::NoSocket { path: path.clone() });
    assert!(refused.to_string().contains(&path.display().to_string()), "{refused}");
    assert_eq!(node.connect().await.err(), Some(CallError::NoSocket { path: path.clone() }));
    // A node that was killed leaves a socket where nobody listens.
    std::fs::create_dir(home.path().join("run")).unwrap();
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    assert_eq!(node.explain(node.health().await.unwrap_err()), CallError::NoSocket { path });
}
