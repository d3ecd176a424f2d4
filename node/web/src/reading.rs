//! What strangers send, as it is read here, for whoever checks that alone: the fuzzer gives these whatever it makes up.

use crate::asked::AskedContext;
use crate::etag;
use crate::locales::Locales;
use crate::query::AskedQuery;
use crate::refusal::Refusal;
use axum::http::Uri;
use flags::ContextValue;
use serde_json::{Map, Value};

/// Why something is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedReading {
    /// The status of the answer.
    pub status: u16,
    /// OpenFeature's code.
    pub code: &'static str,
    /// The sentence.
    pub sentence: String,
}

impl RefusedReading {
    fn of(refusal: &Refusal) -> Self {
        Self { status: refusal.status().as_u16(), code: refusal.code(), sentence: refusal.to_string() }
    }
}

/// The body of a request to evaluate, written again with what is known of it: numbers as texts, which keep all of their digits.
///
/// # Errors
/// Why it is not taken.
pub fn body(bytes: &[u8]) -> Result<String, RefusedReading> {
    let asked = AskedContext::read(bytes).map_err(|refusal| RefusedReading::of(&refusal))?;
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

/// The query of a request, written again with what is known of it.
///
/// # Errors
/// Why it is not taken.
pub fn query(text: &str) -> Result<String, RefusedReading> {
    // A server reads no request with another one.
    let url = format!("/?{text}").parse::<Uri>().map_err(|error| Refusal::Unreadable(error.to_string()));
    let asked = url.and_then(|url| AskedQuery::read(&url)).map_err(|refusal| RefusedReading::of(&refusal))?;
    let known = [
        ("plan", asked.plan.map(|plan| plan.to_string())),
        ("channel", asked.channel),
        // In quotes, so that it is taken as it is.
        ("flagConfigEtag", asked.config_tag.map(|tag| format!("\"{tag}\""))),
    ];
    let encoded = |text: String| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let said = known.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", encoded(value?))));
    Ok(said.collect::<Vec<_>>().join("&"))
}

/// The tag of the language in which somebody is answered who accepts these, as `Accept-Language` says it.
pub fn language(locales: &Locales, accept: &str) -> String {
    locales.tag(locales.accepted(accept)).to_owned()
}

/// Whether whoever sends this as `If-None-Match` has what bears a tag.
pub fn is_known(if_none_match: &str, tag: &str) -> bool {
    etag::matches(if_none_match, tag)
}
