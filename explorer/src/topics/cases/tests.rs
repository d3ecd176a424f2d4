//! What cases write, and how they are shown, without a database.

use super::answer::{CaseAnswer, CaseEntry, CasesAnswer};
use super::fold::{open, write};
use super::query::CasesQuery;
use super::{CASES, QUARTERS, TURNS, page};
use crate::answers::Milestone;
use crate::fold::{BlockWriter, FoldError};
use crate::pages::Frame;
use crate::store::memory::MemoryRows;
use crate::store::table::COUNTS;
use cases::{CaseBody, CaseKind, CaseStep, Event, IncidentCause, OpenedCase, SignalledBy, queries};
use primitives::{CaseId, ChangeId, Moment, Name, Quarter, Text};
use rpc::views::{Descriptions, PageOf};
use runtime::testing::examples::{AT, WHO, events, opened_case};
use state::{Apply as _, Memory, State, Told as _};

const HOSTILE: &str = "<script>alert(1)</script>";

/// The example of an event of this kind, about a case with a number.
fn example(kind: &str, id: u64) -> Event {
    let found = events().into_iter().find_map(|event| match event {
        runtime::Event::Cases(event) if event.kind() == format!("cases.{kind}") => Some(event),
        _ => None,
    });
    let event = found.unwrap_or_else(|| panic!("there is no example of {kind}"));
    let mut json = serde_json::to_value(&event).unwrap();
    json[kind]["case"] = serde_json::to_value(CaseId(id)).unwrap();
    serde_json::from_value(json).unwrap()
}

/// An incident that takes a report up.
fn taking_up(report: u64, incident: u64) -> Event {
    let mut event = example("detected", incident);
    if let Event::Detected { report: taken, .. } = &mut event {
        *taken = Some(CaseId(report));
    }
    event
}

fn later(blocks: u64) -> Moment {
    Moment { height: AT.height.plus(blocks), time: AT.time.plus(blocks * 1_000), ..AT }
}

async fn fold(rows: &mut MemoryRows, at: Moment, event: &Event) -> Result<(), FoldError> {
    let mut block = BlockWriter::new(rows, at.position());
    write(&mut block, at, event).await?;
    block.finish().await
}

fn entries(rows: &MemoryRows) -> Vec<CaseEntry> {
    let all = rows.columns(&CASES, &["entry"]);
    all.iter().map(|row| serde_json::from_str(row[0].text().unwrap()).unwrap()).collect()
}

fn entry(rows: &MemoryRows, id: u64) -> CaseEntry {
    entries(rows).into_iter().find(|entry| entry.id == CaseId(id)).unwrap()
}

fn turns(rows: &MemoryRows, id: u64) -> Vec<Milestone> {
    let all = rows.columns(&TURNS, &["case_id", "turn"]);
    let of_case = all.iter().filter(|row| row[0] == id.into());
    of_case.map(|row| serde_json::from_str(row[1].text().unwrap()).unwrap()).collect()
}

fn counted(rows: &MemoryRows, name: &str) -> Option<i64> {
    rows.table(&COUNTS).iter().find(|row| row[0].text() == Some(name))?[1].number()
}

/// Whether every case stands in the rows as it does on the chain.
fn are_as_on_chain(rows: &MemoryRows, state: &State, after: &str) {
    for found in entries(rows) {
        let head = queries::case(state, found.id).unwrap();
        let (kind, path, step, since) = (head.kind, head.path, head.step, head.since);
        assert_eq!(
            (found.kind, &found.path, found.step, found.since),
            (kind, &path, step, since),
            "{after}: {}",
            found.id
        );
        let (severity, opened, by, from) = (head.severity, head.opened, head.by, head.keeps_from);
        assert_eq!((found.severity, found.opened, found.by, found.keeps_from), (severity, opened, by, from), "{after}");
        assert_eq!(found.wider, head.wider.to_vec(), "{after}");
        if let Some(body) = queries::body(state, found.id) {
            assert_eq!(found.body, body, "{after}");
        }
    }
}

/// Folds events, a block each, and has the chain apply the same; after each of them every case stands in both alike.
async fn alike(events: &[Event]) -> MemoryRows {
    let (memory, mut rows) = (Memory::default(), MemoryRows::default());
    let mut state = State::over(&memory);
    for (blocks, event) in (0..).zip(events) {
        let at = later(blocks);
        event.apply(&mut state, at);
        fold(&mut rows, at, event).await.unwrap();
        are_as_on_chain(&rows, &state, event.kind());
    }
    rows
}

#[tokio::test]
async fn a_case_stands_after_each_event_where_the_chain_has_it() {
    let lived = [
        example("reported", 1),
        taking_up(1, 2),
        example("classified", 2),
        example("responded", 2),
        example("responded", 2),
        example("resolved", 2),
        example("risk_opened", 3),
        example("risk_mitigated", 3),
        example("risk_accepted", 3),
        example("risk_closed", 3),
        example("held", 4),
        example("held", 4),
        example("released", 4),
        example("reported", 5),
        example("dismissed", 5),
        example("reported", 6),
        example("abandoned", 6),
    ];
    let rows = alike(&lived).await;
    let steps: Vec<CaseStep> = entries(&rows).iter().map(|entry| entry.step).collect();
    let expected = [
        CaseStep::Taken,
        CaseStep::Resolved,
        CaseStep::Closed,
        CaseStep::Released,
        CaseStep::Dismissed,
        CaseStep::Abandoned,
    ];
    assert_eq!(steps, expected);
    let kinds = |id| turns(&rows, id).into_iter().map(|turn| turn.kind).collect::<Vec<_>>();
    assert_eq!(kinds(1), ["cases.reported", "cases.detected"]);
    assert_eq!(kinds(4), ["cases.held", "cases.held", "cases.released"]);
    // Those that are over stand in another list than those that are open.
    let over = ["report/*/-", "report/shop/-", "incident/*/resolved"];
    assert_eq!(over.map(|name| counted(&rows, &format!("cases/{name}"))), [Some(3), Some(3), Some(1)]);
    let open = ["report/*/+", "report/*/reported", "incident/shop/detected"];
    assert_eq!(open.map(|name| counted(&rows, &format!("cases/{name}"))), [Some(0); 3]);
}

#[tokio::test]
async fn what_the_chain_keeps_no_longer_of_a_case_that_is_over_is_still_shown() {
    let rows = alike(&[example("reported", 1), example("dismissed", 1), example("dropped", 1)]).await;
    assert!(matches!(entry(&rows, 1).body, CaseBody::Report(report) if report.dismissed.is_some()));
    assert_eq!(turns(&rows, 1).len(), 3);
}

#[tokio::test]
async fn an_incident_that_is_over_is_found_by_every_quarter_in_which_it_was_open() {
    let mut opened = example("detected", 1);
    if let Event::Detected { report, .. } = &mut opened {
        *report = None;
    }
    let mut rows = MemoryRows::default();
    fold(&mut rows, AT, &opened).await.unwrap();
    assert!(rows.table(&QUARTERS).is_empty(), "it is open");
    let quarter = Quarter::of(AT.time).unwrap();
    let at = Moment { time: quarter.ends(), ..later(1) };
    fold(&mut rows, at, &example("resolved", 1)).await.unwrap();
    let found: Vec<Option<i64>> = rows.columns(&QUARTERS, &["quarter"]).iter().map(|row| row[0].number()).collect();
    assert_eq!(found, [quarter.begins(), quarter.ends()].map(|begins| i64::try_from(begins.0).ok()));
}

#[tokio::test]
async fn what_the_chain_opens_by_itself_stands_as_it_has_it() {
    let (memory, mut rows) = (Memory::default(), MemoryRows::default());
    let mut state = State::over(&memory);
    let plan = Name::new("shop").unwrap();
    let signal = SignalledBy { key: Name::new("regression").unwrap(), account: WHO };
    let of_signal = |id, as_report| OpenedCase {
        id: CaseId(id),
        cause: IncidentCause::Signal(signal.clone()),
        as_report,
        ..opened_case()
    };
    let of_rollback = OpenedCase { id: CaseId(3), cause: IncidentCause::Rollback(ChangeId(4)), ..opened_case() };
    for opened in [of_signal(1, false), of_signal(2, true), of_rollback] {
        cases::apply::open(&mut state, AT, &plan, &opened);
        let mut block = BlockWriter::new(&mut rows, AT.position());
        open(&mut block, AT, &plan, &opened, ("rollouts.stated", "a signal failed".into()));
        block.finish().await.unwrap();
    }
    are_as_on_chain(&rows, &state, "opened");
    let kinds: Vec<CaseKind> = entries(&rows).iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, [CaseKind::Incident, CaseKind::Report, CaseKind::Incident]);
    assert_eq!(turns(&rows, 2)[0].kind, "rollouts.stated");
}

#[tokio::test]
async fn nothing_happens_to_a_case_that_there_is_not() {
    let refused = fold(&mut MemoryRows::default(), AT, &example("classified", 1)).await;
    assert!(matches!(refused, Err(FoldError::Damaged(_))));
}

const FRAME: Frame<'static> = Frame { position: None, path: "/incidents", query: "", now: AT.time };

fn drawn_alone(rows: &MemoryRows, id: u64) -> String {
    let entry = entry(rows, id);
    let next = entry.step.next().map(str::to_owned);
    let (milestones, described) = (turns(rows, id), Descriptions::default());
    page::case(&FRAME, &CaseAnswer { at: AT, entry, next, milestones, described }).into_string()
}

fn is_sound(drawn: &str) {
    assert_eq!(drawn.matches("<h1>").count(), 1, "{drawn}");
    assert!(!drawn.contains("style=") && !drawn.contains(HOSTILE), "{drawn}");
}

fn shows(drawn: &str, all: &[&str]) {
    is_sound(drawn);
    for said in all {
        assert!(drawn.contains(said), "{said} is not in {drawn}");
    }
}

#[tokio::test]
async fn the_page_of_an_incident_leads_to_its_report_to_what_contains_it_and_to_its_report_in_public() {
    let mut detected = taking_up(1, 2);
    if let Event::Detected { observation, .. } = &mut detected {
        *observation = Text::new(HOSTILE).unwrap();
    }
    let lived = [example("reported", 1), detected, example("classified", 2), example("responded", 2)];
    let rows = alike(&lived).await;
    shows(
        &drawn_alone(&rows, 2),
        &[
            "Incident 2",
            "responded",
            "WARN",
            "/reports/1",
            "/changes/3",
            "resolve it",
            "&lt;script&gt;",
            "It is not over.",
        ],
    );
    shows(&drawn_alone(&rows, 1), &["Report 1", "taken", "/incidents/2"]);
}

#[tokio::test]
async fn a_public_report_is_linked_where_its_place_is_one_that_may_be() {
    let (mut resolved, link) = (example("resolved", 1), "href=\"https://shop.example/incidents/7\"");
    let mut opened = example("detected", 1);
    if let Event::Detected { report, .. } = &mut opened {
        *report = None;
    }
    let rows = alike(&[opened.clone(), resolved.clone()]).await;
    shows(&drawn_alone(&rows, 1), &[link, "nofollow", "the queue is empty again"]);
    if let Event::Resolved { recovery, .. } = &mut resolved {
        let report = recovery.public_report.as_mut().unwrap();
        report.uri = Text::new("javascript:alert(1)").unwrap();
    }
    let rows = alike(&[opened, resolved]).await;
    let drawn = drawn_alone(&rows, 1);
    shows(&drawn, &["javascript:alert(1)"]);
    assert!(!drawn.contains("href=\"javascript"), "{drawn}");
}

#[tokio::test]
async fn the_pages_of_risks_and_of_holds_say_who_answers_and_until_when() {
    let rows = alike(&[example("risk_opened", 1), example("risk_accepted", 1), example("held", 2)]).await;
    shows(&drawn_alone(&rows, 1), &["Risk 1", "accepted", "/roles/shop#role-OWNER", "Until its review"]);
    shows(&drawn_alone(&rows, 2), &["Hold 2", "held", "4 C 17/26", "the court asked for it"]);
}

#[tokio::test]
async fn the_list_of_a_kind_says_when_there_is_none_and_what_matches() {
    let listed = |entries: Vec<CaseEntry>, query: &CasesQuery| {
        let page = PageOf { total: entries.len() as u64, page: 0, page_size: 20, entries };
        let answer = CasesAnswer { kind: CaseKind::Incident, page, described: Descriptions::default() };
        page::cases(&FRAME, query, &answer).into_string()
    };
    let every = CasesQuery::default();
    shows(&listed(Vec::new(), &every), &["Nothing has gone wrong that anybody told of.", "/reports", "/holds"]);
    let only = CasesQuery { step: Some(CaseStep::Resolved), ..every.clone() };
    shows(&listed(Vec::new(), &only), &["No case matches."]);
    let mut opened = example("detected", 1);
    if let Event::Detected { report, .. } = &mut opened {
        *report = None;
    }
    let rows = alike(&[opened]).await;
    shows(&listed(entries(&rows), &every), &["/incidents/1", "detected", "at least", "nobody can pay"]);
}
