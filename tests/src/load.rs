//! What strangers ask for all at once, each from an address of its own, and whether blocks go on meanwhile.

use crate::node::PATIENCE;
use crate::{NodeProcess, memory};
use anyhow::{Context as _, ensure};
use jsonrpsee::ws_client::{WsClient, WsClientBuilder};
use rustix::net::{AddressFamily, SocketFlags, SocketType};
use serde_json::json;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddrV4, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// Blocks whose pace is judged together: one alone may wait for a round.
const RUN: usize = 5;
/// What a load may add to the memory of the node that bears it, in bytes.
const MOST_MORE: u64 = 256 << 20;

/// The address of a stranger on this machine: all of 127.0.0.0/8 leads here, and a node tells these addresses apart.
pub fn stranger(number: u32) -> Ipv4Addr {
    Ipv4Addr::from_bits(Ipv4Addr::new(127, 1, 0, 1).to_bits() + number)
}

/// A connection to a port of this machine, from an address of it.
///
/// # Errors
/// When nobody listens there, or the system has no socket left.
pub fn connect(from: Ipv4Addr, port: u16) -> io::Result<TcpStream> {
    // A node that is started meanwhile must not inherit it.
    let socket = rustix::net::socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    rustix::net::bind(&socket, &SocketAddrV4::new(from, 0))?;
    rustix::net::connect(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, port))?;
    Ok(TcpStream::from(socket))
}

/// A client over a WebSocket, from an address of this machine.
///
/// # Errors
/// When it is turned away.
pub async fn websocket(from: Ipv4Addr, port: u16) -> anyhow::Result<WsClient> {
    let stream = connect(from, port)?;
    stream.set_nonblocking(true)?;
    let stream = tokio::net::TcpStream::from_std(stream)?;
    let builder = WsClientBuilder::default().request_timeout(PATIENCE);
    let greeted = builder.build_with_stream(format!("ws://127.0.0.1:{port}"), stream);
    Ok(tokio::time::timeout(PATIENCE, greeted).await.context("no WebSocket is opened")??)
}

/// WebSockets that ask nothing, one from each of some addresses, opened anew when they are closed, until this is dropped.
pub struct IdleWebSockets {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    opened: AtomicUsize,
    held: AtomicUsize,
}

impl IdleWebSockets {
    /// Begins to open them at a port.
    pub fn at(port: u16, from: Vec<Ipv4Addr>) -> Self {
        let shared = Arc::new(Shared::default());
        let opening = shared.clone();
        std::thread::spawn(move || {
            let mut held: Vec<Option<TcpStream>> = from.iter().map(|_| None).collect();
            while !opening.stop.load(Ordering::Relaxed) {
                for (held, from) in held.iter_mut().zip(&from) {
                    if held.as_ref().is_some_and(is_open) {
                        continue;
                    }
                    *held = shake_hands(*from, port).ok();
                    if held.is_none() {
                        break;
                    }
                    opening.opened.fetch_add(1, Ordering::Relaxed);
                }
                let open = held.iter().flatten().filter(|stream| is_open(stream)).count();
                opening.held.store(open, Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(500));
            }
        });
        Self { shared }
    }

    /// How many were opened so far.
    pub fn opened(&self) -> usize {
        self.shared.opened.load(Ordering::Relaxed)
    }

    /// How many were open at once, the last time that all were looked at.
    pub fn held(&self) -> usize {
        self.shared.held.load(Ordering::Relaxed)
    }
}

impl Drop for IdleWebSockets {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
    }
}

/// Whether a node holds a connection: one that it closed reads its end, one that it holds no more than pings.
fn is_open(mut stream: &TcpStream) -> bool {
    let mut pings = [0; 64];
    let mut read = || stream.set_nonblocking(true).and_then(|()| stream.read(&mut pings));
    loop {
        match read() {
            Ok(0) => return false,
            Ok(_) => {}
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
        }
    }
}

fn shake_hands(from: Ipv4Addr, port: u16) -> io::Result<TcpStream> {
    let mut stream = connect(from, port)?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    stream.write_all(
        b"GET / HTTP/1.1\r\nhost: node\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
          sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    )?;
    let mut answer = [0; 1024];
    let read = stream.read(&mut answer)?;
    let accepted = answer[..read].starts_with(b"HTTP/1.1 101");
    accepted.then_some(stream).ok_or_else(|| io::Error::other("it was turned away"))
}

/// Requires of the blocks from one height to another that each few of them took their target time, a quarter more at most, by the
/// times in their headers.
///
/// # Errors
/// When they took longer, or the node does not answer.
pub async fn require_pace(node: &NodeProcess, target_ms: u64, from: u64, to: u64) -> anyhow::Result<()> {
    let mut times = Vec::new();
    for height in from..=to {
        let block = node.call("chain.block", json!({ "height": height })).await?;
        times.push(block["header"]["time"].as_u64().context("a header without its time")?);
    }
    ensure!(times.len() > RUN, "{} blocks are too few to tell their pace", times.len());
    for (first, last) in times.iter().zip(&times[RUN..]) {
        let pace = last.saturating_sub(*first) / RUN as u64;
        ensure!(pace <= target_ms * 5 / 4, "{pace} ms from one block to the next: {times:?}");
    }
    Ok(())
}

/// The most memory that was resident in a node so far, in bytes.
///
/// # Errors
/// When it does not run.
pub fn memory_of(node: &NodeProcess) -> anyhow::Result<u64> {
    memory::peak_of(node.process_id().context("the node does not run")?)
}

/// Requires that a load has added no more to the memory of a node than it may.
///
/// # Errors
/// When it has, or the node does not run.
pub fn require_memory(node: &NodeProcess, before: u64) -> anyhow::Result<()> {
    let more = memory_of(node)?.saturating_sub(before);
    println!("{} MiB more than before, which was {}", more >> 20, before >> 20);
    ensure!(more <= MOST_MORE, "{more} bytes more than before, which was {before}");
    Ok(())
}
