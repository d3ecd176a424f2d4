//! What peers ask of each other's artifacts, and what they answer.

use crate::{Outcome, Seed, exchange};
use builds::Part;
use overlay::artifacts::{ArtifactAnswer, ArtifactAsk, MOST_READ};
use overlay::testing::{read_answer, read_ask, written_answer, written_ask};
use primitives::BuildHash;

/// There is one encoding of a message; what is none is told from a stream that ends.
pub fn check(bytes: &[u8]) -> Outcome {
    let ask_again = |stream: &[u8]| Ok(read_ask(stream)?.map(ask));
    let answer_again = |stream: &[u8]| read_answer(stream).map(answer);
    exchange::check(bytes, ask_again, answer_again)
}

/// One of each message, and the asks in one stream.
pub fn seeds() -> Vec<Seed> {
    let hash = BuildHash([0xaa; 32]);
    let read = |part| ArtifactAsk::Read { hash, part, offset: 1 << 20, length: MOST_READ };
    let asks = [ArtifactAsk::Have { hash }, read(Part::Tree), read(Part::Data)];
    let answers = [
        ArtifactAnswer::Held { size: 60_000_000 },
        ArtifactAnswer::NotHeld,
        ArtifactAnswer::Bytes(vec![7; 100]),
        ArtifactAnswer::Busy,
        ArtifactAnswer::OutOfRange,
    ];
    exchange::seeds(&asks.map(ask), &answers.map(answer))
}

fn ask(ask: ArtifactAsk) -> Vec<u8> {
    written_ask(ask).expect("an ask is written into memory")
}

fn answer(answer: ArtifactAnswer) -> Vec<u8> {
    written_answer(answer).expect("an answer is written into memory")
}
