//! `contract node`: what an operator asks of a node and has it do, over the socket in its home.

mod contract;
mod served;

use contract::contract;
use primitives::BuildHash;
use rpc::testing::MemoryNode;
use rpc::{NodeSource, OPERATOR_SOCKET, OperatorServer, serve_operator};
use serde_json::{Value, json};
use served::Served;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A node in memory with a home that holds its socket, until it is dropped.
struct Operated {
    memory: Arc<MemoryNode>,
    home: TempDir,
    _server: OperatorServer,
    _runtime: Runtime,
}

impl Operated {
    fn start() -> Self {
        let (home, runtime) = (tempfile::tempdir().unwrap(), Runtime::new().unwrap());
        let memory = Arc::new(MemoryNode::new(runtime::testing::genesis()));
        let socket = home.path().join(OPERATOR_SOCKET);
        let served = serve_operator(&socket, memory.clone(), Arc::new(|_, _: Duration, _| ()));
        let server = runtime.block_on(served).unwrap();
        Self { memory, home, _server: server, _runtime: runtime }
    }

    /// What a command prints, which must succeed.
    fn told(&self, arguments: &[&str]) -> String {
        let home = self.home.path().to_str().unwrap();
        let run = contract(&[&["node"], arguments, &["--home", home]].concat());
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments:?}");
        run.stdout
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.told(&[arguments, &["--json"]].concat())).unwrap()
    }
}

#[test]
fn h13_an_operator_asks_and_acts_by_the_home_of_the_node() {
    let node = Operated::start();
    node.memory.make_block();
    assert_eq!(node.json(&["health"]), serde_json::to_value(node.memory.health()).unwrap());
    assert!(node.told(&["health"]).contains("follows the chain, does not vote"));

    assert_eq!(node.json(&["log-level", "debug"]), json!({ "before": "info", "level": "debug" }));
    assert_eq!(node.told(&["log-level"]), "The node logs debug.\n");

    let hash = BuildHash([0xbb; 32]).to_string();
    assert!(node.told(&["artifacts"]).contains("holds no release artifacts"));
    let pinned = node.told(&["pin", &hash, "--reason", "incident 7"]);
    assert!(pinned.contains(&hash) && pinned.contains("(incident 7); the node does not hold it yet"), "{pinned}");
    assert!(node.told(&["artifacts"]).contains("incident 7"));
    assert_eq!(node.json(&["unpin", &hash]), json!({ "hash": hash, "was_pinned": true }));
    assert!(node.told(&["unpin", &hash]).contains("was not pinned"));

    assert_eq!(node.json(&["dial", "127.0.0.1:9"]), json!({ "address": "127.0.0.1:9" }));
    assert!(node.told(&["forget", "12D3KooW"]).contains("was not known"));
}

#[test]
fn o14_every_command_asks_past_the_port_when_the_home_is_named_and_no_address() {
    let node = Operated::start();
    node.memory.make_block();
    let home = node.home.path().to_str().unwrap();
    for command in [&["status"][..], &["gov", "signers"], &["gov", "params"]] {
        let run = contract(&[command, &["--home", home]].concat());
        assert_eq!(run.code, 0, "{command:?}: {}", run.stderr);
    }
    let elsewhere = contract(&["status", "--home", home, "--rpc", "http://127.0.0.1:9"]);
    assert_eq!(elsewhere.code, 1, "an address that is said goes first");
}

#[test]
fn h13_a_home_whose_node_does_not_run_says_so_and_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().to_str().unwrap();
    let run = contract(&["node", "health", "--home", path]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{}", run.stderr);
    let socket = home.path().join(OPERATOR_SOCKET).display().to_string();
    assert!(run.stderr.contains(&socket) && run.stderr.contains("--home"), "{}", run.stderr);
}

#[test]
fn o46_status_says_that_the_newest_block_is_old_and_to_the_operator_how_the_node_is() {
    let (node, port) = (Operated::start(), Served::start(|_, _| ()));
    let status = |more: &[&str]| {
        let run = contract(&[&["status", "--rpc", &port.url], more].concat());
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
        run.stdout
    };
    // Its genesis is years old, and nothing came after it.
    let stranger = status(&[]);
    assert!(stranger.contains("warning: the newest block is") && !stranger.contains("follows the chain"), "{stranger}");
    let home = node.home.path().to_str().unwrap();
    assert!(status(&["--home", home]).contains("follows the chain, does not vote"));
    let json = |more: &[&str]| serde_json::from_str::<Value>(&status(&[more, &["--json"]].concat())).unwrap();
    assert_eq!(json(&["--home", home])["health"], serde_json::to_value(node.memory.health()).unwrap());
    let as_before = json(&[]);
    assert!(as_before["health"].is_null() && as_before["height"] == 0, "{as_before}");
    // Where no node runs, the chain is still what was asked for.
    let empty = tempfile::tempdir().unwrap();
    assert!(status(&["--home", empty.path().to_str().unwrap()]).contains("warning: the newest block is"));
}
