//! A flag as answers have it: written once when it is compiled, so that answering is putting pieces together.
//!
//! `key, value, reason, variant` are always there, of a disabled flag too: an application that fails closed wants the value. Numbers
//! keep their kind, `1` for whole ones and `1.0` for others, because clients check types (ROLLOUTS 12.3).

use flags::{EvaluationReason, Expiry, ListedFlag, Resolution, Risk, Value};
use primitives::{Name, Timestamp};
use std::fmt::Write as _;
use std::time::{Duration, UNIX_EPOCH};

/// A flag, written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WrittenFlag {
    /// `{"key":K,`
    key: String,
    /// Of each variant, in its place: `"value":V,` and `"variant":N,`.
    variants: Box<[(String, String)]>,
    /// What stands before the version in the metadata, and behind it.
    metadata: (String, String),
}

impl WrittenFlag {
    /// Writes a flag of a plan.
    pub fn of(plan: &Name, listed: &ListedFlag) -> Self {
        let flag = &listed.defined.flag;
        let variants = flag.variants.iter();
        let variants = variants.map(|variant| {
            (format!("\"value\":{},", json(&variant.value)), format!("\"variant\":{},", quoted(variant.name.as_str())))
        });
        let expires = match flag.expires {
            Expiry::At(at) => date(at).map(|date| format!(",\"expires\":{}", quoted(&date))),
            Expiry::Never => None,
        };
        let risk = match flag.risk {
            Risk::Low => "low",
            Risk::High => "high",
        };
        let before = format!(
            "\"metadata\":{{\"plan\":{},\"owner\":{},\"version\":",
            quoted(plan.as_str()),
            quoted(flag.owner.as_str())
        );
        let behind = format!("{},\"expired\":{},\"risk\":\"{risk}\"}}}}", expires.unwrap_or_default(), listed.expired);
        Self {
            key: format!("{{\"key\":{},", quoted(flag.key.as_str())),
            variants: variants.collect(),
            metadata: (before, behind),
        }
    }

    /// Writes what it serves behind what is written already: `{"key":…}`, a failure where nothing could be drawn.
    pub fn write(&self, resolution: Resolution, out: &mut String) {
        out.push_str(&self.key);
        let variant = self.variants.get(usize::from(resolution.variant));
        let (Some((value, name)), None) = (variant, resolution.reason.error_code()) else {
            let code = resolution.reason.error_code().unwrap_or("GENERAL");
            let details = "a rule of the flag draws by targetingKey, and the context has none; send one";
            let _ = write!(out, "\"errorCode\":\"{code}\",\"errorDetails\":{}}}", quoted(details));
            return;
        };
        let reason = match resolution.reason {
            EvaluationReason::Static => "STATIC",
            EvaluationReason::Default => "DEFAULT",
            EvaluationReason::TargetingMatch => "TARGETING_MATCH",
            EvaluationReason::Split => "SPLIT",
            EvaluationReason::Disabled => "DISABLED",
            EvaluationReason::Error => "ERROR",
        };
        let (before, behind) = &self.metadata;
        for piece in [value, "\"reason\":\"", reason, "\",", name, before] {
            out.push_str(piece);
        }
        // Writing to a string cannot fail.
        let _ = write!(out, "{}", resolution.version);
        out.push_str(behind);
    }
}

/// A text in JSON.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A value in JSON, each number as its kind is written.
pub(crate) fn json(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Number(number) => {
            let text = number.to_string();
            if text.contains('.') { text } else { format!("{text}.0") }
        }
        Value::Text(text) => quoted(text.as_str()),
        // In its one form already.
        Value::Object(text) => text.as_str().to_owned(),
    }
}

/// A time as RFC 3339 writes it; none beyond the year 9999.
pub(crate) fn date(at: Timestamp) -> Option<String> {
    // The first second of the year 10000.
    const BEYOND_MS: u64 = 253_402_300_800_000;
    let since = Duration::from_millis(at.0);
    (at.0 < BEYOND_MS).then(|| humantime::format_rfc3339_seconds(UNIX_EPOCH + since).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{name, switch, text};
    use flags::{DefinedFlag, Flag, Variant};
    use primitives::{Height, List};

    fn of(flag: &Flag, resolution: Resolution) -> String {
        let expired = flag.expires.is_over(Timestamp(1_000));
        let listed = ListedFlag { defined: DefinedFlag { flag: flag.clone(), since: Height(1) }, expired };
        let mut out = String::new();
        WrittenFlag::of(&name("pos"), &listed).write(resolution, &mut out);
        out
    }

    fn served(variant: u8, reason: EvaluationReason) -> Resolution {
        Resolution { variant, reason, version: Height(48_213) }
    }

    #[test]
    fn an_answer_has_its_fields_in_this_order_and_numbers_keep_their_kind() {
        let flag = switch("risk");
        assert_eq!(
            of(&flag, served(1, EvaluationReason::Static)),
            r#"{"key":"risk","value":true,"reason":"STATIC","variant":"on","metadata":{"plan":"pos","owner":"OWNER","version":48213,"expired":false,"risk":"low"}}"#
        );
        let values = [
            (Value::Int(1), "1"),
            (Value::Number("1".parse().unwrap()), "1.0"),
            (Value::Number("-0.25".parse().unwrap()), "-0.25"),
            (Value::Text(text("a\"b\u{7}é")), "\"a\\\"b\\u0007é\""),
            (Value::Object(text(r#"{"a":[1,{"b":null}]}"#)), r#"{"a":[1,{"b":null}]}"#),
        ];
        for (value, written) in values {
            assert_eq!(json(&value), written);
            let variants = List::try_from(vec![Variant { name: name("v"), value }]).unwrap();
            let answer = of(&Flag { variants, ..flag.clone() }, served(0, EvaluationReason::Disabled));
            let read: serde_json::Value = serde_json::from_str(&answer).unwrap();
            assert_eq!((&read["variant"], &read["reason"]), (&"v".into(), &"DISABLED".into()));
        }
    }

    #[test]
    fn a_flag_says_until_when_it_is_meant_to_be_there_and_whether_that_is_over() {
        let until = |ms: u64| {
            let flag = Flag { expires: Expiry::At(Timestamp(ms)), ..switch("a") };
            let answer: serde_json::Value =
                serde_json::from_str(&of(&flag, served(0, EvaluationReason::Default))).unwrap();
            (answer["metadata"]["expires"].clone(), answer["metadata"]["expired"].clone())
        };
        assert_eq!(until(1_000), ("1970-01-01T00:00:01Z".into(), true.into()));
        assert_eq!(until(1_771_622_898_000), ("2026-02-20T21:28:18Z".into(), false.into()));
        assert_eq!(until(u64::MAX), (serde_json::Value::Null, false.into()));
    }

    #[test]
    fn nothing_is_served_where_it_would_have_to_be_drawn_without_a_key() {
        let answer = of(&switch("a"), served(0, EvaluationReason::Error));
        let read: serde_json::Value = serde_json::from_str(&answer).unwrap();
        assert_eq!((&read["key"], &read["errorCode"]), (&"a".into(), &"TARGETING_KEY_MISSING".into()));
        assert!(read.get("value").is_none() && read["errorDetails"].is_string());
    }
}
