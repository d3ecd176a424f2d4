//! Starts that are expected to fail, watched from outside: nothing may listen before the process ends.

use crate::NodeProcess;
use anyhow::ensure;
use rpc::OPERATOR_SOCKET;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// A start that did not become a node.
#[derive(Debug, Clone)]
pub struct RefusedStart {
    /// Its exit code.
    pub code: Option<i32>,
    /// What it wrote.
    pub said: String,
}

/// Longer than a start that is refused takes, on the slowest machine that runs this.
const BOUND: Duration = Duration::from_secs(30);

/// Starts a node that must end by itself, and tries all its ports and its socket over and over until it has.
///
/// # Errors
/// When it does not end, or one of them was open at any moment.
pub async fn refused_start(node: &mut NodeProcess) -> anyhow::Result<RefusedStart> {
    let open = |port: u16| TcpStream::connect_timeout(&SocketAddr::from(([127, 0, 0, 1], port)), BOUND).is_ok();
    let taken: Vec<u16> = (node.port..node.port + 5).filter(|port| open(*port)).collect();
    let socket = node.home.join(OPERATOR_SOCKET);
    let operable = || UnixStream::connect(&socket).is_ok();
    let operated = operable();
    let before = std::fs::read_to_string(node.log()).unwrap_or_default().len();
    node.start()?;
    let started = Instant::now();
    while node.is_running() {
        for port in (node.port..node.port + 5).filter(|port| !taken.contains(port)) {
            ensure!(!open(port), "port {port} was open before the start was refused");
        }
        ensure!(operated || !operable(), "its socket was open before the start was refused");
        ensure!(started.elapsed() < BOUND, "it still runs after {BOUND:?}; {}", node.last_words());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let code = node.exit().await?.code();
    let log = std::fs::read_to_string(node.log()).unwrap_or_default();
    Ok(RefusedStart { code, said: log.get(before..).unwrap_or_default().to_owned() })
}
