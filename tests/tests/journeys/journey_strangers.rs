//! Can strangers slow the blocks that a validator decides by what they ask of it?

use anyhow::Context as _;
use rpc::error::BUSY;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tests::load::{memory_of, require_memory, require_pace};
use tests::{ExplorerProcess, Network, NodeProcess};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// A network with so many milliseconds from one block to the next, and short epochs, so that trust takes many steps.
async fn network(dir: &tempfile::TempDir, target: u64) -> anyhow::Result<Network> {
    let mut network = Network::write(dir.path(), 4, &["--block-time-ms", &target.to_string(), "--epoch-length", "2"])?;
    for node in &network.nodes {
        // All strangers come from this machine, and would share the few places of one address.
        node.configure(|config| config.rpc.max_connections_per_address = config.rpc.max_connections)?;
    }
    network.start_all()?;
    network.reach(6).await?;
    Ok(network)
}

/// Lets this process open as many sockets as the system allows.
fn open_many() -> anyhow::Result<()> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).context("cannot open many sockets")
}

/// The time that the processor has spent on a node so far, in milliseconds.
fn processor_ms(node: &NodeProcess) -> anyhow::Result<u64> {
    let pid = node.process_id().context("the node does not run")?;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // What stands before is the name, which may have spaces.
    let (_, fields) = stat.rsplit_once(") ").context("no fields")?;
    let ticks = fields.split(' ').skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    Ok(ticks * 10)
}

/// What a node costs in three seconds.
async fn cost(node: &NodeProcess) -> anyhow::Result<u64> {
    let before = processor_ms(node)?;
    sleep(Duration::from_secs(3)).await;
    Ok(processor_ms(node)? - before)
}

/// What a client asks over and over, and what it is answered.
#[derive(Default)]
struct Answers {
    granted: AtomicUsize,
    busy: AtomicUsize,
}

fn question(number: usize, build: &Value) -> String {
    let (method, params) = match number % 5 {
        0 => ("gov.release_proof", json!({ "hash": build })),
        1 => ("chain.record", json!({ "height": 0 })),
        2 => ("chain.block", json!({ "height": number % 6 })),
        3 => ("gov.release_history", json!({ "page_size": 100 })),
        _ => ("gov.proposals", json!({ "page_size": 100 })),
    };
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
    let length = body.len();
    format!(
        "POST / HTTP/1.1\r\nhost: node\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

async fn ask_on(address: String, question: String, answers: Arc<Answers>) {
    loop {
        if let Ok(answer) = ask(&address, &question).await {
            let counted = if answer.contains(&format!("\"code\":{BUSY}")) {
                &answers.busy
            } else if answer.contains("\"result\"") {
                &answers.granted
            } else {
                continue;
            };
            counted.fetch_add(1, Ordering::Relaxed);
        } else {
            sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn ask(address: &str, question: &str) -> std::io::Result<String> {
    let mut socket = TcpStream::connect(address).await?;
    socket.write_all(question.as_bytes()).await?;
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn h07_a_thousand_requests_at_once_slow_no_block_and_nothing_runs_on_for_who_has_hung_up() -> anyhow::Result<()> {
    open_many()?;
    let dir = tempfile::tempdir()?;
    let mut network = network(&dir, 1_000).await?;
    let attacked = &mut network.nodes[0];
    let build = attacked.call("node.version", json!({})).await?["build_bin_hash"].clone();
    let idle = cost(attacked).await?;

    let answers = Arc::new(Answers::default());
    let from = attacked.height().await?;
    let mut clients = JoinSet::new();
    for number in 0..1_000 {
        clients.spawn(ask_on(format!("127.0.0.1:{}", attacked.port), question(number, &build), answers.clone()));
    }
    sleep(Duration::from_secs(12)).await;
    clients.shutdown().await;
    let (granted, busy) = (answers.granted.load(Ordering::Relaxed), answers.busy.load(Ordering::Relaxed));
    assert!(granted > 0 && busy > 0, "{granted} were answered, and {busy} told to try again");

    let after = cost(attacked).await?;
    assert!(
        after <= idle * 2 + 300,
        "{after} ms in three seconds after they have hung up, and {idle} before they came"
    );
    let to = attacked.height().await?;
    require_pace(attacked, 1_000, from, to).await?;
    for node in &mut network.nodes {
        node.reach(to).await?;
    }
    Ok(())
}

/// A WebSocket with subscriptions from the first block on.
async fn subscribed(address: &str, subscriptions: usize) -> std::io::Result<TcpStream> {
    let mut socket = TcpStream::connect(address).await?;
    let upgrade = "GET / HTTP/1.1\r\nhost: node\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
        sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    socket.write_all(upgrade.as_bytes()).await?;
    for id in 0..subscriptions {
        let text =
            json!({ "jsonrpc": "2.0", "id": id, "method": "chain.subscribe_records", "params": [1] }).to_string();
        let length = u8::try_from(text.len()).ok().filter(|length| *length < 126);
        // A text in one frame, under a mask that changes nothing.
        let head = [0x81, 0x80 | length.ok_or(std::io::ErrorKind::InvalidInput)?, 0, 0, 0, 0];
        socket.write_all(&[&head[..], text.as_bytes()].concat()).await?;
    }
    Ok(socket)
}

/// Reads all that comes, as fast as it comes, and begins again when nothing has come for a while.
async fn read_on(address: String, read: Arc<AtomicUsize>) {
    loop {
        let Ok(mut socket) = subscribed(&address, 32).await else {
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        let mut bytes = vec![0; 1 << 16];
        while let Ok(Ok(count @ 1..)) = timeout(Duration::from_secs(2), socket.read(&mut bytes)).await {
            read.fetch_add(count, Ordering::Relaxed);
        }
    }
}

/// Holds subscriptions that nobody reads.
async fn read_nothing(address: String) {
    loop {
        let socket = subscribed(&address, 32).await;
        sleep(Duration::from_secs(if socket.is_ok() { 60 } else { 1 })).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn h27_subscribers_from_the_first_block_slow_no_block_and_an_explorer_stays_at_the_head() -> anyhow::Result<()> {
    open_many()?;
    let dir = tempfile::tempdir()?;
    let mut network = network(&dir, 400).await?;
    network.reach(60).await?;
    let (node, database) = (&network.nodes[0], dir.path().join("index.sqlite").display().to_string());
    let (address, read) = (format!("127.0.0.1:{}", node.port), Arc::new(AtomicUsize::new(0)));
    let explorer = ExplorerProcess::start(&["--rpc", &node.rpc, "--db", &database], &dir.path().join("explorer.log"))?;
    explorer.reach(node.height().await?).await?;

    for (clients, reads) in [(100, true), (250, false)] {
        let (from, memory) = (network.nodes[1].height().await?, memory_of(&network.nodes[0])?);
        let mut load = JoinSet::new();
        for _ in 0..clients {
            match reads {
                true => load.spawn(read_on(address.clone(), read.clone())),
                false => load.spawn(read_nothing(address.clone())),
            };
        }
        for _ in 0..12 {
            sleep(Duration::from_secs(1)).await;
            // A node beside it is asked, because the one under load may have no place for another connection.
            let head = network.nodes[1].height().await?;
            let health: Value = serde_json::from_str(&explorer.get("/healthz")?.body)?;
            let indexed = health["height"].as_u64().context("no height")?;
            assert!(indexed + 5 >= head, "the explorer is at height {indexed}, and the chain at {head}");
        }
        load.shutdown().await;
        let to = network.nodes[1].height().await?;
        require_pace(&network.nodes[1], 400, from, to).await?;
        require_memory(&network.nodes[0], memory)?;
        network.reach(to).await?;
    }
    assert!(read.load(Ordering::Relaxed) > 1 << 20, "{read:?} bytes were read");
    Ok(())
}
