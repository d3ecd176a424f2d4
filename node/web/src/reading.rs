//! What strangers send, as it is read here, for whoever checks that alone: the fuzzer gives these whatever it makes up.

use crate::asked::AskedContext;
use crate::etag;
use crate::locales::Locales;
use flags::ContextValue;
use serde_json::{Map, Value};

/// Why something is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedBody {
    /// The status of the answer.
    pub status: u16,
    /// OpenFeature's code.
    pub code: &'static str,
    /// The sentence.
    pub sentence: String,
}

/// The body of a request to evaluate, written again with what is known of it: numbers as texts, which keep all of their digits.
///
/// # Errors
/// Why it is not taken.
pub fn body(bytes: &[u8]) -> Result<String, RefusedBody> {
    let asked = AskedContext::read(bytes).map_err(|refusal| RefusedBody {
        status: refusal.status().as_u16(),
        code: refusal.code(),
        sentence: refusal.to_string(),
    })?;
    let known = asked.all().map(|(name, value)| {
        let value = match value {
            ContextValue::Bool(value) => Value::Bool(value),
            ContextValue::Number(number) => Value::String(number.to_string()),
            ContextValue::Text(text) => Value::String(text.to_owned()),
        };
        (name.to_owned(), value)
    });
    let context: Map<String, Value> = known.collect();
    Ok(Value::Object(Map::from_iter([("context".to_owned(), Value::Object(context))])).to_string())
}

/// The tag of the language in which somebody is answered who accepts these, as `Accept-Language` says it.
pub fn language(locales: &Locales, accept: &str) -> String {
    locales.tag(locales.accepted(accept)).to_owned()
}

/// Whether whoever sends this as `If-None-Match` has what bears a tag.
pub fn is_known(if_none_match: &str, tag: &str) -> bool {
    etag::matches(if_none_match, tag)
}
