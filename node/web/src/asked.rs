//! What a request to evaluate says: a JSON object with a context, which may be missing, as some providers send `{}`.

use crate::json::Said;
use crate::refusal::Refusal;
use flags::ContextValue;
use std::borrow::Cow;

/// The name under which a context says whom it is about.
const TARGETING_KEY: &str = "targetingKey";

/// What is known of whoever is asked about, in the order of its names, of which each stands once.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct AskedContext<'b>(Vec<(Cow<'b, str>, Said<'b>)>);

impl<'b> AskedContext<'b> {
    /// Reads a body.
    ///
    /// # Errors
    /// [`Refusal::Unreadable`] for what is no object, and [`Refusal::Context`] for a context that is none.
    pub fn read(body: &'b [u8]) -> Result<Self, Refusal> {
        let body: Said<'b> = serde_json::from_slice(body).map_err(|error| {
            Refusal::Unreadable(format!("the body is no JSON: {error}; send an object with a context"))
        })?;
        let Said::Object(body) = body else {
            return Err(Refusal::Unreadable("the body is no object; send one with a context".into()));
        };
        // Of several under one name the last counts.
        match body.into_iter().rfind(|(name, _)| name == "context") {
            None => Ok(Self::default()),
            Some((_, Said::Object(context))) => Self::of(context),
            Some(_) => Err(Refusal::Context("the context is no object; send one, or leave it out".into())),
        }
    }

    fn of(mut context: Vec<(Cow<'b, str>, Said<'b>)>) -> Result<Self, Refusal> {
        // The last of each name comes first, and stays there.
        context.reverse();
        context.sort_by(|(one, _), (other, _)| one.cmp(other));
        context.dedup_by(|(earlier, _), (last, _)| earlier == last);
        if context.iter().any(|(name, value)| name == TARGETING_KEY && !matches!(value, Said::Text(_))) {
            return Err(Refusal::Context("targetingKey is no text; send a text, or leave it out".into()));
        }
        // What no rule can ask about is not known: lists, objects, null, and numbers that have no exact form here.
        context.retain(|(_, value)| value.known().is_some());
        Ok(Self(context))
    }

    /// What is known under a name.
    pub fn get(&self, name: &str) -> Option<ContextValue<'_>> {
        let place = self.0.binary_search_by(|(known, _)| (**known).cmp(name)).ok()?;
        self.0.get(place)?.1.known()
    }

    /// All that is known.
    pub fn all(&self) -> impl Iterator<Item = (&str, ContextValue<'_>)> {
        self.0.iter().filter_map(|(name, value)| Some((&**name, value.known()?)))
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
        assert_eq!(asked.get("targetingKey"), Some(ContextValue::Text("u1")));
        assert_eq!(asked.get("n"), Some(ContextValue::Number("7.5".parse().unwrap())));
        assert_eq!(asked.get("on"), Some(ContextValue::Bool(true)));
        assert_eq!((asked.get("far"), asked.get("no"), asked.all().count()), (None, None, 3));
    }

    #[test]
    fn of_several_under_one_name_the_last_counts_also_when_it_is_nothing() {
        let body =
            br#"{"context":7,"context":{"b":1,"a":true,"b":"two","a":null,"targetingKey":7,"targetingKey":"u1"}}"#;
        let asked = AskedContext::read(body).unwrap();
        assert_eq!((asked.get("a"), asked.get("b")), (None, Some(ContextValue::Text("two"))));
        assert_eq!(asked.all().map(|(name, _)| name).collect::<Vec<&str>>(), ["b", "targetingKey"]);
        assert_eq!(refused(r#"{"context":{},"context":7}"#), "INVALID_CONTEXT");
        assert_eq!(refused(r#"{"context":{"targetingKey":"u1","targetingKey":null}}"#), "INVALID_CONTEXT");
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
