//! The one Ed25519 rule, frozen: the verdict on each vector of `tests/golden/vectors/ed25519.json`.
//!
//! The vectors were made by arithmetic of its own, not by the library under test.
#![allow(clippy::restriction, reason = "a test may stop where it fails")]

use primitives::{PublicKey, Signature};
use serde_json::Value;

fn vectors() -> Vec<Value> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/vectors/ed25519.json");
    let document: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    document["vectors"].as_array().unwrap().clone()
}

fn text<'v>(vector: &'v Value, field: &str) -> &'v str {
    vector[field].as_str().unwrap_or_else(|| panic!("{vector} has no {field}"))
}

#[test]
fn every_vector_has_its_verdict() {
    let mut verdicts = [0, 0];
    for vector in vectors() {
        let key: PublicKey = text(&vector, "key").parse().unwrap();
        let signature: Signature = text(&vector, "signature").parse().unwrap();
        let message = hex::decode(text(&vector, "message")).unwrap();
        let valid = vector["valid"].as_bool().unwrap();
        assert_eq!(key.verify(&message, &signature), valid, "{vector:#}");
        assert_eq!(key.is_usable(), vector["key_usable"].as_bool().unwrap(), "{vector:#}");
        verdicts[usize::from(valid)] += 1;
    }
    assert!(verdicts[0] > 50 && verdicts[1] > 5, "{verdicts:?}");
}

#[test]
fn hex_of_any_case_is_the_same_key() {
    for vector in vectors() {
        let keys = [str::to_lowercase, str::to_uppercase].map(|case| case(text(&vector, "key")).parse::<PublicKey>());
        assert_eq!(keys[0], keys[1]);
        assert_eq!(keys[0].clone().unwrap().to_string(), text(&vector, "key").to_lowercase());
    }
}

#[test]
fn what_is_not_exactly_64_hex_digits_is_no_key() {
    let good = "ab".repeat(32);
    let bad = [&good[1..], &good[2..], &format!("{good}ab"), &format!("0x0x{good}"), "0x", "", "é"];
    for text in bad.into_iter().chain([&*good.replacen('a', "g", 1)]) {
        assert!(text.parse::<PublicKey>().is_err(), "{text:?}");
        assert!(serde_json::from_value::<PublicKey>(text.into()).is_err(), "{text:?}");
    }
    // What people type is one thing, and what programs write another.
    for text in [format!("0x{good}"), format!(" {good}\n")] {
        assert_eq!(text.parse::<PublicKey>(), good.parse(), "{text:?}");
        assert!(serde_json::from_value::<PublicKey>(text.into()).is_err());
    }
    assert!(good.parse::<PublicKey>().is_ok());
}
