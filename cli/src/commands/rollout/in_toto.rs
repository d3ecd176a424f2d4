//! The body of a statement: an in-toto Statement v1, of which the chain has the hash, the type, the subject and the result.

use crate::args::values::subject;
use crate::failure::{Failure, usage};
use primitives::{Digest, Text};
use rollouts::statement::{StatementOutcome, StatementSubject};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// What its type is.
pub(super) const TYPE: &str = "https://in-toto.io/Statement/v1";
/// Under which name a subject has the hash that this chain knows it by.
pub(super) const HASH: &str = "blake3";

/// An in-toto Statement, as far as it is read.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct InTotoStatement {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<InTotoSubject>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    #[serde(default)]
    predicate: Value,
}

/// What it is about.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct InTotoSubject {
    #[serde(default)]
    name: String,
    #[serde(default)]
    digest: BTreeMap<String, String>,
}

impl InTotoStatement {
    /// The type of its predicate.
    ///
    /// # Errors
    /// What is of another version of in-toto, and a type that is too long.
    pub fn predicate(&self) -> Result<Text<96>, Failure> {
        if self.kind != TYPE {
            return Err(usage(format!(
                "its _type is {:?}, and what is stated is an in-toto Statement v1; write {TYPE:?}",
                self.kind
            )));
        }
        let of = &self.predicate_type;
        Text::new(of.clone())
            .ok_or_else(|| usage(format!("its predicateType has {} bytes; at most 96 go on chain", of.len())))
    }

    /// What it is about, in the words of `--about`; none where no subject is named so.
    pub fn about(&self) -> Option<StatementSubject> {
        self.subject.iter().find_map(|about| subject(&about.name).ok())
    }

    /// The BLAKE3 of something that it is about, where it has one.
    ///
    /// # Errors
    /// What is no hash.
    pub fn digest_of(&self, about: &StatementSubject) -> Result<Option<Digest>, Failure> {
        let named = self.subject.iter().find(|named| subject(&named.name).as_ref() == Ok(about));
        let hash = named.and_then(|named| named.digest.get(HASH));
        hash.map(|hash| hash.parse::<Digest>())
            .transpose()
            .map_err(|error| usage(format!("the blake3 of its subject is none: {error}")))
    }

    /// Its result, as the predicate of a test says it; none of another predicate.
    pub fn outcome(&self) -> Option<StatementOutcome> {
        self.predicate.get("result")?.as_str()?.to_ascii_uppercase().parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: Value) -> InTotoStatement {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_body_says_its_type_its_subject_and_its_result() {
        let hash = "ab".repeat(32);
        let body = read(json!({
            "_type": TYPE,
            "subject": [
                { "name": "pkg:cargo/shop", "digest": { "sha256": "00" } },
                { "name": "change:7", "digest": { "blake3": hash } },
            ],
            "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
            "predicate": { "result": "WARNED", "configuration": [] },
        }));
        let about = StatementSubject::Change(primitives::ChangeId(7));
        assert_eq!(body.predicate().unwrap().as_str(), "https://in-toto.io/attestation/test-result/v0.1");
        assert_eq!(body.about(), Some(about.clone()));
        assert_eq!(body.digest_of(&about).unwrap(), Some(Digest([0xab; 32])));
        assert_eq!(body.digest_of(&StatementSubject::Plan).unwrap(), None);
        assert_eq!(body.outcome(), Some(StatementOutcome::Warned));
    }

    #[test]
    fn what_it_does_not_say_is_left_to_the_command_line() {
        let bare = read(json!({ "_type": TYPE, "subject": [], "predicateType": "x" }));
        assert_eq!((bare.about(), bare.outcome()), (None, None));
        let older = read(json!({ "_type": "https://in-toto.io/Statement/v0.1", "subject": [], "predicateType": "x" }));
        assert!(older.predicate().unwrap_err().to_string().contains("Statement v1"));
        let long = read(json!({ "_type": TYPE, "subject": [], "predicateType": "x".repeat(97) }));
        assert!(long.predicate().unwrap_err().to_string().contains("97 bytes"));
    }
}
