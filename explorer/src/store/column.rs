//! Columns that hold values of the chain: as JSON, or as the word that JSON has for them.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A column holds something else than was written there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {why}")]
pub struct MalformedColumn {
    /// What should stand there.
    pub what: String,
    /// What is wrong with it.
    pub why: String,
}

fn malformed(what: &str, error: &serde_json::Error) -> MalformedColumn {
    MalformedColumn { what: what.to_owned(), why: error.to_string() }
}

/// A value as JSON; chain types always have one.
pub fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| unreachable!("a chain type has no JSON: {error}"))
}

/// A value from JSON that this program wrote.
///
/// # Errors
/// Something else stands there.
pub fn parsed<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, MalformedColumn> {
    serde_json::from_str(text).map_err(|error| malformed(what, &error))
}

/// A text that is a value of a chain type, such as a hash or a status.
///
/// # Errors
/// Something else stands there.
pub fn typed<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, MalformedColumn> {
    serde_json::from_value(text.into()).map_err(|error| malformed(what, &error))
}

/// A value whose JSON is a word, as that word, which [`typed`] reads.
pub fn word<T: Serialize>(value: &T) -> String {
    json(value).trim_matches('"').to_owned()
}

/// The inside of a JSON object, of which several columns may hold a part each.
pub fn inside(object: String) -> String {
    let inside = object.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    inside.unwrap_or_default().to_owned()
}
