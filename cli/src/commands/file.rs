//! `contract send` and `contract propose`: any call and any motion, as JSON in a file; and any manifest, any offence, any body of
//! a statement and any flag.

use super::rollout::InTotoStatement;
use super::sending::{ToCall, ToMotion};
use crate::args::file::{CallFile, MotionFile};
use crate::failure::{Failure, usage};
use flags::{Flag, Variant};
use primitives::Digest;
use releases::Manifest;
use runtime::{Call, Motion};
use serde::de::{DeserializeOwned, IgnoredAny};
use staking::Offence;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Bytes of a file at most; no chain takes a transaction of as many.
const MOST_BYTES: u64 = 1 << 20;

/// What a file holds, and one for people to go by.
struct Kind {
    name: &'static str,
    example: &'static str,
}

const CALL: Kind = Kind { name: "call", example: r#"{"staking":{"bond":{"amount":"5"}}}"# };
const MOTION: Kind = Kind {
    name: "motion",
    example: r#"{"releases":{"raise_minimum_sequence":{"minimum":2,"reason":"1 leaks keys"}}}"#,
};
const MANIFEST: Kind = Kind { name: "manifest", example: r#"{"version":"1.4.0","severity":"high"}"# };

/// Its hashes and signatures are left out.
const OFFENCE: Kind = Kind {
    name: "proof of an offence",
    example: r#"{"votes":{"validator":"..","height":5,"round":0,"kind":"prevote","first":{..},"second":{..}}}"#,
};
const STATEMENT: Kind = Kind {
    name: "in-toto Statement v1",
    example: r#"{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"change:7"}],"predicateType":"..","predicate":{"result":"PASSED"}}"#,
};

const FLAG: Kind = Kind {
    name: "flag",
    example: r#"{"key":"checkout","kind":"release","variants":[{"name":"on","value":{"bool":true}},{"name":"off","value":{"bool":false}}],"fallback":1,"off":1,"owner":"OWNER","expires":{"at":1800000000000},"risk":"low","audience":"both","emergency":true,"requires":[],"bypass":[],"salt":"checkout","text":""}"#,
};
const VARIANTS: Kind = Kind { name: "list of variants", example: r#"[{"name":"slow","value":{"int":5}}]"# };

/// The flag in a file.
///
/// # Errors
/// A file that cannot be read, or holds something else.
pub fn flag(file: &Path) -> Result<Flag, Failure> {
    read(file, &FLAG)
}

/// The variants of a flag in a file.
///
/// # Errors
/// A file that cannot be read, or holds something else.
pub fn variants(file: &Path) -> Result<Vec<Variant>, Failure> {
    read(file, &VARIANTS)
}

/// The offence in a file.
///
/// # Errors
/// A file that cannot be read, or holds something else.
pub fn offence(file: &Path) -> Result<Offence, Failure> {
    read(file, &OFFENCE)
}

impl ToCall for CallFile {
    fn to_call(&self) -> Result<Call, Failure> {
        read(&self.file, &CALL)
    }
}

impl ToMotion for MotionFile {
    fn to_motion(&self) -> Result<Motion, Failure> {
        read(&self.file, &MOTION)
    }
}

/// What is said about a release.
///
/// # Errors
/// When it cannot be read, or is no manifest.
pub fn manifest(file: &Path) -> Result<Manifest, Failure> {
    read(file, &MANIFEST)
}

/// The body of a statement, and the BLAKE3 of its bytes as they are in the file.
///
/// # Errors
/// When it cannot be read, or is no in-toto Statement.
pub fn statement(file: &Path) -> Result<(InTotoStatement, Digest), Failure> {
    let (shown, bytes) = bytes_of(file, &STATEMENT)?;
    Ok((parsed(&shown, &bytes, &STATEMENT)?, Digest::blake3(&bytes)))
}

fn read<T: DeserializeOwned>(file: &Path, kind: &Kind) -> Result<T, Failure> {
    let (shown, bytes) = bytes_of(file, kind)?;
    parsed(&shown, &bytes, kind)
}

/// What a file is called, and what is in it.
fn bytes_of(file: &Path, kind: &Kind) -> Result<(String, Vec<u8>), Failure> {
    let Kind { name, example } = kind;
    let (shown, opened) = open(file);
    let mut bytes = Vec::new();
    opened.and_then(|opened| opened.take(MOST_BYTES + 1).read_to_end(&mut bytes)).map_err(|error| {
        usage(format!("{shown} cannot be read: {error}; name a file of one {name} as JSON, or - for standard input"))
    })?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(usage(format!(
            "{shown} has more than {MOST_BYTES} bytes and no {name} is as long; name a file of one {name}, such as {example}"
        )));
    }
    Ok((shown, bytes))
}

fn parsed<T: DeserializeOwned>(shown: &str, bytes: &[u8], kind: &Kind) -> Result<T, Failure> {
    let Kind { name, example } = kind;
    let text = files::text(bytes).map_err(|error| usage(format!("{shown} is not read: {error}; save it as UTF-8")))?;
    serde_json::from_str(text).map_err(|error| {
        let is_json = serde_json::from_str::<IgnoredAny>(text).is_ok();
        let what = if is_json { format!("no {name}") } else { "not JSON".into() };
        let (line, column, reason) = (error.line(), error.column(), reason(&error));
        usage(format!("{shown} is {what}: line {line}, column {column}: {reason}; write a {name} such as {example}"))
    })
}

/// What is read, and what it is called.
fn open(file: &Path) -> (String, io::Result<Box<dyn Read>>) {
    if file == Path::new("-") {
        return ("standard input".into(), Ok(Box::new(io::stdin()) as Box<dyn Read>));
    }
    (file.display().to_string(), File::open(file).map(|file| Box::new(file) as Box<dyn Read>))
}

/// The error without its place, which is named before it.
fn reason(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    said.strip_suffix(&place).unwrap_or(&said).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    /// What is said of a file with a text.
    fn refused<T: DeserializeOwned>(text: &str, kind: &Kind) -> String {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let Err(failure) = read::<T>(file.path(), kind) else { panic!("{text} is one") };
        assert_eq!(failure.exit_code(), 2);
        failure.to_string().replace(&file.path().display().to_string(), "FILE")
    }

    #[test]
    fn the_examples_are_what_they_are_examples_of() {
        assert!(serde_json::from_str::<Call>(CALL.example).is_ok());
        assert!(serde_json::from_str::<Motion>(MOTION.example).is_ok());
        assert!(serde_json::from_str::<InTotoStatement>(STATEMENT.example).is_ok());
        assert!(serde_json::from_str::<Flag>(FLAG.example).is_ok());
        assert!(serde_json::from_str::<Vec<Variant>>(VARIANTS.example).is_ok());
    }

    #[test]
    fn what_cannot_be_sent_is_refused_with_its_place_and_an_example() {
        let example = format!("; write a call such as {}", CALL.example);
        let said = refused::<Call>("{\"staking\":\n  {\"bond\": 5", &CALL);
        assert!(said.starts_with("FILE is not JSON: line 2, column "), "{said}");
        assert!(said.ends_with(&example), "{said}");
        let said = refused::<Call>("", &CALL);
        assert!(said.starts_with("FILE is not JSON: line 1, column "), "{said}");

        let said = refused::<Call>("{\"staking\": {\n  \"mint\": {} } }", &CALL);
        assert!(said.starts_with("FILE is no call: line 2, column "), "{said}");
        assert!(said.contains(": unknown variant `mint`, expected "), "{said}");
        assert!(said.ends_with(&example), "{said}");
        let said = refused::<Call>("{\"staking\": {\"bond\": {\"amount\": \"5\", \"tip\": \"1\"}}}", &CALL);
        assert!(said.contains("is no call: line 1, column ") && said.contains("unknown field `tip`"), "{said}");
        for text in ["[]", "5", "{}", MOTION.example, "{\"staking\":{\"bond\":{\"amount\":\"-1\"}}}"] {
            assert!(refused::<Call>(text, &CALL).starts_with("FILE is no call: line 1, column "), "{text}");
        }
        let two = format!("{} {}", CALL.example, CALL.example);
        assert!(refused::<Call>(&two, &CALL).contains("trailing characters"), "{two}");
        assert!(refused::<Motion>(CALL.example, &MOTION).contains(MOTION.example));
    }

    #[test]
    fn a_file_has_a_bound() {
        let long = |spaces: usize| format!("{}{}", " ".repeat(spaces), CALL.example);
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(long(MOST_BYTES as usize - CALL.example.len()).as_bytes()).unwrap();
        assert!(read::<Call>(file.path(), &CALL).is_ok());
        let said = refused::<Call>(&long(MOST_BYTES as usize), &CALL);
        assert!(said.starts_with("FILE has more than 1048576 bytes"), "{said}");
        let absent = read::<Call>(Path::new("/nonexistent/call.json"), &CALL).unwrap_err().to_string();
        assert!(absent.starts_with("/nonexistent/call.json cannot be read: "), "{absent}");
    }
}
