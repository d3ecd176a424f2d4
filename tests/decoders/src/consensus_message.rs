//! What validators say while they decide, and what nodes ask and answer to catch up. The first byte of an input is the kind
//! of message that it is read as.

use crate::streams::streams;
use crate::{Outcome, Seed, numbered};
use consensus::testing::{PeerMessage, messages};

/// There is one encoding of a message.
pub fn check(bytes: &[u8]) -> Outcome {
    let Some((kind, message)) = bytes.split_first() else { return Outcome::Refused };
    let kind = PeerMessage::ALL[usize::from(*kind) % PeerMessage::ALL.len()];
    match kind.rewritten(message) {
        Ok(written) => {
            assert_eq!(written, message, "two encodings of one {kind:?}");
            Outcome::Taken
        }
        Err(reason) => {
            assert!(!reason.to_string().is_empty());
            Outcome::Refused
        }
    }
}

/// One of each message.
pub fn seeds() -> Vec<Seed> {
    let input = |(kind, message): (PeerMessage, Vec<u8>)| {
        let number = PeerMessage::ALL.iter().position(|other| *other == kind).expect("it is one of all");
        [&[number as u8][..], &message].concat()
    };
    let parts = streams()[0].messages.iter().map(|message| (PeerMessage::Part, message.clone()));
    numbered("message", messages().expect("every example is short").into_iter().chain(parts).map(input))
}
