//! The node that the tests ask, and ways to ask it.

use governance::Choice;
use primitives::{BuildHash, List, SecretKey, Text};
use releases::{InstallStage, Manifest};
use rpc::client::Node;
use rpc::error::RATE_LIMITED;
use rpc::methods::{METHODS, MethodAccess};
use rpc::testing::MemoryNode;
use rpc::{NodeSource, OPERATOR_SOCKET, OperatorServer, Server, ServerConfig};
use runtime::testing::{self, described, examples, genesis, held_by, holder, propose, release_vote, validator};
use runtime::{Call, Genesis};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

/// A node in memory and its servers: the port, and the socket in its home.
pub struct World {
    pub memory: Arc<MemoryNode>,
    pub server: Server,
    pub node: Node,
    /// The same node, over its socket.
    pub operator: Node,
    home: TempDir,
    _operated: OperatorServer,
}

/// Sends one request, and reads until the other end closes.
async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// A request as a client sends it, with a header besides.
fn posted(header: Option<(&str, &str)>, body: &str) -> String {
    let header = header.map(|(name, value)| format!("{name}: {value}\r\n")).unwrap_or_default();
    let head = format!(
        "POST / HTTP/1.1\r\nhost: node\r\n{header}content-type: application/json\r\nconnection: close\r\ncontent-length: {}",
        body.len()
    );
    format!("{head}\r\n\r\n{body}")
}

/// A request without a body.
fn got(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: node\r\nconnection: close\r\n\r\n")
}

/// The status and the body of an answer.
fn read(answer: &str) -> (u16, String) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.into())
}

/// What an answer to the call 1 brings.
fn outcome((status, body): (u16, String)) -> Result<Value, Value> {
    let mut answer: Value = serde_json::from_str(&body).unwrap();
    let expected = if answer["error"]["code"] == json!(RATE_LIMITED) { 429 } else { 200 };
    assert_eq!((status, &answer["id"]), (expected, &json!(1)), "{answer}");
    match answer["error"].take() {
        Value::Null => Ok(answer["result"].take()),
        error => Err(error),
    }
}

fn question(method: &str, params: Value) -> String {
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string()
}

impl World {
    pub async fn new() -> Self {
        Self::with(ServerConfig { requests_per_second: 0, ..ServerConfig::default() }).await
    }

    /// On a free port.
    pub async fn with(config: ServerConfig) -> Self {
        Self::of(genesis(), config).await
    }

    /// A node of another chain.
    pub async fn of(genesis: Genesis, config: ServerConfig) -> Self {
        let memory = Arc::new(MemoryNode::new(genesis));
        let config = ServerConfig { listen: SocketAddr::from(([127, 0, 0, 1], 0)), ..config };
        let server = rpc::serve(config, memory.clone(), Arc::new(|_, _: Duration, _| ())).await.unwrap();
        Self::around(memory, server).await
    }

    /// A node whose port is served already.
    pub async fn around(memory: Arc<MemoryNode>, server: Server) -> Self {
        let node = Node::open(&format!("http://{}", server.address())).unwrap();
        let home = tempfile::tempdir().unwrap();
        let socket = home.path().join(OPERATOR_SOCKET);
        let operator = Node::at_socket(&socket).unwrap();
        let served = rpc::serve_operator(&socket, memory.clone(), Arc::new(|_, _: Duration, _| ()));
        Self { _operated: served.await.unwrap(), memory, server, node, operator, home }
    }

    /// A chain with one of everything: a release that was proposed, voted on and installed, a refusal, and a proposal that
    /// takes votes. It is height 25, epoch 2.
    pub async fn with_story() -> Self {
        let world = Self::new().await;
        tell(&world.memory);
        world
    }

    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// One HTTP request, as bytes on a socket; the status and the JSON of the answer.
    pub async fn post(&self, body: &str) -> (u16, Value) {
        let (status, body) = self.post_from(None, body).await;
        (status, serde_json::from_str(&body).unwrap_or(Value::String(body)))
    }

    pub async fn post_from(&self, origin: Option<&str>, body: &str) -> (u16, String) {
        read(&self.exchange(&posted(origin.map(|origin| ("origin", origin)), body)).await)
    }

    /// The head, in lower case, and the body of the answer to a request with a header besides.
    pub async fn post_with(&self, header: Option<(&str, &str)>, body: &str) -> (String, String) {
        let answer = self.exchange(&posted(header, body)).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_lowercase(), body.into())
    }

    /// The status and the body of what is asked without JSON-RPC.
    pub async fn get(&self, path: &str) -> (u16, String) {
        read(&self.exchange(&got(path)).await)
    }

    /// The same over the socket.
    pub async fn get_as_operator(&self, path: &str) -> (u16, String) {
        let stream = UnixStream::connect(self.home.path().join(OPERATOR_SOCKET)).await.unwrap();
        read(&exchange(stream, &got(path)).await)
    }

    async fn exchange(&self, request: &str) -> String {
        exchange(TcpStream::connect(self.address()).await.unwrap(), request).await
    }

    /// What a browser asks before it sends a page's request; the head of the answer in lower case.
    pub async fn preflight(&self, origin: &str) -> String {
        let request = format!(
            "OPTIONS / HTTP/1.1\r\nhost: node\r\norigin: {origin}\r\naccess-control-request-method: POST\r\n\
             access-control-request-headers: content-type\r\nconnection: close\r\n\r\n"
        );
        exchange(TcpStream::connect(self.address()).await.unwrap(), &request).await.to_lowercase()
    }

    /// The result or the error of a call at the port.
    pub async fn call(&self, method: &str, params: Value) -> Result<Value, Value> {
        outcome(self.post_from(None, &question(method, params)).await)
    }

    /// The result or the error of a call over the socket.
    pub async fn operate(&self, method: &str, params: Value) -> Result<Value, Value> {
        let stream = UnixStream::connect(self.home.path().join(OPERATOR_SOCKET)).await.unwrap();
        outcome(read(&exchange(stream, &posted(None, &question(method, params))).await))
    }

    /// The result or the error of a call by the way on which the method is answered.
    pub async fn ask(&self, method: &str, params: Value) -> Result<Value, Value> {
        match METHODS.iter().find(|listed| listed.name == method).unwrap().access {
            MethodAccess::Anywhere => self.call(method, params).await,
            MethodAccess::Socket => self.operate(method, params).await,
        }
    }

    /// The code and sentence of the error of a call.
    pub async fn refused(&self, method: &str, params: Value) -> (i64, String) {
        let error = self.call(method, params).await.expect_err("it should be refused");
        (error["code"].as_i64().unwrap(), error["message"].as_str().unwrap().into())
    }
}

/// A transfer to another holder than the first.
pub fn transfer(amount: u64) -> Call {
    testing::transfer(holder(1).account(), amount)
}

/// Proposes a release with a manifest that says everything, in the name of a validator.
pub fn propose_release(memory: &MemoryNode, by: &SecretKey, hash: u8, notes: &str) {
    let manifest = Manifest {
        version: Text::new(format!("1.{hash}.0")),
        other_targets: List::default(),
        notes: Text::new(notes),
        ..examples::manifest()
    };
    let vote = release_vote(memory.genesis(), BuildHash([hash; 32]), 2);
    memory.send(by, propose(described(memory.genesis(), vote, manifest, &[0, 1])));
}

pub fn vote(memory: &MemoryNode, by: &SecretKey, proposal: u64, choice: Choice, reason: &str) {
    let reason = Some(reason).filter(|reason| !reason.is_empty());
    memory.send(by, testing::vote(proposal, choice, reason));
}

/// A validator says how far release `0xbb…` has come on its node.
pub fn report(memory: &MemoryNode, by: u8, stage: InstallStage) {
    memory.send(&validator(by), testing::report(BuildHash([0xbb; 32]), stage));
}

/// An account says that it built a release from source.
pub fn rebuild(memory: &MemoryNode, by: &SecretKey, hash: u8) {
    memory.send(by, testing::attest_rebuild(BuildHash([hash; 32]), None, Text::new("c0ffee")));
}

fn tell(memory: &MemoryNode) {
    propose_release(memory, &validator(0), 0xbb, "Fixes the overlay.");
    memory.make_block();
    memory.send(&holder(0), testing::delegate(validator(3).account(), 500));
    vote(memory, &validator(1), 1, Choice::Yes, "reviewed and reproduced");
    vote(memory, &validator(2), 1, Choice::No, "");
    vote(memory, &validator(0), 99, Choice::Yes, "there is no such proposal");
    memory.make_block();
    vote(memory, &validator(0), 1, Choice::Yes, "");
    for (who, call) in &held_by(4, &[BuildHash([0xbb; 32])])[2..] {
        memory.send(who, call.clone());
    }
    memory.make_blocks_to(20);
    report(memory, 0, InstallStage::Booted);
    report(memory, 1, InstallStage::Staged);
    rebuild(memory, &holder(1), 0xbb);
    memory.make_block();
    propose_release(memory, &validator(1), 0xcc, "");
    memory.make_block();
    rebuild(memory, &holder(1), 0xcc);
    vote(memory, &validator(3), 2, Choice::Abstain, "on holiday");
    memory.make_blocks_to(25);
    assert_eq!(memory.head().at.epoch.0, 2);
}
