//! What peers ask each other about artifacts, made and read without a swarm: for fuzzers.

use crate::artifacts::{ArtifactAnswer, ArtifactCodec, Ask, Garbled};
use libp2p::StreamProtocol;
use libp2p::futures::{executor::block_on, io::Cursor};
use libp2p::request_response::Codec as _;
use std::io;

/// The codec looks at no name.
const PROTOCOL: StreamProtocol = StreamProtocol::new("/artifact/1");

/// Reads an ask off the front of a stream, as whoever serves it does; what is no ask comes with the reason.
///
/// # Errors
/// When the stream ends before the ask.
pub fn read_ask(stream: &[u8]) -> io::Result<Result<Ask, String>> {
    let read = block_on(ArtifactCodec.read_request(&PROTOCOL, &mut Cursor::new(stream)))?;
    Ok(read.map_err(|Garbled(why)| why))
}

/// Reads an answer off the front of a stream, as whoever asked does.
///
/// # Errors
/// When the stream ends before the answer, or it is none.
pub fn read_answer(stream: &[u8]) -> io::Result<ArtifactAnswer> {
    block_on(ArtifactCodec.read_response(&PROTOCOL, &mut Cursor::new(stream)))
}

/// An ask as it travels.
///
/// # Errors
/// None: it is written into memory.
pub fn written_ask(ask: Ask) -> io::Result<Vec<u8>> {
    let mut stream = Vec::new();
    block_on(ArtifactCodec.write_request(&PROTOCOL, &mut stream, Ok(ask)))?;
    Ok(stream)
}

/// An answer as it travels.
///
/// # Errors
/// None, as long as its length fits into four bytes.
pub fn written_answer(answer: ArtifactAnswer) -> io::Result<Vec<u8>> {
    let mut stream = Vec::new();
    block_on(ArtifactCodec.write_response(&PROTOCOL, &mut stream, answer))?;
    Ok(stream)
}
