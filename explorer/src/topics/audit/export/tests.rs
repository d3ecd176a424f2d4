//! Exports, held against what other systems ask of them.

use super::super::answer::AuditEntry;
use super::csv::{HEAD, cell};
use super::{BUDGET, ExportFormat, ExportRow, csv, held, ocsf};
use primitives::{ChainPosition, Epoch, Height, Timestamp};
use runtime::testing::examples;
use runtime::{Cause, Fact};
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

fn entry(fact: Fact) -> AuditEntry {
    let at = ChainPosition { height: Height(7), epoch: Epoch(1), time: Timestamp(1_772_323_200_000) };
    let kept = Some(Timestamp(1_803_859_200_000));
    AuditEntry { retention_expires_at: kept, legal_hold_active: true, ..AuditEntry::of(at, 3, fact) }
}

/// Every kind of fact there is.
fn entries() -> Vec<AuditEntry> {
    let happened = examples::events().into_iter().map(Ok);
    let refused = examples::errors().into_iter().map(Err);
    happened.chain(refused).map(|outcome| entry(Fact { cause: Cause::Clock, outcome })).collect()
}

/// The fields of a line, by RFC 4180.
fn fields(line: &str) -> Vec<String> {
    let (mut found, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = line.strip_suffix("\r\n").expect("a line has its end").chars().peekable();
    while let Some(next) = chars.next() {
        match next {
            '"' if quoted && chars.peek() == Some(&'"') => field.extend(chars.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => found.push(std::mem::take(&mut field)),
            other => field.push(other),
        }
    }
    assert!(!quoted, "a quote is open: {line}");
    found.push(field);
    found
}

#[test]
fn req_154_every_kind_of_fact_is_a_line_with_as_many_fields_as_the_head() {
    let head = fields(HEAD);
    for entry in entries() {
        let line = csv::line(&ExportRow::of(&entry));
        let fields = fields(&line);
        assert_eq!(fields.len(), head.len(), "{line}");
        let at = |name: &str| fields[head.iter().position(|column| column == name).unwrap()].as_str();
        assert_eq!((at("kind"), at("decision") == "DENY"), (entry.kind.as_str(), entry.refused));
        assert_eq!(at("sentence").trim_start_matches('\''), entry.sentence);
        assert_eq!((at("time"), at("legal_hold_active")), ("2026-03-01T00:00:00Z", "true"));
        assert!(["AUDIT", "SECURITY", "COMPLIANCE", "METRICS"].contains(&at("class")), "{line}");
        assert_eq!(at("retention_expires_at"), "2027-03-01T00:00:00Z");
    }
}

#[test]
fn a02_no_cell_is_a_formula_and_what_would_break_a_line_is_quoted() {
    for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
        let guarded = cell(formula);
        assert!(guarded.trim_start_matches('"').starts_with('\''), "{formula:?} became {guarded:?}");
    }
    assert_eq!(cell("a,b"), "\"a,b\"");
    assert_eq!(cell("say \"yes\""), "\"say \"\"yes\"\"\"");
    assert_eq!(cell("two\nlines"), "\"two\nlines\"");
    assert_eq!((cell("plain"), cell("")), ("plain".to_owned(), String::new()));
}

#[test]
fn req_154_a_row_in_json_has_the_fact_with_its_class_until_when_it_is_kept_and_what_holds_it() {
    for entry in entries() {
        let row: Value = serde_json::from_str(&ExportRow::of(&entry).json()).unwrap();
        assert_eq!(row["fact"], serde_json::to_value(&entry.fact).unwrap());
        assert!(row["class"].is_string() && row["retention_expires_at"].is_string());
        assert_eq!(row["legal_hold_active"], true);
    }
}

/// What version 1.4.0 of the framework asks of each class that is used: its category, its required fields, and its activities.
fn rules(class: u64) -> (u64, &'static [&'static str], &'static [u64]) {
    match class {
        3004 => (3, &["entity"], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 99]),
        2005 => (2, &["finding_info_list", "status_id", "assignee_group"], &[0, 1, 2, 3, 99]),
        2003 => (2, &["finding_info", "compliance"], &[0, 1, 2, 3, 99]),
        6003 => (6, &["actor", "api", "src_endpoint"], &[0, 1, 2, 3, 4, 99]),
        other => panic!("no fact is of class {other}"),
    }
}

#[test]
fn req_154_every_kind_of_fact_is_an_event_with_what_its_class_requires() {
    for entry in entries() {
        let event = ocsf::event(&ExportRow::of(&entry));
        let number = |name: &str| event[name].as_u64().unwrap_or_else(|| panic!("{name} of {event}"));
        let (class, activity) = (number("class_uid"), number("activity_id"));
        let (category, required, activities) = rules(class);
        assert_eq!(number("category_uid"), category, "{event}");
        assert_eq!(number("type_uid"), class * 100 + activity, "{event}");
        assert!(activities.contains(&activity), "{event}");
        assert!([1, 3, 5].contains(&number("severity_id")) && number("time") == entry.time.0, "{event}");
        for name in required.iter().chain(&["metadata", "message", "status_id"]) {
            assert!(!event[name].is_null(), "{name} of {event}");
        }
        assert!(event["metadata"]["version"].is_string() && event["metadata"]["product"]["name"].is_string());
        assert!(event.as_object().unwrap().values().all(|value| !value.is_null()), "{event}");
        assert_eq!(entry.refused, class == 6003, "{event}");
    }
}

#[test]
fn each_form_has_its_own_frame_and_an_export_without_rows_is_whole_too() {
    let nothing = |format: ExportFormat| format!("{}{}", format.begin(), format.end());
    assert_eq!(serde_json::from_str::<Value>(&nothing(ExportFormat::Json)).unwrap(), Value::Array(Vec::new()));
    assert_eq!(nothing(ExportFormat::Csv), HEAD);
    assert_eq!(nothing(ExportFormat::Ocsf), "");
    let entries = entries();
    let rows = entries.iter().enumerate().map(|(at, entry)| ExportFormat::Json.row(&ExportRow::of(entry), at == 0));
    let whole = format!("[{}{}", rows.collect::<String>(), ExportFormat::Json.end());
    assert_eq!(serde_json::from_str::<Vec<Value>>(&whole).unwrap().len(), entries.len());
}

#[tokio::test(start_paused = true)]
async fn a03_a_place_is_given_back_when_an_export_ends_or_its_reader_reads_no_more() {
    let places = Arc::new(Semaphore::new(1));
    let take = || places.clone().try_acquire_owned();
    drop(held(take().unwrap()));
    drop(timeout(BUDGET / 2, places.acquire()).await.expect("one that has ended holds nothing"));
    let begun = Instant::now();
    let unread = held(take().unwrap());
    assert!(take().is_err() && timeout(BUDGET / 2, places.acquire()).await.is_err());
    drop(places.acquire().await.unwrap());
    assert!(begun.elapsed() >= BUDGET);
    drop(unread);
}
