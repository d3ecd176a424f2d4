//! The sentences for codes: is every code of a plan said in English, and does the other language say the same with the same fields?

use crate::files::Given;
use rollouts::verdict::EMPTY_SEGMENT;
use std::collections::{BTreeMap, BTreeSet};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../config/locales");
/// What a sentence about a finding may name.
const FIELDS: [&str; 4] = ["plan", "stage", "keys", "owners"];

fn sentences(locale: &str) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(format!("{FOLDER}/{locale}.toml")).unwrap();
    toml::from_str(&text).unwrap()
}

/// The fields of a sentence, each between braces.
fn fields(sentence: &str) -> BTreeSet<&str> {
    sentence.split('{').skip(1).map(|rest| rest.split_once('}').unwrap().0).collect()
}

#[test]
fn every_code_of_a_check_has_a_sentence_and_no_other_code_has_one_but_refusals() {
    let plans = [Given::chain(), Given::pos(), Given::trunk()].map(|given| given.loaded().plan);
    let codes = plans.iter().flat_map(|plan| plan.checks.iter()).map(|check| check.code.to_string());
    let codes: BTreeSet<String> = codes.chain([EMPTY_SEGMENT.to_owned()]).collect();
    let said: BTreeSet<String> = sentences("en-US").into_keys().filter(|code| !code.starts_with("E_")).collect();
    assert_eq!(said, codes);
}

#[test]
fn findings_name_their_checks_and_refusals_have_no_fields() {
    for (code, sentence) in sentences("en-US") {
        let fields = fields(&sentence);
        let fits = if code.starts_with("E_") { fields.is_empty() } else { fields.contains("keys") };
        assert!(fits && fields.iter().all(|field| FIELDS.contains(field)), "{code}: {sentence}");
    }
}

#[test]
fn req_137_burmese_says_the_codes_that_english_says_with_the_same_fields() {
    let english = sentences("en-US");
    let burmese = sentences("my-MM");
    assert_eq!(burmese.keys().collect::<Vec<_>>(), english.keys().collect::<Vec<_>>());
    for (code, sentence) in &burmese {
        assert_eq!(fields(sentence), fields(&english[code]), "{code}");
        let is_burmese = |letter: char| ('\u{1000}'..='\u{109f}').contains(&letter);
        assert!(sentence.chars().any(is_burmese), "{code}: {sentence}");
    }
}
