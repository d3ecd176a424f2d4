//! For tests elsewhere: a node on loopback, and what peers ask each other about artifacts, and about what waits, made and read
//! without a swarm.

use crate::OverlayConfig;
use crate::artifacts::{ArtifactAnswer, ArtifactAsk, frames};
use crate::exchange::{self, PoolAnswer, PoolAsk};
use crate::frame::Garbled;
use libp2p::StreamProtocol;
use libp2p::futures::{executor::block_on, io::Cursor};
use libp2p::request_response::Codec as _;
use primitives::{ChainId, Digest, TransactionHash};
use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;

/// The codec looks at no name.
const PROTOCOL: StreamProtocol = StreamProtocol::new("/any/1");

/// The longest transaction of the network whose pools are asked, in bytes.
const MESSAGE_BYTES: usize = 128 << 10;

/// A node of a network that listens on any port of loopback, dials nobody and gives nothing; what is longer than `longest` bytes is
/// no message of this network.
pub fn on_loopback(store_path: PathBuf, chain_id: ChainId, genesis_hash: Digest, longest: usize) -> OverlayConfig {
    OverlayConfig {
        listen: (Ipv4Addr::LOCALHOST, 0).into(),
        also_listen: Vec::new(),
        peers: Vec::new(),
        store_path,
        chain_id,
        genesis_hash,
        max_peers: 16,
        max_message_bytes: longest,
        mirror: None,
        pool: None,
    }
}

/// Reads an ask off the front of a stream, as whoever serves it does; what is no ask comes with the reason.
///
/// # Errors
/// When the stream ends before the ask.
pub fn read_ask(stream: &[u8]) -> io::Result<Result<ArtifactAsk, String>> {
    let read = block_on(frames().read_request(&PROTOCOL, &mut Cursor::new(stream)))?;
    Ok(read.map_err(|Garbled(why)| why))
}

/// Reads an answer off the front of a stream, as whoever asked does.
///
/// # Errors
/// When the stream ends before the answer, or it is none.
pub fn read_answer(stream: &[u8]) -> io::Result<ArtifactAnswer> {
    block_on(frames().read_response(&PROTOCOL, &mut Cursor::new(stream)))
}

/// An ask as it travels.
///
/// # Errors
/// None: it is written into memory.
pub fn written_ask(ask: ArtifactAsk) -> io::Result<Vec<u8>> {
    let mut stream = Vec::new();
    block_on(frames().write_request(&PROTOCOL, &mut stream, Ok(ask)))?;
    Ok(stream)
}

/// An answer as it travels.
///
/// # Errors
/// None, as long as its length fits into four bytes.
pub fn written_answer(answer: ArtifactAnswer) -> io::Result<Vec<u8>> {
    let mut stream = Vec::new();
    block_on(frames().write_response(&PROTOCOL, &mut stream, answer))?;
    Ok(stream)
}

/// Reads what a pool is asked off the front of a stream, as whoever answers does, and writes it again; what is no ask comes with
/// the reason.
///
/// # Errors
/// When the stream ends before the ask.
pub fn pool_ask_again(stream: &[u8]) -> io::Result<Result<Vec<u8>, String>> {
    match block_on(exchange::frames(MESSAGE_BYTES).read_request(&PROTOCOL, &mut Cursor::new(stream)))? {
        Ok(ask) => written_pool_ask(ask).map(Ok),
        Err(Garbled(why)) => Ok(Err(why)),
    }
}

/// Reads what a pool answers off the front of a stream, as whoever asked does, and writes it again.
///
/// # Errors
/// When the stream ends before the answer, or it is none.
pub fn pool_answer_again(stream: &[u8]) -> io::Result<Vec<u8>> {
    written_pool_answer(block_on(exchange::frames(MESSAGE_BYTES).read_response(&PROTOCOL, &mut Cursor::new(stream)))?)
}

/// One of each ask, as it travels.
///
/// # Errors
/// None: they are written into memory.
pub fn pool_asks() -> io::Result<Vec<Vec<u8>>> {
    let ids = vec![TransactionHash([0xaa; 32]), TransactionHash([0xbb; 32])];
    [PoolAsk::Ids { from: 4096 }, PoolAsk::Transactions { ids }].into_iter().map(written_pool_ask).collect()
}

/// One of each answer, as it travels.
///
/// # Errors
/// None: they are written into memory.
pub fn pool_answers() -> io::Result<Vec<Vec<u8>>> {
    let ids = vec![TransactionHash([0xaa; 32]), TransactionHash([0xbb; 32])];
    let given = vec![vec![7; 100], vec![8; 3]];
    let answers =
        [PoolAnswer::Ids { ids, more: true }, PoolAnswer::Transactions { given, looked_at: 3 }, PoolAnswer::Busy];
    answers.into_iter().map(written_pool_answer).collect()
}

fn written_pool_ask(ask: PoolAsk) -> io::Result<Vec<u8>> {
    let mut stream = Vec::new();
    block_on(exchange::frames(MESSAGE_BYTES).write_request(&PROTOCOL, &mut stream, Ok(ask)))?;
    Ok(stream)
}

fn written_pool_answer(answer: PoolAnswer) -> io::Result<Vec<u8>> {
    let mut stream = Vec::new();
    block_on(exchange::frames(MESSAGE_BYTES).write_response(&PROTOCOL, &mut stream, answer))?;
    Ok(stream)
}
