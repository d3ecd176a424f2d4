//! The body of a JSON-RPC request over HTTP, sent to a whole server on loopback.

use crate::{Outcome, Seed};
use parity_scale_codec::Encode;
use primitives::BuildHash;
use rpc::error::{INTERNAL_ERROR, INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, PARSE_ERROR, TABLE};
use rpc::methods::{METHODS, Method};
use rpc::testing::MemoryNode;
use rpc::{Server, ServerConfig};
use runtime::Transaction;
use runtime::testing::{genesis, holder, transfer};
use serde_json::{Map, Value, json};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::Runtime;

/// The height of the chain that is asked.
const HEIGHT: u64 = 12;
/// After so many bodies another node is asked, because a node in memory forgets nothing that it has taken.
const BODIES_PER_NODE: u32 = 2_000;
/// How long an answer may take.
const WITHIN: Duration = Duration::from_secs(15);
/// Codes of what was not understood.
const NOT_UNDERSTOOD: [i32; 4] = [PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS];

/// Every body is answered, with a result or with a code of the table, and no answer says that the node failed.
pub fn check(bytes: &[u8]) -> Outcome {
    static ASKED: Mutex<Option<Asked>> = Mutex::new(None);
    let mut kept = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
    let mut asked = kept.take().filter(|asked| asked.bodies < BODIES_PER_NODE).unwrap_or_else(Asked::new);
    let (status, answer) = asked.ask(bytes).unwrap_or_else(|error| panic!("no answer: {error}"));
    let outcome = judge(status, &answer, &asked.config);
    *kept = Some(asked);
    outcome
}

fn judge(status: u16, answer: &[u8], bounds: &ServerConfig) -> Outcome {
    assert!(matches!(status, 200 | 400), "HTTP status {status}");
    assert!(answer.len() <= bounds.max_response_bytes as usize, "{} bytes", answer.len());
    let shown = String::from_utf8_lossy(answer);
    let outcomes: Vec<Outcome> = match serde_json::from_slice(answer) {
        Ok(Value::Array(answers)) => answers.iter().map(of_one).collect(),
        Ok(answer) => vec![of_one(&answer)],
        Err(error) => panic!("{error}: {shown}"),
    };
    assert!((1..=bounds.max_batch as usize).contains(&outcomes.len()), "{} answers: {shown}", outcomes.len());
    if outcomes.contains(&Outcome::Taken) { Outcome::Taken } else { Outcome::Refused }
}

/// Whether a request was understood, by its answer.
fn of_one(answer: &Value) -> Outcome {
    assert!(answer["jsonrpc"] == "2.0" && answer.get("id").is_some(), "{answer}");
    let Some(error) = answer.get("error") else {
        assert!(answer.get("result").is_some(), "{answer}");
        return Outcome::Taken;
    };
    assert!(answer.get("result").is_none(), "{answer}");
    let code = TABLE.iter().map(|code| code.code).find(|code| error["code"] == *code);
    let code = code.unwrap_or_else(|| panic!("a code that is in no table: {answer}"));
    assert_ne!(code, INTERNAL_ERROR, "{answer}");
    assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{answer}");
    if NOT_UNDERSTOOD.contains(&code) { Outcome::Refused } else { Outcome::Taken }
}

/// A node that is asked over one connection for as long as that lasts.
struct Asked {
    connection: Option<BufReader<TcpStream>>,
    bodies: u32,
    address: SocketAddr,
    config: ServerConfig,
    _server: Server,
    _runtime: Runtime,
}

impl Asked {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("threads can be started");
        let config =
            ServerConfig { listen: ([127, 0, 0, 1], 0).into(), requests_per_second: 0, ..ServerConfig::default() };
        let memory = Arc::new(MemoryNode::new(genesis()));
        memory.make_blocks_to(HEIGHT);
        let server = runtime.block_on(rpc::serve(config.clone(), memory, Arc::new(|_, _: Duration, _| ())));
        let server = server.expect("there is a free port");
        Self { connection: None, bodies: 0, address: server.address(), config, _server: server, _runtime: runtime }
    }

    /// The status and the body of the answer.
    fn ask(&mut self, body: &[u8]) -> io::Result<(u16, Vec<u8>)> {
        self.bodies += 1;
        if let Some(mut kept) = self.connection.take()
            && let Ok(answer) = exchange(&mut kept, body)
        {
            self.connection = Some(kept);
            return Ok(answer);
        }
        // The server closes a connection that has been quiet.
        let stream = TcpStream::connect(self.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(WITHIN))?;
        let mut connection = BufReader::new(stream);
        let answer = exchange(&mut connection, body)?;
        self.connection = Some(connection);
        Ok(answer)
    }
}

/// One request and its answer: as much of HTTP/1.1 as the server speaks, whose answers say how long they are.
fn exchange(connection: &mut BufReader<TcpStream>, body: &[u8]) -> io::Result<(u16, Vec<u8>)> {
    let length = body.len();
    let head =
        format!("POST / HTTP/1.1\r\nhost: node\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
    connection.get_mut().write_all(&[head.as_bytes(), body].concat())?;
    let malformed = |line: &str| io::Error::new(io::ErrorKind::InvalidData, format!("an answer with {line:?}"));
    let mut line = String::new();
    connection.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(|| malformed(&line))?;
    let mut length = 0;
    loop {
        line.clear();
        connection.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().map_err(|_| malformed(&line))?;
            }
            Some((name, _)) if name.eq_ignore_ascii_case("transfer-encoding") => return Err(malformed(&line)),
            Some(_) => {}
            None => break,
        }
    }
    let mut answer = vec![0; length];
    connection.read_exact(&mut answer)?;
    Ok((status, answer))
}

/// A request for every method, some of them in a batch, and a transaction in each of its forms.
pub fn seeds() -> Vec<Seed> {
    let node = MemoryNode::new(genesis());
    node.make_blocks_to(HEIGHT);
    let transaction = node.sign(&holder(0), transfer(holder(1).account(), 7));
    let request = |method: &Method| {
        let needed = method.params.iter().filter(|param| param.required);
        let given = needed.map(|param| (param.name.to_owned(), example(param.name, &transaction)));
        let params: Map<String, Value> = given.collect();
        json!({ "jsonrpc": "2.0", "id": 1, "method": method.name, "params": params })
    };
    let requests: Vec<Value> = METHODS.iter().map(request).collect();
    let scale = hex::encode(transaction.encode());
    let others = [
        ("batch", json!(requests.iter().take(5).collect::<Vec<_>>())),
        ("positional", json!({ "jsonrpc": "2.0", "id": "a", "method": "gov.release_history", "params": [0, 3] })),
        ("scale", json!({ "jsonrpc": "2.0", "id": "b", "method": "tx.dry_run", "params": { "transaction": scale } })),
    ];
    let seed = |name: &str, request: &Value| Seed { name: name.into(), bytes: request.to_string().into_bytes() };
    let named = METHODS.iter().zip(&requests).map(|(method, request)| seed(method.name, request));
    named.chain(others.iter().map(|(name, request)| seed(name, request))).collect()
}

/// A parameter of some method; null for what is not known here.
fn example(name: &str, transaction: &Transaction) -> Value {
    match name {
        "account" => json!(holder(0).account()),
        "epoch" => json!(1),
        "address" => json!("/ip4/127.0.0.1/tcp/26603"),
        "call" => json!({ "rollouts": { "execute": { "plan": "chain", "acting": "commander", "change": 1 } } }),
        "hash" => json!(BuildHash([0xaa; 32])),
        // The first block of an epoch, which has the fact of an election.
        "height" => json!(10),
        "id" | "subscription" => json!(1),
        "index" => json!(0),
        "key" => json!("pruning"),
        "peer_id" => json!("12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust"),
        "plan" => json!("chain"),
        "reason" => json!("incident 7"),
        "role" => json!("council"),
        "transaction" => json!(transaction),
        _ => Value::Null,
    }
}
