//! The one form of an object.

use super::*;
use crate::ObjectFlaw::*;
use proptest::prelude::*;

#[test]
fn objects_come_into_their_one_form() {
    let table = [
        ("{}", "{}"),
        (" { \"b\" : 1 ,\n\"a\":[ true , null,false ] } ", r#"{"a":[true,null,false],"b":1}"#),
        (r#"{"a":-0}"#, r#"{"a":0}"#),
        (r#"{"a":-9007199254740991,"b":9007199254740991}"#, r#"{"a":-9007199254740991,"b":9007199254740991}"#),
        (r#"{"\u0061":"\u00e9\/\u001F\u0008\t"}"#, "{\"a\":\"\u{e9}/\\u001f\\b\\t\"}"),
        (r#"{"a":"\ud83d\ude02"}"#, "{\"a\":\"\u{1f602}\"}"),
        (r#"{"a":"\"\\"}"#, r#"{"a":"\"\\"}"#),
        (r#"{"":{},"a":[]}"#, r#"{"":{},"a":[]}"#),
        // RFC 8785, 3.2.3: units of UTF-16 are compared, so a smiley (D83D) comes before U+FB33.
        ("{\"\u{fb33}\":1,\"\u{1f600}\":2,\"\\r\":3,\"1\":4}", "{\"\\r\":3,\"1\":4,\"\u{1f600}\":2,\"\u{fb33}\":1}"),
    ];
    for (written, form) in table {
        assert_eq!(canonical(written).as_deref(), Ok(form), "{written}");
        assert_eq!(canonical(form).as_deref(), Ok(form), "{form}");
        let is_form = written == form;
        assert_eq!(Value::Object(text(written)).check().is_ok(), is_form, "{written}");
    }
}

#[test]
fn what_is_no_object_is_refused_with_its_place() {
    let deep = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
    let (eight, nine) = (deep(8), deep(9));
    let table = [
        ("", NoObject),
        ("[]", NoObject),
        ("1", NoObject),
        ("{", NoJson { at: 1 }),
        ("{}x", NoJson { at: 2 }),
        ("{\"a\":1,}", NoJson { at: 7 }),
        ("{\"a\":[1,]}", NoJson { at: 8 }),
        ("{,}", NoJson { at: 1 }),
        ("{\"a\" 1}", NoJson { at: 5 }),
        ("{a:1}", NoJson { at: 1 }),
        ("{\"a\":01}", NoJson { at: 5 }),
        ("{\"a\":-}", NoJson { at: 6 }),
        ("{\"a\":+1}", NoJson { at: 5 }),
        ("{\"a\":1.0}", Fraction { at: 6 }),
        ("{\"a\":1e3}", Fraction { at: 6 }),
        ("{\"a\":9007199254740992}", TooLarge { at: 21 }),
        ("{\"a\":99999999999999999999}", TooLarge { at: 25 }),
        ("{\"a\":1,\"b\":2,\"\\u0061\":3}", KeyTwice { at: 24 }),
        ("{\"a\":\"\n\"}", NoJson { at: 6 }),
        ("{\"a\":\"\\x\"}", NoJson { at: 7 }),
        ("{\"a\":\"\\ud83d\"}", NoJson { at: 12 }),
        ("{\"a\":\"\\ud83d\\u0061\"}", NoJson { at: 18 }),
        ("{\"a\":\"\\ude02\"}", NoJson { at: 12 }),
        ("{\"a\":\"\\u+123\"}", NoJson { at: 8 }),
        ("{\"a\":tru}", NoJson { at: 5 }),
        (nine.as_str(), TooDeep),
    ];
    for (written, flaw) in table {
        assert_eq!(canonical(written), Err(flaw), "{written}");
    }
    assert!(canonical(&eight).is_ok());
    assert_eq!(Value::Object(text("{ }")).check(), Err(ValueFlaw::BadObject(NotCanonical)));
}

/// JSON without fractions, not deeper than seven.
fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        (-MOST_WHOLE..=MOST_WHOLE).prop_map(serde_json::Value::from),
        any::<String>().prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(6, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..5).prop_map(object),
        ]
    })
}

fn object(entries: std::collections::BTreeMap<String, serde_json::Value>) -> serde_json::Value {
    entries.into_iter().collect::<serde_json::Map<_, _>>().into()
}

proptest! {
    #[test]
    fn the_form_of_an_object_means_the_same_and_is_its_own_form(
        entries in prop::collection::btree_map(any::<String>(), json(), 0..5)
    ) {
        let written = object(entries);
        let form = canonical(&serde_json::to_string_pretty(&written).unwrap()).unwrap();
        prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&form).unwrap(), written);
        prop_assert_eq!(canonical(&form), Ok(form.clone()));
        if let Some(text) = Text::new(form) {
            prop_assert_eq!(Value::Object(text).check(), Ok(()));
        }
    }

    #[test]
    fn any_text_is_an_object_or_refused(written in "[{}\\[\\]\",:0-9a-f\\\\u.eE+ -]{0,40}") {
        // Others read this one as a float.
        prop_assume!(!written.contains("-0"));
        if let Ok(form) = canonical(&written) {
            let meant = serde_json::from_str::<serde_json::Value>(&written).unwrap();
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&form).unwrap(), meant);
        }
    }
}
