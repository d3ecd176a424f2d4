//! The blocks that validators really stream, beside which everything else is a forgery.

use consensus::testing::{CHUNK_BYTES, streamed, streamed_by_ids};
use primitives::{ChainId, SecretKey};
use std::sync::OnceLock;

/// The most bytes of a block on this chain; the longest has as many.
pub(crate) const MOST_BLOCK_BYTES: u32 = 2 * CHUNK_BYTES as u32 + 5;
/// The most transactions of a block; the one that is streamed by ids has as many.
pub(crate) const MOST_TRANSACTIONS: u32 = 20;
/// Which of those nobody has but who streams them.
const LACKING: [u32; 2] = [3, 11];
/// How many validators stream.
pub(crate) const VALIDATORS: u8 = 2;
/// How many peers there are; only the first of them are validators'.
pub(crate) const PEERS: u8 = 4;

/// A block that is streamed.
pub(crate) struct Streamed {
    /// The peer that it comes from.
    pub(crate) from: u8,
    /// The announcement and the other parts, as they travel.
    pub(crate) messages: Vec<Vec<u8>>,
    /// The encoded block.
    pub(crate) encoded: Vec<u8>,
}

/// The name of the chain.
pub(crate) fn chain() -> ChainId {
    ChainId::new("the-block-test").expect("the name is short enough")
}

/// The blocks: of one chunk, of two, of as many as may be, and one by ids; the validators take turns.
pub(crate) fn streams() -> &'static [Streamed] {
    static STREAMS: OnceLock<Vec<Streamed>> = OnceLock::new();
    STREAMS.get_or_init(|| {
        let lengths = [300, CHUNK_BYTES, CHUNK_BYTES + 10, MOST_BLOCK_BYTES as usize];
        let validator = |number: u8| (number % VALIDATORS, SecretKey::from_seed(&[number % VALIDATORS + 1; 32]));
        let in_chunks = |(number, length): (u8, usize)| {
            let (from, key) = validator(number);
            let encoded: Vec<u8> = (0..length).map(|at| (at % 251) as u8 ^ number).collect();
            let messages = streamed(&chain(), &key, from, number, &encoded).expect("a chunk fits into a message");
            Streamed { from, messages, encoded }
        };
        let by_ids = |number: u8| {
            let (from, key) = validator(number);
            let stream = (from, number);
            let (encoded, messages) =
                streamed_by_ids(&chain(), &key, stream, vec![number; 100], &transactions(), &LACKING)
                    .expect("the ids and two transactions fit into a message each");
            Streamed { from, messages, encoded }
        };
        (0..).zip(lengths).map(in_chunks).chain([by_ids(lengths.len() as u8)]).collect()
    })
}

/// The transactions of the block that is streamed by ids, whatever they say.
fn transactions() -> Vec<Vec<u8>> {
    (0..MOST_TRANSACTIONS).map(|number| vec![number as u8; 200]).collect()
}

/// What waits at whoever puts the blocks together.
pub(crate) fn waiting() -> Vec<Vec<u8>> {
    let places = (0..).zip(transactions());
    places.filter(|(place, _)| !LACKING.contains(place)).map(|(_, transaction)| transaction).collect()
}
