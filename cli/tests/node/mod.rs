//! Nodes to send to: an honest one behind a real server, one that no WebSocket reaches, and two that misbehave.

use crate::served::Served;
use jsonrpsee::server::{RpcModule, Server};
use jsonrpsee::types::ErrorObjectOwned;
use rpc::NodeSource;
use rpc::testing::MemoryNode;
use rpc::views::PreparedTransaction;
use runtime::testing::{bond, genesis, validator};
use serde_json::{Value, json};
use std::any::Any;
use std::net::{TcpListener, TcpStream};
use std::thread;
use tokio::runtime::Runtime;

/// What a node does that it should not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Nothing.
    Honest,
    /// It does not let WebSockets through.
    NoPush,
    /// It prepares another call than it was asked to.
    Forging,
    /// It refuses everything with a sentence that would clear the screen.
    Hostile,
}

/// The node, until it is dropped.
pub struct Node {
    /// Where it answers.
    pub url: String,
    _alive: Box<dyn Any>,
}

/// Starts a node.
pub fn start(behaviour: Behaviour) -> Node {
    match behaviour {
        Behaviour::Honest => {
            let served = honest();
            Node { url: served.url.clone(), _alive: Box::new(served) }
        }
        Behaviour::NoPush => {
            let served = honest();
            Node { url: without_websockets(&served.url), _alive: Box::new(served) }
        }
        Behaviour::Forging => misbehaving(forged),
        Behaviour::Hostile => misbehaving(refused),
    }
}

/// Makes a block when it was asked what became of a transaction, so that the one who sends it has to wait.
fn honest() -> Served {
    Served::start(|chain, method| {
        if ["tx.status", "tx.subscribe_status"].contains(&method) {
            chain.make_block();
        }
    })
}

/// The URL of a way to a node that ends every WebSocket.
fn without_websockets(node: &str) -> String {
    let (listener, node) = (TcpListener::bind("127.0.0.1:0").unwrap(), node.trim_start_matches("http://").to_owned());
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for here in listener.incoming().flatten() {
            let there = TcpStream::connect(&node).unwrap();
            // Ends with the test.
            thread::spawn(move || {
                let mut method = [0];
                if here.peek(&mut method).is_err() || method == *b"G" {
                    return;
                }
                thread::scope(|both| {
                    both.spawn(|| std::io::copy(&mut &here, &mut &there));
                    let _ = std::io::copy(&mut &there, &mut &here);
                });
            });
        }
    });
    url
}

/// What a node answers to `tx.prepare`.
type Prepared = Result<PreparedTransaction, ErrorObjectOwned>;

/// A node that is asked to prepare something, and does this instead.
fn misbehaving(prepare: fn(&MemoryNode) -> Prepared) -> Node {
    let mut module = RpcModule::new(MemoryNode::new(genesis()));
    module.register_method("chain.head", |_, chain, _| Ok::<_, ErrorObjectOwned>(head(chain))).unwrap();
    module.register_method("tx.prepare", move |_, chain, _| prepare(chain)).unwrap();
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(Server::builder().build("127.0.0.1:0")).unwrap();
    let url = format!("http://{}", server.local_addr().unwrap());
    let guard = runtime.enter();
    let handle = server.start(module);
    drop(guard);
    Node { url, _alive: Box::new((handle, runtime)) }
}

fn head(chain: &MemoryNode) -> Value {
    let head = chain.head();
    let mut answer = serde_json::to_value(&head.header).unwrap();
    answer["hash"] = json!(head.hash);
    answer
}

fn forged(chain: &MemoryNode) -> Prepared {
    let payload = chain.sign(&validator(0), bond(1)).payload;
    let signing_bytes = payload.signing_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(PreparedTransaction { signing_bytes, meaning: String::new(), size: 0, level: 0, payload })
}

fn refused(_: &MemoryNode) -> Prepared {
    Err(ErrorObjectOwned::owned(-32045, "closed \x1b[2J\u{9b}31m", Some(json!({ "closed": "\x1b[2J" }))))
}
