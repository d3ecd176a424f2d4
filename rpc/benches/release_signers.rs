//! Requests per second of `gov.release_signers` beside a bare jsonrpsee method that returns a constant: HTTP keep-alive, 16
//! connections, both servers in this process, by turns. The first should reach 85 % of the second. A third turn, a constant of as many
//! bytes as the answer has, says how much of the difference is the answer itself.
#![allow(clippy::print_stdout, reason = "a bench prints what it measures")]

use jsonrpsee::RpcModule;
use jsonrpsee::server::{Server, ServerConfig as Bare};
use rpc::testing::MemoryNode;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const CONNECTIONS: usize = 16;
const TURN: Duration = Duration::from_millis(1_500);
const TURNS: usize = 6;

fn request(method: &str) -> String {
    let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}"}}"#);
    let length = body.len();
    format!("POST / HTTP/1.1\r\nhost: node\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
}

/// The bytes of an answer's body.
async fn bytes_of_answer(address: SocketAddr, method: &str) -> usize {
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(request(method).as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"}") {
        socket.read_buf(&mut answer).await.unwrap();
    }
    String::from_utf8(answer).unwrap().split_once("\r\n\r\n").unwrap().1.len()
}

/// Asks again and again, and counts the answers.
async fn ask(address: SocketAddr, method: &'static str, answered: Arc<AtomicU64>) {
    let request = request(method);
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.set_nodelay(true).unwrap();
    let mut buffer = vec![0; 64 << 10];
    let mut size = None;
    loop {
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut have = socket.read(&mut buffer).await.unwrap();
        // Every answer is as long as the first, which is complete when it ends its object.
        while size.is_some_and(|size| have < size) || !buffer[..have].ends_with(b"}") {
            have += socket.read(&mut buffer[have..]).await.unwrap();
        }
        size = Some(have);
        answered.fetch_add(1, Relaxed);
    }
}

async fn rate(address: SocketAddr, method: &'static str) -> f64 {
    let answered = Arc::new(AtomicU64::new(0));
    let asking: Vec<_> = (0..CONNECTIONS).map(|_| tokio::spawn(ask(address, method, answered.clone()))).collect();
    let (started, before) = (Instant::now(), answered.load(Relaxed));
    tokio::time::sleep(TURN).await;
    let rate = (answered.load(Relaxed) - before) as f64 / started.elapsed().as_secs_f64();
    asking.iter().for_each(|task| task.abort());
    rate
}

#[tokio::main]
async fn main() {
    let memory = Arc::new(MemoryNode::new(runtime::testing::genesis()));
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    // Those of a turn may still be closing when the next one begins.
    let max_connections_per_address = 2 * CONNECTIONS as u32;
    let config = rpc::ServerConfig {
        listen: any_port,
        requests_per_second: 0,
        max_connections_per_address,
        ..Default::default()
    };
    let ours = rpc::serve(config, memory, Arc::new(|_, _: Duration, _| ())).await.unwrap();

    let mut module = RpcModule::new(());
    module.register_method("constant", |_, _, _| "constant").unwrap();
    // Beside a text an answer has 36 bytes.
    let bytes = bytes_of_answer(ours.address(), "gov.release_signers").await;
    let text: &'static str = "x".repeat(bytes - 36).leak();
    module.register_method("as_large", move |_, _, _| text).unwrap();
    let bare = Server::builder().set_config(Bare::default()).build(any_port).await.unwrap();
    let bare_address = bare.local_addr().unwrap();
    let _handle = bare.start(module);

    assert_eq!(bytes_of_answer(bare_address, "as_large").await, bytes);
    let (mut best, mut floor, mut as_large) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        best.push(rate(ours.address(), "gov.release_signers").await);
        floor.push(rate(bare_address, "constant").await);
        as_large.push(rate(bare_address, "as_large").await);
    }
    let median = |mut rates: Vec<f64>| {
        rates.sort_by(f64::total_cmp);
        (rates[TURNS / 2 - 1] + rates[TURNS / 2]) / 2.0
    };
    let (ours, bare, as_large) = (median(best), median(floor), median(as_large));
    println!("gov.release_signers  {ours:>9.0} /s");
    println!("bare constant        {bare:>9.0} /s");
    println!("ratio                {:>9.3}", ours / bare);
    println!("bare, {bytes} bytes     {as_large:>9.0} /s");
    println!("ratio                {:>9.3}", ours / as_large);
}
