//! A statement on chain as an in-toto Statement v1. Its body, which the chain has the hash of, is another one, and lies elsewhere.

use super::super::in_toto::{HASH, TYPE};
use super::tree::safe;
use primitives::{ChangeId, Digest, Name};
use rollouts::statement::{Stated, StatementSubject};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The type of what is said: that somebody stated something on a chain, with who did and when.
const PREDICATE: &str = "urn:the-block:statement:v1";

/// The changes of a plan, and the hash that each is known by.
pub type KnownChanges = BTreeMap<ChangeId, Digest>;

/// A statement in the form of in-toto.
pub fn in_toto(plan: &Name, stated: &Stated, changes: &KnownChanges) -> Value {
    let about = &stated.statement.about;
    json!({
        "_type": TYPE,
        "subject": [{ "name": named(about), "digest": { HASH: digest(about, changes).to_string() } }],
        "predicateType": PREDICATE,
        "predicate": {
            "plan": plan,
            "result": stated.statement.outcome.to_string(),
            "statement": stated.statement,
            "actor": stated.actor,
            "at": stated.at,
        },
    })
}

/// The file of a statement: the statements of a block lie side by side, and no two have one name.
pub fn file_of(stated: &Stated) -> String {
    let (statement, speaker) = (&stated.statement, &stated.actor.account);
    let whole = format!("{} {} {speaker}", statement.key, statement.about.digest());
    let hash = Digest::blake3(whole.as_bytes()).to_string();
    let apart = hash.get(..12).unwrap_or_default();
    format!("evidence/{:012}-{}-{apart}.json", stated.at.height.0, safe(statement.key.as_str()))
}

/// What a statement is about, in the words of `--about`.
fn named(about: &StatementSubject) -> String {
    match about {
        StatementSubject::Plan => "plan".into(),
        StatementSubject::Stage(stage) => format!("stage:{stage}"),
        StatementSubject::Change(id) => format!("change:{id}"),
        StatementSubject::Artifact(digest) => format!("artifact:{digest}"),
        StatementSubject::Phase(phase) => format!("phase:{phase}"),
        StatementSubject::Scope(path) => format!("scope:{}", path.as_str()),
    }
}

/// A change has the hash that ballots are on, an artifact its own; what else there is to speak about has no bytes, and is found by this.
fn digest(about: &StatementSubject, changes: &KnownChanges) -> Digest {
    match about {
        StatementSubject::Artifact(digest) => *digest,
        StatementSubject::Change(id) => changes.get(id).copied().unwrap_or_else(|| about.digest()),
        _ => about.digest(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::values::subject;
    use crate::commands::rollout::InTotoStatement;
    use primitives::Path;
    use runtime::testing::examples;

    fn about(about: StatementSubject) -> Stated {
        let mut stated = examples::stated();
        stated.statement.about = about;
        stated
    }

    #[test]
    fn req_038_a_statement_leaves_as_one_of_in_toto_that_can_be_read_back() {
        let name = |text: &str| Name::new(text).unwrap();
        let id = ChangeId(7);
        let changes = KnownChanges::from([(id, Digest([0xcd; 32]))]);
        for subject in [
            StatementSubject::Plan,
            StatementSubject::Stage(name("PROD")),
            StatementSubject::Change(id),
            StatementSubject::Artifact(Digest([0xab; 32])),
            StatementSubject::Phase(name("P1")),
            StatementSubject::Scope(Path::new([name("PROD"), name("t1")]).unwrap()),
        ] {
            let stated = about(subject.clone());
            let written = in_toto(&name("shop"), &stated, &changes);
            let read: InTotoStatement = serde_json::from_value(written.clone()).unwrap();
            assert_eq!(read.about(), Some(subject.clone()), "{written}");
            assert_eq!(read.outcome(), Some(stated.statement.outcome));
            assert_eq!(read.predicate().unwrap().as_str(), PREDICATE);
            assert_eq!(read.digest_of(&subject).unwrap(), Some(digest(&subject, &changes)));
        }
        assert_eq!(digest(&StatementSubject::Change(id), &changes), Digest([0xcd; 32]));
        assert_eq!(subject(&named(&StatementSubject::Plan)), Ok(StatementSubject::Plan));
    }

    #[test]
    fn two_statements_have_two_files() {
        let (one, other) = (about(StatementSubject::Plan), about(StatementSubject::Change(ChangeId(1))));
        assert_ne!(file_of(&one), file_of(&other));
        assert_eq!(file_of(&one), file_of(&about(StatementSubject::Plan)));
    }
}
