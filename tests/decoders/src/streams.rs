//! The blocks that validators really stream, beside which everything else is a forgery.

use consensus::testing::{CHUNK_BYTES, streamed};
use primitives::{ChainId, SecretKey};
use std::sync::OnceLock;

/// The most bytes of a block on this chain; the longest has as many.
pub(crate) const MOST_BLOCK_BYTES: u32 = 2 * CHUNK_BYTES as u32 + 5;
/// How many validators stream.
pub(crate) const VALIDATORS: u8 = 2;
/// How many peers there are; only the first of them are validators'.
pub(crate) const PEERS: u8 = 4;

/// A block that is streamed.
pub(crate) struct Streamed {
    /// The peer that it comes from.
    pub(crate) from: u8,
    /// The announcement and the chunks, as they travel.
    pub(crate) messages: Vec<Vec<u8>>,
    /// The encoded block.
    pub(crate) encoded: Vec<u8>,
}

/// The name of the chain.
pub(crate) fn chain() -> ChainId {
    ChainId::new("the-block-test").expect("the name is short enough")
}

/// The blocks: of one chunk, of two, of as many as may be; the validators take turns.
pub(crate) fn streams() -> &'static [Streamed] {
    static STREAMS: OnceLock<Vec<Streamed>> = OnceLock::new();
    STREAMS.get_or_init(|| {
        let lengths = [300, CHUNK_BYTES, CHUNK_BYTES + 10, MOST_BLOCK_BYTES as usize];
        let stream = |(number, length): (u8, usize)| {
            let from = number % VALIDATORS;
            let encoded: Vec<u8> = (0..length).map(|at| (at % 251) as u8 ^ number).collect();
            let key = SecretKey::from_seed(&[from + 1; 32]);
            let messages = streamed(&chain(), &key, from, number, &encoded).expect("a chunk fits into a message");
            Streamed { from, messages, encoded }
        };
        (0..).zip(lengths).map(stream).collect()
    })
}
