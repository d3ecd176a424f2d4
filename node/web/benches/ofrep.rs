//! What it costs to ask for a flag over HTTP, beside a bare handler of the same server with a constant of that size, at 1, 16 and 64
//! connections; what 1,000 flags at once cost; and how long a flip takes to the first byte on 1,000 streams.
//!
//! The bounds of the design: a flag at 0.9 of the bare handler's pace at least, 1 ms for 1,000 flags, and 250 ms beside the 250 ms over
//! which announcements are spread.
//!
//! Run with `cargo test -p web --bench ofrep` (or `cargo bench`, which builds everything for release first).
#![allow(clippy::print_stdout, reason = "a bench prints what it measures")]

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::routing::post;
use flags::{Flag, Setting, Targeting};
use host::config::WebSection;
use host::token::{FlagToken, TokenAudience, TokenKind};
use primitives::{
    Amount, ChangeId, Digest, Epoch, Height, List, Moment, Name, Path, ScopePattern, SecretKey, Timestamp,
};
use roles::{Grant, Role, Seat};
use rollouts::install::{Installation, RoleSeats};
use rollouts::plan::Plan;
use runtime::testing::examples;
use state::{Apply as _, Memory, State};
use std::error::Error;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tlog::Tile;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use web::{AccessLog, ChainSource, Endpoints, EvaluationPlane, FlagWrites, Locales, LogUnread, WebMetrics};

/// Requests of one measurement, over all connections.
const REQUESTS: usize = 20_000;
const STREAMS: usize = 1_000;
const FLAGS: usize = 1_000;
/// How often all flags are asked for.
const TIMES: usize = 500;
const BEGINS_MS: u64 = 1_771_622_898_000;
const PLAN: &str = "shop";
const FLAG: &str = "checkout";
const ROLE: &str = "OWNER";

type Failure = Box<dyn Error + Send + Sync>;

struct Chain {
    memory: Mutex<Memory>,
    height: AtomicU64,
    writes: FlagWrites,
}

impl ChainSource for Chain {
    fn network(&self) -> Digest {
        Digest([9; 32])
    }

    fn read(&self, ask: &mut dyn FnMut(&State<'_>, Height, Timestamp)) {
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let (height, time) = self.newest();
        ask(&State::over(&*memory), height, time);
    }

    fn newest(&self) -> (Height, Timestamp) {
        let at = self.at();
        (at.height, at.time)
    }

    fn clock(&self) -> Timestamp {
        Timestamp(BEGINS_MS)
    }

    fn writes(&self) -> &FlagWrites {
        &self.writes
    }

    fn log_checkpoint(&self) -> Option<String> {
        None
    }

    fn log_tile(&self, _: &Tile) -> Result<Option<Vec<u8>>, LogUnread> {
        Ok(None)
    }

    fn complaint(&self) -> Option<String> {
        None
    }
}

impl Chain {
    fn at(&self) -> Moment {
        let height = self.height.load(Ordering::SeqCst);
        let (time, running) = (Timestamp(BEGINS_MS + height * 1_000), height * 1_000);
        Moment { height: Height(height), epoch: Epoch(0), time, running, level: 1 }
    }

    fn block(&self, change: impl FnOnce(&mut State<'_>, Moment)) {
        self.height.fetch_add(1, Ordering::SeqCst);
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let mut written = State::over(&*memory);
        change(&mut written, self.at());
        let writes = written.into_writes();
        let keys: Vec<Vec<u8>> = writes.keys().cloned().collect();
        memory.commit(writes);
        drop(memory);
        self.writes.note(keys.iter().map(Vec::as_slice));
    }

    fn set(&self, variant: u8) -> Result<(), Failure> {
        let (plan, flag) = (name(PLAN)?, name(FLAG)?);
        self.block(|written, since| {
            let setting = Setting { targeting: Targeting::constant(variant), since, by: ChangeId(1) };
            flags::apply::set(written, &plan, &flag, &Path::ROOT, &setting);
        });
        Ok(())
    }
}

fn name(text: &str) -> Result<Name, Failure> {
    Name::new(text).ok_or_else(|| format!("{text} is no name").into())
}

fn list<T, const N: u32>(items: impl IntoIterator<Item = T>) -> List<T, N> {
    List::truncate_from(items.into_iter().collect())
}

/// A chain, a plane over it, a token of its plan, and what keeps the plane running.
type Served = (Arc<Chain>, Arc<EvaluationPlane>, String, watch::Sender<bool>);

/// A plane over a chain with the plan of the examples, and a token for it.
fn plane() -> Result<Served, Failure> {
    let chain = Arc::new(Chain { memory: Mutex::default(), height: AtomicU64::new(0), writes: FlagWrites::default() });
    let key = SecretKey::from_seed(&[7; 32]);
    let role = Role { grants: list(["token **".parse::<Grant>()?]), least_members: 0 };
    let plan = Plan { roles: list([(name(ROLE)?, role)]), ..examples::plan() };
    let seats = list([Seat { account: key.account(), scopes: list([ScopePattern::everywhere()]) }]);
    let members = list([RoleSeats { role: name(ROLE)?, seats }]);
    let (segments, moves) = (List::new(), List::new());
    let installation = Box::new(Installation { plan, document: None, stage: None, members, segments, moves });
    let (deposit, effects) = (Amount(0), List::new());
    let installed = rollouts::Event::Installed { installation, by: None, deposit, effects };
    chain.block(|written, at| installed.apply(written, at));
    chain.set(0)?;
    let token = FlagToken {
        iss: key.account(),
        sub: name(PLAN)?,
        acting: name(ROLE)?,
        scope: Path::ROOT,
        aud: TokenAudience::Server,
        net: chain.network(),
        typ: TokenKind::Flags,
        iat: BEGINS_MS / 1_000,
        exp: BEGINS_MS / 1_000 + 3_600,
        nbf: None,
        jti: None,
    };
    let settings =
        WebSection { plans: vec![name(PLAN)?], requests_per_second: 0, max_streams: 4_096, ..WebSection::default() };
    let (stop, stopped) = watch::channel(false);
    let locales = Locales::built_in()?;
    let plane =
        EvaluationPlane::new(chain.clone(), settings, locales, AccessLog::none(), WebMetrics::default(), stopped);
    Ok((chain, Arc::new(plane), token.signed(&key), stop))
}

/// A port of this machine, and where it is.
async fn bound() -> Result<(TcpListener, SocketAddr), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let at = listener.local_addr()?;
    Ok((listener, at))
}

async fn serve(plane: Arc<EvaluationPlane>) -> Result<SocketAddr, Failure> {
    let (listener, at) = bound().await?;
    tokio::spawn(async move { axum::serve(listener, Endpoints::of(plane)).await });
    Ok(at)
}

/// One request on a connection; gives the answer whole, whose length is the same every time.
async fn exchange(stream: &mut TcpStream, request: &[u8], length: Option<usize>) -> Result<Vec<u8>, Failure> {
    stream.write_all(request).await?;
    match length {
        Some(length) => {
            let mut answer = vec![0; length];
            stream.read_exact(&mut answer).await?;
            Ok(answer)
        }
        None => first(stream).await,
    }
}

/// An answer, as long as its head says that it is; of a stream, which says no length, what came first.
async fn first(stream: &mut TcpStream) -> Result<Vec<u8>, Failure> {
    let (mut answer, mut part) = (Vec::new(), vec![0; 64 * 1_024]);
    loop {
        let read = stream.read(&mut part).await?;
        if read == 0 {
            return Err("the connection ended before its answer".into());
        }
        answer.extend_from_slice(&part[..read]);
        if is_whole(&String::from_utf8_lossy(&answer)) {
            return Ok(answer);
        }
    }
}

fn is_whole(answer: &str) -> bool {
    let Some((head, body)) = answer.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    length.is_none_or(|length| body.len() >= length)
}

/// How many of so many requests a second are answered over so many connections.
async fn pace(at: SocketAddr, request: &str, connections: usize, requests: usize) -> Result<f64, Failure> {
    let request: Arc<[u8]> = request.as_bytes().into();
    let mut all = JoinSet::new();
    let begun = Instant::now();
    for _ in 0..connections {
        let request = request.clone();
        all.spawn(async move {
            let mut stream = TcpStream::connect(at).await?;
            stream.set_nodelay(true)?;
            let length = exchange(&mut stream, &request, None).await?.len();
            for _ in 1..requests / connections {
                exchange(&mut stream, &request, Some(length)).await?;
            }
            Ok::<(), Failure>(())
        });
    }
    while let Some(ended) = all.join_next().await {
        ended??;
    }
    Ok((requests / connections * connections) as f64 / begun.elapsed().as_secs_f64())
}

async fn single() -> Result<(), Failure> {
    let (_chain, plane, token, _stop) = plane()?;
    let at = serve(plane).await?;
    let body = r#"{"context":{"targetingKey":"user-123","country":"CA"}}"#;
    let request = format!(
        "POST /ofrep/v1/evaluate/flags/{FLAG} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
         authorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = exchange(&mut TcpStream::connect(at).await?, request.as_bytes(), None).await?;
    let answer = String::from_utf8(answer)?;
    let (head, constant) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
    if !head.starts_with("HTTP/1.1 200") {
        return Err(format!("the plane answers {answer}").into());
    }
    let constant = Bytes::from(constant.to_owned());
    let bare = move |_: Bytes| {
        let constant = constant.clone();
        async move { ([(CONTENT_TYPE, "application/json")], constant) }
    };
    let handler = Router::new().route("/ofrep/v1/evaluate/flags/{key}", post(bare));
    let (listener, floor) = bound().await?;
    tokio::spawn(async move { axum::serve(listener, handler).await });
    for connections in [1, 16, 64] {
        // The other one first, so that what is warmed up by the first counts for neither.
        pace(floor, &request, connections, REQUESTS).await?;
        let ours = pace(at, &request, connections, REQUESTS).await?;
        let bare = pace(floor, &request, connections, REQUESTS).await?;
        println!("single, {connections:>2} connections: {ours:>8.0}/s, bare {bare:>8.0}/s, {:.2} of it", ours / bare);
    }
    Ok(())
}

async fn bulk() -> Result<(), Failure> {
    let (chain, plane, token, _stop) = plane()?;
    let sample = examples::plan().flags.iter().next().cloned().ok_or("the example has no flag")?;
    let more = (1..FLAGS).map(|number| Ok(Flag { key: name(&format!("flag_{number:04}"))?, ..sample.clone() }));
    let more = more.collect::<Result<Vec<Flag>, Failure>>()?;
    let plan = name(PLAN)?;
    chain.block(|written, at| flags::apply::define_flags_of_plan(written, at, &plan, &more));
    plane.refresh();
    let at = serve(plane).await?;
    let body = r#"{"context":{"targetingKey":"user-123","country":"CA"}}"#;
    let request = format!(
        "POST /ofrep/v1/evaluate/flags HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    pace(at, &request, 1, TIMES).await?;
    let each_ms = 1_000.0 / pace(at, &request, 1, TIMES).await?;
    println!("bulk of {FLAGS} flags over HTTP, one connection: {each_ms:.2} ms each, where 1 ms is the bound");
    Ok(())
}

async fn streams() -> Result<(), Failure> {
    let (chain, plane, token, _stop) = plane()?;
    let at = serve(plane.clone()).await?;
    let request = format!(
        "POST /ofrep/v1/evaluate/flags HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\ncontent-length: 2\r\n\r\n{{}}"
    );
    let answer = exchange(&mut TcpStream::connect(at).await?, request.as_bytes(), None).await?;
    let answer = String::from_utf8(answer)?;
    let place = answer.split("requestUri\":\"").nth(1).and_then(|rest| rest.split('"').next()).ok_or("no stream")?;
    let open = format!("GET {place} HTTP/1.1\r\nhost: a\r\n\r\n");
    let mut waiting = JoinSet::new();
    for _ in 0..STREAMS {
        let mut stream = TcpStream::connect(at).await?;
        let mut told = String::from_utf8(exchange(&mut stream, open.as_bytes(), None).await?)?;
        while !told.contains("retry: ") {
            let mut more = [0; 512];
            let read = stream.read(&mut more).await?;
            told.push_str(std::str::from_utf8(&more[..read])?);
        }
        waiting.spawn(async move {
            let mut byte = [0; 1];
            stream.read_exact(&mut byte).await?;
            Ok::<Instant, Failure>(Instant::now())
        });
    }
    let begun = Instant::now();
    chain.set(1)?;
    plane.refresh();
    let mut last = Duration::ZERO;
    while let Some(heard) = waiting.join_next().await {
        last = last.max(heard??.saturating_duration_since(begun));
    }
    println!(
        "a flip to the first byte on {STREAMS} streams: {} ms at most, of which up to 250 are spread",
        last.as_millis()
    );
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    single().await?;
    bulk().await?;
    streams().await
}
