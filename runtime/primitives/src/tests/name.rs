//! Names, paths and patterns of paths.

use crate::{Name, Path, ScopePattern};
use parity_scale_codec::{DecodeAll, Encode};
use proptest::prelude::*;

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

fn pattern(text: &str) -> ScopePattern {
    text.parse().unwrap()
}

/// Names that sort unlike their texts would within paths, one that no pattern of these tests has among them.
fn name() -> impl Strategy<Value = Name> {
    prop::sample::select(vec!["a", "a-b", "a.b", "ab", "A", "b", "0", "unknown"])
        .prop_map(|text| Name::new(text).unwrap())
}

fn paths() -> impl Strategy<Value = Path> {
    prop::collection::vec(name(), 0..=4).prop_map(|names| Path::new(names).unwrap())
}

fn patterns() -> impl Strategy<Value = ScopePattern> {
    let level = prop::sample::select(vec!["a", "a-b", "b", "*", "*"]);
    (prop::collection::vec(level, 0..=3), any::<bool>()).prop_map(|(mut levels, is_open)| {
        levels.extend(is_open.then_some("**"));
        pattern(&levels.join("/"))
    })
}

/// Every path of names that patterns of these tests have, and of one that none has.
fn every_path() -> Vec<Path> {
    let names = ["a", "a-b", "b", "unknown"].map(|text| Name::new(text).unwrap());
    let mut all: Vec<Vec<Name>> = vec![Vec::new()];
    let mut last = all.clone();
    for _ in 0..4 {
        let longer = |head: &Vec<Name>, name: &Name| [head.as_slice(), std::slice::from_ref(name)].concat();
        last = last.iter().flat_map(|head| names.iter().map(move |name| longer(head, name))).collect();
        all.extend(last.iter().cloned());
    }
    all.into_iter().map(|names| Path::new(names).unwrap()).collect()
}

#[test]
fn a_name_has_1_to_64_plain_characters_and_begins_with_a_letter_or_a_digit() {
    let longest = "x".repeat(64);
    for good in ["a", "Z", "7", "promote.submit", "FR-P7-1001", "v1.2_3", "a..", &longest] {
        let name = Name::new(good).unwrap();
        assert_eq!((name.as_str(), name.to_string().as_str(), format!("{name:?}")), (good, good, format!("{good:?}")));
        assert_eq!(format!(" {good}\n").parse(), Ok(name.clone()));
        assert_eq!(serde_json::to_value(&name).unwrap(), good);
        assert_eq!(name.encode(), [good.as_bytes(), &[0]].concat());
        assert_eq!(name.size_hint(), name.encode().len());
    }
    let long = "x".repeat(65);
    for bad in ["", "-a", ".a", "_a", "a b", "a/b", "a*", "*", "ä", "a\0", "a\n", &long] {
        assert!(Name::new(bad).is_none() && serde_json::from_value::<Name>(bad.into()).is_err(), "{bad:?}");
        assert!(Name::decode_all(&mut &[bad.as_bytes(), &[0]].concat()[..]).is_err(), "{bad:?}");
    }
    let said = "-a".parse::<Name>().unwrap_err();
    assert!(said.starts_with("\"-a\" is no name; write 1 to 64 letters"), "{said}");
    assert!(serde_json::from_value::<Name>(" a".into()).is_err(), "JSON has one form");
    assert!(Name::decode_all(&mut &b"a"[..]).is_err(), "it does not end");
    assert!(Name::decode_all(&mut &b"a\0b"[..]).is_err(), "it ends before its bytes do");
}

#[test]
fn a_path_has_four_names_at_most_and_the_empty_one_is_the_root() {
    let root = Path::root();
    assert_eq!((root.depth(), root.is_root(), root.parent(), root.as_str()), (0, true, None, ""));
    assert_eq!((Path::ROOT, Path::default(), path("")), (root.clone(), root.clone(), root.clone()));
    assert_eq!(root.encode(), [0]);
    let deep = path("PROD/t1/b2");
    assert_eq!((deep.depth(), deep.names().collect::<Vec<_>>()), (3, vec!["PROD", "t1", "b2"]));
    assert_eq!(deep.encode(), b"PROD\0t1\0b2\0\0");
    let above: Vec<String> = deep.ancestors().map(|path| path.to_string()).collect();
    assert_eq!(above, ["PROD/t1/b2", "PROD/t1", "PROD", ""]);
    for bad in ["/", "a/", "/a", "a//b", "a/b/c/d/e", "a/ b", "a/*", "**"] {
        assert!(bad.parse::<Path>().is_err() && serde_json::from_value::<Path>(bad.into()).is_err(), "{bad:?}");
    }
    let five = ["a", "b", "c", "d", "e"].map(|text| Name::new(text).unwrap());
    assert!(Path::new(five.clone()).is_none() && Path::new(five.into_iter().take(4)) == Some(path("a/b/c/d")));
    for bad in [b"a\0b\0c\0d\0e\0\0".as_slice(), b"a\0", b"a/b\0\0", b"-\0\0", b"", b"a\0\0\0"] {
        assert!(Path::decode_all(&mut &bad[..]).is_err(), "{bad:?}");
    }
    let said = "a/b/c/d/e".parse::<Path>().unwrap_err();
    assert!(said.contains("more than four names"), "{said}");
}

#[test]
fn a_path_lies_under_what_its_names_begin_with_and_not_under_what_its_text_begins_with() {
    for (inner, outer, is_under) in [
        ("PROD/t1/b2", "PROD/t1", true),
        ("PROD/t1", "PROD/t1", true),
        ("PROD/t1", "", true),
        ("", "", true),
        ("", "PROD", false),
        ("PROD/t1", "PROD/t1/b2", false),
        ("PROD/t10", "PROD/t1", false),
        ("PRODUCT", "PROD", false),
    ] {
        assert_eq!(path(inner).is_under(&path(outer)), is_under, "{inner} {outer}");
    }
}

#[test]
fn a_pattern_covers_what_its_levels_say() {
    for (covering, covered, not_covered) in [
        ("**", vec!["", "a", "a/b/c/d"], vec![]),
        ("", vec![""], vec!["a"]),
        ("*", vec!["a", "b"], vec!["", "a/b"]),
        ("PROD", vec!["PROD"], vec!["", "PROD/t1", "prod"]),
        ("PROD/**", vec!["PROD", "PROD/t1", "PROD/t1/b2/c"], vec!["", "DEV", "PRODUCT"]),
        ("*/t1/**", vec!["PROD/t1", "PROD/t1/b2", "DEV/t1"], vec!["", "PROD", "t1", "PROD/t2", "PROD/t10"]),
        ("*/*", vec!["a/b"], vec!["a", "a/b/c"]),
    ] {
        covered.iter().for_each(|text| assert!(pattern(covering).covers(&path(text)), "{covering} {text}"));
        not_covered.iter().for_each(|text| assert!(!pattern(covering).covers(&path(text)), "{covering} {text}"));
    }
    assert_eq!(ScopePattern::everywhere(), pattern("**"));
    assert_eq!([Path::ROOT, path("a/b")].map(|path| ScopePattern::exactly(&path)), [pattern(""), pattern("a/b")]);
}

#[test]
fn what_is_no_pattern_is_told_with_what_would_be() {
    for (bad, part) in [
        ("**/a", "write it last"),
        ("a/**/b", "write it last"),
        ("a/b/c/d/e", "more than four levels"),
        ("a/b/c/d/**", "more than four levels"),
        ("a*", "`*` for any one"),
        ("***", "`*` for any one"),
        ("/a", "`*` for any one"),
        ("a/", "`*` for any one"),
    ] {
        let said = bad.parse::<ScopePattern>().unwrap_err();
        assert!(said.starts_with(&format!("{bad:?} is no pattern of paths: ")) && said.contains(part), "{said}");
        assert!(ScopePattern::decode_all(&mut &bad.to_owned().encode()[..]).is_err(), "{bad}");
        assert!(serde_json::from_value::<ScopePattern>(bad.into()).is_err(), "{bad}");
    }
}

#[test]
fn a_pattern_includes_another_exactly_when_it_covers_all_that_the_other_covers() {
    let levels = ["a", "b", "*"];
    let mut all: Vec<String> = vec![String::new()];
    for first in levels {
        all.push(first.into());
        all.extend(levels.map(|second| format!("{first}/{second}")));
    }
    let open: Vec<String> =
        all.iter().map(|text| if text.is_empty() { "**".into() } else { format!("{text}/**") }).collect();
    let all: Vec<ScopePattern> = all.iter().chain(&open).map(|text| pattern(text)).collect();
    let paths = every_path();
    for outer in &all {
        for inner in &all {
            let covered = paths.iter().filter(|path| inner.covers(path)).all(|path| outer.covers(path));
            assert_eq!(outer.includes(inner), covered, "{outer} {inner}");
        }
    }
}

proptest! {
    #[test]
    fn names_and_paths_sort_as_their_bytes_do_and_none_begins_with_another(a in paths(), b in paths()) {
        let (left, right) = (a.encode(), b.encode());
        prop_assert_eq!(a.cmp(&b), left.cmp(&right));
        prop_assert!(a == b || !left.starts_with(&right));
        for (a, b) in a.names().zip(b.names()) {
            let (a, b) = (Name::new(a).unwrap(), Name::new(b).unwrap());
            prop_assert_eq!(a.cmp(&b), a.encode().cmp(&b.encode()));
            prop_assert!(a == b || !a.encode().starts_with(&b.encode()));
        }
    }

    #[test]
    fn paths_are_the_same_after_bytes_json_and_text(a in paths()) {
        prop_assert_eq!(Path::decode_all(&mut &a.encode()[..]).unwrap(), a.clone());
        prop_assert_eq!(serde_json::from_value::<Path>(serde_json::to_value(&a).unwrap()).unwrap(), a.clone());
        prop_assert_eq!(a.to_string().parse::<Path>(), Ok(a.clone()));
        prop_assert!(a.encode().len() <= Path::MOST_ENCODED as usize && a.encode().len() == a.size_hint());
    }

    #[test]
    fn whatever_decodes_as_a_path_is_encoded_as_it_was(
        bytes in prop::collection::vec(prop::sample::select(b"aZ0.-/*\0\0\0".to_vec()), 0..12)
    ) {
        if let Ok(path) = Path::decode_all(&mut &bytes[..]) {
            prop_assert_eq!(path.encode(), bytes);
        }
    }

    #[test]
    fn a_path_lies_under_each_of_its_ancestors_and_they_end_at_the_root(a in paths(), b in paths()) {
        let above: Vec<Path> = a.ancestors().collect();
        prop_assert_eq!(above.len(), a.depth() + 1);
        prop_assert_eq!(above.last(), Some(&Path::ROOT));
        prop_assert!(above.iter().all(|path| a.is_under(path)));
        prop_assert_eq!(a.is_under(&b), above.contains(&b));
    }

    #[test]
    fn patterns_include_themselves_and_what_those_include_that_they_include(
        a in patterns(), b in patterns(), c in patterns(), path in paths()
    ) {
        prop_assert!(a.includes(&a) && ScopePattern::everywhere().includes(&a));
        prop_assert!(!(a.includes(&b) && b.includes(&c)) || a.includes(&c));
        prop_assert!(!(a.includes(&b) && b.covers(&path)) || a.covers(&path));
        prop_assert_eq!(ScopePattern::decode_all(&mut &a.encode()[..]).unwrap(), a.clone());
        prop_assert_eq!(serde_json::from_value::<ScopePattern>(serde_json::to_value(&a).unwrap()).unwrap(), a);
    }
}
