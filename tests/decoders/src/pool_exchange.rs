//! What peers ask of each other's pools, and what they answer. An input whose first byte is even is read as an ask, any other as
//! an answer; bytes may follow, as on a stream.

use crate::{Outcome, Seed, numbered};
use overlay::testing::{pool_answer_again, pool_answers, pool_ask_again, pool_asks};
use std::io::ErrorKind;

/// There is one encoding of a message; what is none is told from a stream that ends.
pub fn check(bytes: &[u8]) -> Outcome {
    let Some((side, stream)) = bytes.split_first() else { return Outcome::Refused };
    let again = if side % 2 == 0 {
        match pool_ask_again(stream) {
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
        match pool_answer_again(stream) {
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

/// One of each message, and two asks in one stream.
pub fn seeds() -> Vec<Seed> {
    let asks = pool_asks().expect("asks are written into memory");
    let answers = pool_answers().expect("answers are written into memory");
    let input = |side: u8, message: &[u8]| [&[side][..], message].concat();
    let asked = asks.iter().map(|ask| input(0, ask)).chain([input(0, &asks.concat())]);
    [numbered("ask", asked), numbered("answer", answers.iter().map(|answer| input(1, answer)))].concat()
}
