//! What a request to evaluate says: a JSON object with a context, which may be missing, as some providers send `{}`.

use crate::refusal::Refusal;
use flags::Attribute;
use primitives::Decimal;
use serde_json::{Map, Value};

/// The name under which a context says whom it is about.
const TARGETING_KEY: &str = "targetingKey";

/// What is known of whoever is asked about.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct AskedContext(Vec<(String, Attribute)>);

impl AskedContext {
    /// Reads a body.
    ///
    /// # Errors
    /// [`Refusal::Unreadable`] for what is no object, and [`Refusal::Context`] for a context that is none.
    pub fn read(body: &[u8]) -> Result<Self, Refusal> {
        let body: Value = serde_json::from_slice(body).map_err(|error| {
            Refusal::Unreadable(format!("the body is no JSON: {error}; send an object with a context"))
        })?;
        let Value::Object(mut body) = body else {
            return Err(Refusal::Unreadable("the body is no object; send one with a context".into()));
        };
        match body.remove("context") {
            None => Ok(Self::default()),
            Some(Value::Object(context)) => Self::of(context),
            Some(_) => Err(Refusal::Context("the context is no object; send one, or leave it out".into())),
        }
    }

    fn of(context: Map<String, Value>) -> Result<Self, Refusal> {
        if context.get(TARGETING_KEY).is_some_and(|key| !key.is_string()) {
            return Err(Refusal::Context("targetingKey is no text; send a text, or leave it out".into()));
        }
        // What no rule can ask about is not known: lists, objects, null, and numbers that have no exact form here.
        let known = context.into_iter().filter_map(|(name, value)| Some((name, attribute(value)?)));
        Ok(Self(known.collect()))
    }

    /// What is known under a name.
    pub fn get(&self, name: &str) -> Option<&Attribute> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, attribute)| attribute)
    }

    /// All that is known.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Attribute)> {
        self.0.iter().map(|(name, attribute)| (name.as_str(), attribute))
    }
}

fn attribute(value: Value) -> Option<Attribute> {
    match value {
        Value::Bool(value) => Some(Attribute::Bool(value)),
        Value::Number(number) => number.to_string().parse::<Decimal>().ok().map(Attribute::Number),
        Value::String(text) => Some(Attribute::Text(text)),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(body: &str) -> &'static str {
        AskedContext::read(body.as_bytes()).unwrap_err().code()
    }

    #[test]
    fn a_context_and_its_key_may_be_missing() {
        for body in ["{}", "{\"context\":{}}", " {\"context\":{}, \"other\":[1]}\n"] {
            assert_eq!(AskedContext::read(body.as_bytes()), Ok(AskedContext::default()), "{body}");
        }
        let asked = AskedContext::read(br#"{"context":{"targetingKey":"u1","n":7.50,"on":true,"far":[1],"no":null}}"#);
        let asked = asked.unwrap();
        assert_eq!(asked.get("targetingKey"), Some(&Attribute::Text("u1".into())));
        assert_eq!(asked.get("n"), Some(&Attribute::Number("7.5".parse().unwrap())));
        assert_eq!(asked.get("on"), Some(&Attribute::Bool(true)));
        assert_eq!((asked.get("far"), asked.get("no"), asked.all().count()), (None, None, 3));
    }

    #[test]
    fn what_is_no_object_is_a_parse_error_and_what_is_no_context_an_invalid_one() {
        let deep = format!("{{\"context\":{}{}}}", "[".repeat(1_000), "]".repeat(1_000));
        for body in ["", "null", "[]", "7", "\"{}\"", "{", "{\"context\":}", "\u{0}", "{'context':{}}", &deep] {
            assert_eq!(refused(body), "PARSE_ERROR", "{body}");
        }
        assert_eq!(AskedContext::read(b"\xff\xfe{}").unwrap_err().code(), "PARSE_ERROR");
        let bad = ["null", "[]", "7", "\"x\"", "true", "{\"targetingKey\":7}", "{\"targetingKey\":null}"];
        for context in bad {
            assert_eq!(refused(&format!("{{\"context\":{context}}}")), "INVALID_CONTEXT", "{context}");
        }
    }
}
