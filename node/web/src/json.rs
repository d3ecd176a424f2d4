//! Values of JSON as they stand in a body, borrowed from it: what is asked about is read once, and not kept.

use flags::ContextValue;
use primitives::Decimal;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use std::borrow::Cow;
use std::fmt;

/// A value, as far as somebody asks for it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Said<'b> {
    /// Yes or no.
    Bool(bool),
    /// A number that has an exact form here.
    Number(Decimal),
    /// A text.
    Text(Cow<'b, str>),
    /// An object: its fields in the order in which they stand, also several of one name.
    Object(Vec<(Cow<'b, str>, Said<'b>)>),
    /// What nobody asks for: null, a list, and any other number.
    Other,
}

impl Said<'_> {
    /// What a rule can ask of it; none where that is nothing.
    pub fn known(&self) -> Option<ContextValue<'_>> {
        match self {
            Self::Bool(is) => Some(ContextValue::Bool(*is)),
            Self::Number(number) => Some(ContextValue::Number(*number)),
            Self::Text(text) => Some(ContextValue::Text(text)),
            Self::Object(_) | Self::Other => None,
        }
    }

    fn number(number: Option<Decimal>) -> Self {
        number.map_or(Self::Other, Self::Number)
    }
}

impl<'b> Deserialize<'b> for Said<'b> {
    fn deserialize<D: Deserializer<'b>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SaidVisitor)
    }
}

/// The name of a field.
#[derive(Deserialize)]
struct FieldName<'b>(#[serde(borrow)] Cow<'b, str>);

struct SaidVisitor;

impl<'b> Visitor<'b> for SaidVisitor {
    type Value = Said<'b>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, is: bool) -> Result<Said<'b>, E> {
        Ok(Said::Bool(is))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Said<'b>, E> {
        Ok(Said::number(Decimal::new(number, 0)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Said<'b>, E> {
        Ok(Said::number(i64::try_from(number).ok().and_then(|number| Decimal::new(number, 0))))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Said<'b>, E> {
        // Its shortest text is what was meant.
        let number = Number::from_f64(number).and_then(|number| number.to_string().parse().ok());
        Ok(Said::number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Said<'b>, E> {
        Ok(Said::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_borrowed_str<E>(self, text: &'b str) -> Result<Said<'b>, E> {
        Ok(Said::Text(Cow::Borrowed(text)))
    }

    fn visit_unit<E>(self) -> Result<Said<'b>, E> {
        Ok(Said::Other)
    }

    fn visit_seq<A: SeqAccess<'b>>(self, mut list: A) -> Result<Said<'b>, A::Error> {
        // Read as any value is, and not passed over, so that it is JSON and no deeper than that may be.
        while list.next_element::<Said<'b>>()?.is_some() {}
        Ok(Said::Other)
    }

    fn visit_map<A: MapAccess<'b>>(self, mut object: A) -> Result<Said<'b>, A::Error> {
        let mut fields = Vec::new();
        while let Some((FieldName(name), value)) = object.next_entry::<FieldName<'b>, Said<'b>>()? {
            fields.push((name, value));
        }
        Ok(Said::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Said<'_> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_number_is_the_one_that_was_meant_or_none() {
        for (text, number) in [
            ("7", "7"),
            ("7.0", "7"),
            ("-0.25", "-0.25"),
            ("7.50", "7.5"),
            ("0.1", "0.1"),
            ("9223372036854775807", "9223372036854775807"),
            ("-9223372036854775808", "-9223372036854775808"),
        ] {
            assert_eq!(said(text), Said::Number(number.parse().unwrap()), "{text}");
        }
        for other in ["9223372036854775808", "1e300", "0.0000000001", "null", "[1,{}]"] {
            assert_eq!(said(other), Said::Other, "{other}");
        }
    }

    #[test]
    fn a_text_is_borrowed_where_it_stands_as_it_is() {
        assert!(matches!(said("\"a b\""), Said::Text(Cow::Borrowed("a b"))));
        assert_eq!(said(r#""a\u00e9\n""#), Said::Text("a\u{e9}\n".into()));
        let Said::Object(fields) = said(r#"{"a":1,"b\t":true,"a":null}"#) else { panic!("it is an object") };
        let names: Vec<&str> = fields.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["a", "b\t", "a"]);
    }

    #[test]
    fn what_is_deeper_than_json_may_be_or_no_text_is_refused_wherever_it_stands() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let deep = |levels: usize| format!("{}1{}", open.repeat(levels), close.repeat(levels));
            assert!(serde_json::from_str::<Said<'_>>(&deep(100)).is_ok());
            assert!(serde_json::from_str::<Said<'_>>(&deep(1_000)).is_err());
        }
        assert!(serde_json::from_slice::<Said<'_>>(b"[\"\xff\"]").is_err());
    }
}
