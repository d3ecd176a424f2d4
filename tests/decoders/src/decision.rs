//! What a peer says was decided at an epoch's end.

use crate::{Outcome, Seed, numbered};
use light::SignedHeader;
use light::testing::TestChain;
use parity_scale_codec::{DecodeAll as _, Encode as _};
use runtime::Certificate;
use runtime::testing::genesis;
use std::sync::OnceLock;

/// There is one encoding of a decision, its JSON says the same, and none verifies of a block that nobody decided.
pub fn check(bytes: &[u8]) -> Outcome {
    let Ok(certificate) = Certificate::decode_all(&mut &bytes[..]) else { return Outcome::Refused };
    assert_eq!(certificate.encode(), bytes, "two encodings of one decision");
    let json = serde_json::to_string(&certificate).expect("a decision has a JSON form");
    let read: Certificate = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"));
    assert_eq!(read, certificate, "JSON says something else");

    static DECIDED: OnceLock<Vec<SignedHeader>> = OnceLock::new();
    let decided = DECIDED.get_or_init(decided);
    let verifies = |known: &SignedHeader| certificate.verify(&known.header.chain_id, &known.validators).is_ok();
    if decided.iter().any(verifies) {
        assert!(decided.iter().any(|known| known.certificate.block == certificate.block), "nobody decided this block");
    }
    Outcome::Taken
}

fn decided() -> Vec<SignedHeader> {
    let mut chain = TestChain::new(genesis());
    chain.until(9);
    chain.headers
}

/// The decisions of an epoch, with all precommits and with no more than are needed.
pub fn seeds() -> Vec<Seed> {
    let decided = decided();
    let whole = decided.iter().map(|known| known.certificate.encode());
    let trimmed = decided.iter().map(|known| known.clone().trimmed().certificate.encode());
    [numbered("whole", whole), numbered("trimmed", trimmed)].concat()
}
