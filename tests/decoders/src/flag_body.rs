//! The bodies of requests to evaluate flags, one or all of them.

use crate::{Outcome, Seed};
use web::reading::body;

/// What is read is read again as the same from what it is written as, and what is not is refused as the protocol has it.
pub fn check(bytes: &[u8]) -> Outcome {
    match body(bytes) {
        Ok(written) => {
            assert_eq!(body(written.as_bytes()), Ok(written.clone()), "{written}");
            Outcome::Taken
        }
        Err(refused) => {
            assert!(["PARSE_ERROR", "INVALID_CONTEXT"].contains(&refused.code), "{refused:?}");
            assert!(refused.status == 400 && !refused.sentence.is_empty(), "{refused:?}");
            Outcome::Refused
        }
    }
}

/// What providers send: nothing, a key, and everything that a context may have.
pub fn seeds() -> Vec<Seed> {
    let whole = r#"{"context":{"targetingKey":"u1","tenant":"t1","branch":"b1","tier":"pro","age":7.50,"staff":true,"cart":[1,{"a":null}]}}"#;
    let bodies = [("empty", "{}"), ("key", r#"{"context":{"targetingKey":"u1"}}"#), ("whole", whole)];
    bodies.map(|(name, body)| Seed { name: name.into(), bytes: body.as_bytes().into() }).into()
}
