//! Templates and the texts that meet them.

use crate::Pattern;
use parity_scale_codec::{DecodeAll, Encode};
use proptest::prelude::*;

fn pattern(text: &str) -> Pattern {
    text.parse().unwrap()
}

#[test]
fn a_text_meets_a_pattern_or_does_not() {
    let (hash, short, upper) = ("0123456789abcdef".repeat(3), "a".repeat(39), "A".repeat(40));
    let (name, long) = ("x".repeat(64), "x".repeat(65));
    for (template, met, not_met) in [
        (
            "CHG-{n}",
            vec!["CHG-0", "CHG-41", "CHG-999999999999999999"],
            vec!["", "CHG-", "CHG-041", "CHG-1000000000000000000"],
        ),
        ("CHG-{n}", vec!["CHG-7"], vec!["chg-7", " CHG-7", "CHG-7 ", "CHG-7a", "CHG--7", "CHG-٣"]),
        ("cfgp-{YYYY}.{MM}.{DD}.{n}", vec!["cfgp-2026.11.28.1"], vec!["cfgp-2026.02.29.1", "cfgp-2026.13.01.1"]),
        (
            "{YYYY}-{MM}-{DD}",
            vec!["2024-02-29", "2000-02-29"],
            vec!["1900-02-29", "2024-04-31", "2024-01-00", "24-01-01"],
        ),
        ("{DD}.{MM}", vec!["29.02"], vec!["30.02", "31.04", "1.1"]),
        ("DV-{YYYY}-{d4}", vec!["DV-2026-0001"], vec!["DV-2026-001", "DV-2026-00001"]),
        ("{hex40}", vec![&hash[..40]], vec![&hash[..41], short.as_str(), upper.as_str()]),
        ("{name}/x", vec!["a/x", "v1.2/x"], vec!["/x", "-a/x", "a/b/x"]),
        ("{name}", vec![name.as_str()], vec!["", "a b", long.as_str()]),
        ("build *", vec!["build ", "build of ünicode"], vec!["build", "a build "]),
        ("{utc}", vec!["2026-11-28T09:30:00Z", "2026-11-28T23:59:59.123456789Z"], vec!["2026-11-28T09:30:00+00:00"]),
        (
            "{utc}",
            vec!["2024-02-29T00:00:00.1Z"],
            vec!["2026-02-29T00:00:00Z", "2026-11-28T24:00:00Z", "2026-11-28T09:60:00Z"],
        ),
        (
            "{utc}",
            vec![],
            vec!["2026-11-28T09:30:60Z", "2026-11-28t09:30:00z", "2026-11-28T09:30:00.Z", "2026-11-28T09:30Z"],
        ),
    ] {
        met.iter().for_each(|text| assert!(pattern(template).matches(text), "{template} {text:?}"));
        not_met.iter().for_each(|text| assert!(!pattern(template).matches(text), "{template} {text:?}"));
    }
}

#[test]
fn a_key_is_the_rows_own_and_without_one_nothing_is_met() {
    let rows = pattern("TC-FR-{key}-*");
    assert!(rows.matches_for("TC-FR-1001-a", "1001") && rows.matches_for("TC-FR-1001-", "1001"));
    assert!(!rows.matches_for("TC-FR-1002-a", "1001") && !rows.matches_for("TC-FR-10011-a", "1001"));
    assert!(!rows.matches("TC-FR-1001-a"));
    assert!(pattern("x{n}").matches_for("x7", "1001"), "a pattern that has none needs none");
}

#[test]
fn what_is_no_pattern_is_told_with_what_would_be() {
    let long = "x".repeat(129);
    for (bad, part) in [
        ("", "it is empty"),
        (&*long, "more than 128 bytes"),
        ("{N}", "{N} is no placeholder; there are {YYYY}, {MM}"),
        ("{n", "a brace is opened and not closed"),
        ("n}", "is no pattern"),
        ("}", "a brace is closed that was not opened"),
        ("a*b", "write it last"),
        ("**", "write it last"),
        ("ä", "visible ASCII"),
        ("a\tb", "visible ASCII"),
        ("{n}7", "a digit may follow {n}"),
        ("{n}{n}", "a digit may follow {n}"),
        ("{n}{YYYY}", "a digit may follow {n}"),
        ("{n}{utc}", "a digit may follow {n}"),
        ("{n}{hex40}", "a digit may follow {n}"),
        ("{n}{name}", "a digit may follow {n}"),
        ("{n}{key}", "a digit may follow {n}"),
        ("{name}-x", "may follow {name}"),
        ("{name}{n}", "may follow {name}"),
        ("{name}{hex40}", "may follow {name}"),
        ("{MM}/{MM}", "a pattern has one date"),
    ] {
        let said = bad.parse::<Pattern>().unwrap_err();
        assert!(said.contains("is no pattern: ") && said.contains(part), "{said}");
        assert!(Pattern::decode_all(&mut &bad.to_owned().encode()[..]).is_err(), "{bad}");
        assert!(serde_json::from_value::<Pattern>(bad.into()).is_err(), "{bad}");
    }
    for good in ["{n}*", "{name}*", "{n}.{n}", "{n}a", "{name}/{name}", "{d4}{d4}", "{d4}7", "x", "*"] {
        assert_eq!(Pattern::parse(good).unwrap().as_str(), good);
    }
}

proptest! {
    #[test]
    fn what_a_template_was_filled_with_meets_it(
        n in 0u64..1_000_000_000_000_000_000, d in 0u16..10_000,
        name in "[A-Za-z0-9][A-Za-z0-9._-]{0,63}", rest in ".*"
    ) {
        let template = pattern("REL-{n}: {name}/{d4} *");
        let (filled, padded) = (format!("REL-{n}: {name}/{d:04} {rest}"), format!("REL-0{n}: {name}/{d:04} {rest}"));
        prop_assert!(template.matches(&filled));
        prop_assert!(!template.matches(&padded));
    }

    #[test]
    fn whatever_is_read_as_a_template_is_the_same_after_bytes_and_json_and_judges_every_text(
        template in r"([a-z7 *{}]|\{(YYYY|MM|DD|n|d4|hex40|utc|name|key)\}){0,9}", text in ".{0,40}"
    ) {
        if let Ok(read) = Pattern::parse(&template) {
            prop_assert_eq!(Pattern::decode_all(&mut &read.encode()[..]).unwrap(), read.clone());
            let json = serde_json::to_value(&read).unwrap();
            prop_assert_eq!(serde_json::from_value::<Pattern>(json).unwrap(), read.clone());
            let (is_literal, is_met) = (!template.contains(['{', '*']), read.matches(&text));
            prop_assert!(!is_literal || (read.matches(&template) && is_met == (text == template)));
        }
    }
}
