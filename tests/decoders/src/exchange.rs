//! What peers ask of each other over a stream, and what they answer: an input whose first byte is even is read as an ask, any
//! other as an answer; bytes may follow, as on a stream.

use crate::{Outcome, Seed, numbered};
use std::io::{self, ErrorKind};

/// There is one encoding of a message; what is none is told from a stream that ends. `ask_again` and `answer_again` read a message
/// off the front of a stream and write it again; what is no ask comes with the reason.
pub fn check(
    bytes: &[u8],
    ask_again: impl FnOnce(&[u8]) -> io::Result<Result<Vec<u8>, String>>,
    answer_again: impl FnOnce(&[u8]) -> io::Result<Vec<u8>>,
) -> Outcome {
    let Some((side, stream)) = bytes.split_first() else { return Outcome::Refused };
    let again = if side % 2 == 0 {
        match ask_again(stream) {
            Ok(Ok(again)) => again,
            Ok(Err(reason)) => {
                assert!(!reason.is_empty());
                return Outcome::Refused;
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::UnexpectedEof, "{error}");
                return Outcome::Refused;
            }
        }
    } else {
        match answer_again(stream) {
            Ok(again) => again,
            Err(error) => {
                assert!(matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::InvalidData), "{error}");
                return Outcome::Refused;
            }
        }
    };
    assert!(stream.starts_with(&again), "two encodings of one message");
    Outcome::Taken
}

/// Each message, and all asks in one stream.
pub fn seeds(asks: &[Vec<u8>], answers: &[Vec<u8>]) -> Vec<Seed> {
    let input = |side: u8, message: &[u8]| [&[side][..], message].concat();
    let asked = asks.iter().map(|ask| input(0, ask)).chain([input(0, &asks.concat())]);
    [numbered("ask", asked), numbered("answer", answers.iter().map(|answer| input(1, answer)))].concat()
}
