//! What peers ask of each other's artifacts, and what they answer. An input whose first byte is even is read as an ask, any
//! other as an answer; bytes may follow, as on a stream.

use crate::{Outcome, Seed, numbered};
use artifacts::Part;
use overlay::artifacts::{ArtifactAnswer, Ask, MOST_READ};
use overlay::testing::{read_answer, read_ask, written_answer, written_ask};
use primitives::BuildHash;
use std::io::ErrorKind;

/// There is one encoding of a message; what is none is told from a stream that ends.
pub fn check(bytes: &[u8]) -> Outcome {
    let Some((side, stream)) = bytes.split_first() else { return Outcome::Refused };
    let written = if side % 2 == 0 {
        match read_ask(stream) {
            Ok(Ok(ask)) => written_ask(ask),
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
        match read_answer(stream) {
            Ok(answer) => written_answer(answer),
            Err(error) => {
                assert!(matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::InvalidData), "{error}");
                return Outcome::Refused;
            }
        }
    };
    let written = written.expect("what was read is written into memory");
    assert!(stream.starts_with(&written), "two encodings of one message");
    Outcome::Taken
}

/// One of each message, and two asks in one stream.
pub fn seeds() -> Vec<Seed> {
    let hash = BuildHash([0xaa; 32]);
    let read = |part| Ask::Read { hash, part, offset: 1 << 20, length: MOST_READ };
    let ask = |ask| written_ask(ask).expect("an ask is written into memory");
    let asks = [Ask::Have { hash }, read(Part::Tree), read(Part::Data)].map(ask);
    let answers = [
        ArtifactAnswer::Held { size: 60_000_000 },
        ArtifactAnswer::NotHeld,
        ArtifactAnswer::Bytes(vec![7; 100]),
        ArtifactAnswer::Busy,
        ArtifactAnswer::OutOfRange,
    ];
    let answers = answers.map(|answer| written_answer(answer).expect("an answer is written into memory"));
    let input = |side: u8, message: &[u8]| [&[side][..], message].concat();
    let asked = asks.iter().map(|ask| input(0, ask)).chain([input(0, &asks.concat())]);
    [numbered("ask", asked), numbered("answer", answers.iter().map(|answer| input(1, answer)))].concat()
}
