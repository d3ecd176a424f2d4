//! What peers ask of each other's pools, and what they answer.

use crate::{Outcome, Seed, exchange};
use overlay::testing::{pool_answer_again, pool_answers, pool_ask_again, pool_asks};

/// There is one encoding of a message; what is none is told from a stream that ends.
pub fn check(bytes: &[u8]) -> Outcome {
    exchange::check(bytes, pool_ask_again, pool_answer_again)
}

/// One of each message, and the asks in one stream.
pub fn seeds() -> Vec<Seed> {
    let asks = pool_asks().expect("asks are written into memory");
    let answers = pool_answers().expect("answers are written into memory");
    exchange::seeds(&asks, &answers)
}
