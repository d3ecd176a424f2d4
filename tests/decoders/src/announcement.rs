//! The announcement of a block, which opens a stream. The first byte of an input is the peer that sends it.

use crate::streams::{PEERS, chain, streams};
use crate::{Outcome, Seed, numbered};
use consensus::testing::{PeerMessage, opens};

/// There is one encoding of an announcement, and none opens a stream but those that were signed, from the peer they were
/// signed for.
pub fn check(bytes: &[u8]) -> Outcome {
    let Some((from, message)) = bytes.split_first() else { return Outcome::Refused };
    let from = from % PEERS;
    match opens(&chain(), from, message) {
        Ok(opened) => {
            assert_eq!(PeerMessage::Part.rewritten(message).as_deref(), Ok(message), "two encodings of one part");
            let signed = streams().iter().any(|stream| stream.from == from && stream.messages[0] == message);
            assert_eq!(opened, signed, "whether it opens a stream");
            Outcome::Taken
        }
        Err(_) => Outcome::Refused,
    }
}

/// The announcements that were signed, and one of them from another peer.
pub fn seeds() -> Vec<Seed> {
    let input = |from: u8, message: &[u8]| [&[from][..], message].concat();
    let signed = streams().iter().map(|stream| input(stream.from, &stream.messages[0]));
    let overheard = input(PEERS - 1, &streams()[0].messages[0]);
    numbered("announcement", signed.chain([overheard]))
}
