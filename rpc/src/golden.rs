//! The answers in `tests/golden`, for whoever is tested against one.
//!
//! Where an answer says again what another one says, its file refers to that: an object with `$ref` has the fields of the object at
//! that place of that file, but for those that stand beside it. So each is said once, and [`answer`] gives it whole.

use serde_json::Value;
use std::path::PathBuf;

const REFERENCE: &str = "$ref";

/// Places that refer to another: method, place in its answer, and which other. The other one is asked for earlier, and has no field that is
/// not there too.
const SAID_BEFORE: [(&str, &str, &str); 13] = [
    ("gov.release", "", "gov.release_history.json#/entries/0"),
    // Proposals of releases have the fields of a manifest among their own.
    ("gov.proposals", "/entries/0", "gov.release_history.json#/entries/0/manifest"),
    ("gov.proposal", "", "gov.proposals.json#/entries/0"),
    ("chain.genesis", "/chain", "gov.params.json#/chain"),
    ("chain.genesis", "/governance/params", "gov.params.json#/governance"),
    ("tx.status", "/fact", "chain.record.json#/facts/3"),
    ("rollout.plan", "", "rollout.plans.json#/entries/0"),
    ("rollout.board", "/plan", "rollout.plans.json#/entries/0"),
    ("rollout.changes", "/entries/0", "rollout.board.json#/live/0"),
    ("rollout.change", "", "rollout.board.json#/emergencies/0"),
    ("case.get", "", "case.list.json#/entries/0"),
    ("audit.proof", "/proof/head", "flags.proof.json#/head"),
    ("audit.block_proof", "/proof", "audit.proof.json#/proof"),
];

/// The file of the answer of a method.
pub fn file(method: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{method}.json"))
}

/// The answer of a method, whole.
///
/// # Panics
/// When there is no such file, or it refers to what there is not.
pub fn answer(method: &str) -> Value {
    let file = file(method);
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut answer: Value = serde_json::from_str(&text).expect("a golden file is JSON");
    complete(&mut answer);
    answer
}

/// What is to stand in the file of an answer, when the files of those it refers to are up to date.
///
/// # Panics
/// When it has no object where it is to refer to another, or there is not that other.
pub fn text(method: &str, answer: &Value) -> String {
    let mut written = answer.clone();
    for (_, place, other) in SAID_BEFORE.iter().filter(|(of, ..)| *of == method) {
        let fields = written.pointer_mut(place).and_then(Value::as_object_mut);
        let fields = fields.unwrap_or_else(|| panic!("{method} has no object at {place:?}"));
        let said = referred(other);
        fields.retain(|name, value| said.get(name) != Some(&*value));
        fields.insert(REFERENCE.into(), (*other).into());
    }
    format!("{written:#}\n")
}

/// Puts what is referred to in its place.
fn complete(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(complete);
            let Some(Value::String(other)) = fields.remove(REFERENCE) else { return };
            let Value::Object(said) = referred(&other) else { panic!("{other} is no object") };
            for (name, value) in said {
                fields.entry(name).or_insert(value);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(complete),
        _ => {}
    }
}

/// What stands at a place of a file.
fn referred(other: &str) -> Value {
    let (method, place) = other.split_once(".json#").unwrap_or_else(|| panic!("{other} names no place in a file"));
    let found = answer(method).pointer(place).cloned();
    found.unwrap_or_else(|| panic!("{method} has nothing at {place}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_refers_to_another_has_the_fields_of_that_and_those_beside() {
        let mut found = json!([{ "$ref": "gov.release_history.json#/entries/0/target", "size": 7, "new": [] }]);
        complete(&mut found);
        let mut wanted = referred("gov.release_history.json#/entries/0/target");
        wanted["size"] = json!(7);
        wanted["new"] = json!([]);
        assert_eq!(found, json!([wanted]));
        assert!(found[0].as_object().unwrap().len() > 2, "{found}");
    }
}
