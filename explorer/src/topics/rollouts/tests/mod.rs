//! What plans, changes and flags write, beside what the chain makes of the same events; and how boards and changes are drawn.

mod notes;
mod spans;
mod standing;

use super::answer::{BoardAnswer, ChangeAnswer, DutyLine, PlanLine, SoakLine};
use super::clock::IndexClock;
use super::fold::{FlagKept, SettingKept, opened, write, write_flag};
use super::{CHANGES, FLAGS, MARKS, MOVES, PLANS, SEGMENTS, SETTINGS, STANDINGS, STATEMENTS, TURNS, page};
use crate::answers::Milestone;
use crate::fold::{BlockWriter, FoldError};
use crate::pages::Frame;
use crate::store::memory::MemoryRows;
use crate::store::table::{COUNTS, Row, SqlValue};
use governance::Proposal;
use primitives::{Amount, CaseId, ChangeId, Epoch, List, Moment, Name, Path, ProposalId, Span, Timestamp};
use rollouts::Event;
use rollouts::change::{ChangeProgress, ChangeState, DutyState, Effected, FlagSide, SubmittedChange};
use rollouts::deadline::ChangeDeadline;
use rollouts::queries::{self, ChangeLabel};
use rollouts::standing::{StageFreeze, StageStanding};
use rollouts::verdict::Answer;
use rpc::views::{BlockPace, BoardFreeze, ChangeSummary, Descriptions, NextDuty};
use runtime::Motion;
use runtime::testing::examples::{AT, CHANGE, asked_of_members, change, events_of_plans, flag, installation};
use state::{Apply as _, Memory, State, Told as _};

/// The example of an event of each kind, by its name.
fn example(kind: &str) -> Event {
    let found = events_of_plans().into_iter().find_map(|event| match event {
        runtime::Event::Rollouts(event) if event.kind() == format!("rollouts.{kind}") => Some(event),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("there is no example of {kind}"))
}

fn examples(kinds: &[&str]) -> Vec<Event> {
    kinds.iter().map(|kind| example(kind)).collect()
}

/// What a first version and a change on its way bring, in this order.
const WALKED: [&str; 11] = [
    "installed",
    "submitted",
    "announced",
    "stated",
    "approved",
    "executed",
    "stepped",
    "missed",
    "met",
    "thawed",
    "closed",
];

async fn fold(rows: &mut MemoryRows, at: Moment, events: &[Event]) -> Result<(), FoldError> {
    let mut block = BlockWriter::new(rows, at.position());
    for event in events {
        write(&mut block, at, event).await?;
    }
    block.finish().await
}

fn progress(rows: &MemoryRows, id: ChangeId) -> ChangeProgress {
    let all = rows.columns(&CHANGES, &["id", "progress"]);
    let row = all.iter().find(|row| row[0] == SqlValue::from(id.0)).unwrap();
    serde_json::from_str(row[1].text().unwrap()).unwrap()
}

fn later(blocks: u64) -> Moment {
    let passed = blocks * 1_000;
    Moment { height: AT.height.plus(blocks), time: AT.time.plus(passed), running: AT.running + passed, ..AT }
}

/// Folds events, a block each, and has the chain apply the same; after each of them a change stands in both alike.
async fn alike(events: &[Event]) -> MemoryRows {
    let (memory, mut rows) = (Memory::default(), MemoryRows::default());
    let mut state = State::over(&memory);
    for (blocks, event) in (0..).zip(events) {
        let at = later(blocks);
        event.apply(&mut state, at);
        fold(&mut rows, at, std::slice::from_ref(event)).await.unwrap();
        if let Some(expected) = queries::progress(&state, CHANGE) {
            assert_eq!(progress(&rows, CHANGE), expected, "after {}", event.kind());
        }
    }
    let setting = flags::queries::setting(&state, &named("shop"), &named("checkout"), &Path::ROOT);
    let kept: Vec<SettingKept> = parsed(&rows, &SETTINGS, "setting");
    let folded = kept.first().and_then(|kept| kept.side.targeting.clone());
    assert_eq!(folded, setting.map(|setting| setting.targeting));
    rows
}

fn parsed<T: serde::de::DeserializeOwned>(
    rows: &MemoryRows,
    table: &crate::store::table::Table,
    column: &str,
) -> Vec<T> {
    let all = rows.columns(table, &[column]);
    all.iter().filter_map(|row| row[0].text()).map(|text| serde_json::from_str(text).unwrap()).collect()
}

fn named(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn counted(rows: &MemoryRows, name: &str) -> Option<i64> {
    rows.table(&COUNTS).iter().find(|row| row[0].text() == Some(name))?[1].number()
}

#[tokio::test]
async fn a_change_stands_after_each_event_where_the_chain_has_it() {
    let rows = alike(&examples(&WALKED)).await;
    assert_eq!(progress(&rows, CHANGE).state, ChangeState::Closed);
    let turns: Vec<Milestone> = parsed(&rows, &TURNS, "turn");
    let kinds: Vec<&str> = turns.iter().map(|turn| turn.kind.as_str()).collect();
    // What was stated is about it, and no turn in its life.
    let expected: Vec<String> =
        WALKED[1..].iter().filter(|kind| **kind != "stated").map(|kind| format!("rollouts.{kind}")).collect();
    assert_eq!(kinds, expected);
    assert_eq!(rows.table(&STATEMENTS).len(), 1);
    let counts = ["*/*", "*/closed", "shop/closed", "*/open"].map(|name| counted(&rows, &format!("changes/{name}")));
    assert_eq!(counts, [Some(1), Some(1), Some(1), Some(0)]);
}

#[tokio::test]
async fn a_change_that_is_rejected_afterwards_is_undone_and_one_that_ends_never_was_carried_out() {
    let undone = alike(&examples(&["installed", "submitted", "executed", "reverted"])).await;
    assert_eq!(progress(&undone, CHANGE).state, ChangeState::Reverted { by: CHANGE });
    let ended = alike(&examples(&["installed", "submitted", "ended"])).await;
    assert!(matches!(progress(&ended, CHANGE).state, ChangeState::Ended { .. }));
    assert_eq!(progress(&ended, CHANGE).deposit, Amount::ZERO);
}

#[tokio::test]
async fn what_no_change_was_asked_for_does_not_move() {
    let refused = fold(&mut MemoryRows::default(), AT, &examples(&["approved"])).await;
    assert!(matches!(refused, Err(FoldError::Damaged(_))));
}

#[tokio::test]
async fn every_move_of_a_flag_stays_with_its_change_and_its_ticket() {
    let rows = alike(&examples(&["installed", "submitted", "executed"])).await;
    let moves: Vec<super::answer::FlagFlip> = parsed(&rows, &MOVES, "moved");
    let by: Vec<(u64, Option<&str>)> =
        moves.iter().map(|flip| (flip.change.0, flip.ticket.as_ref().map(Name::as_str))).collect();
    assert_eq!(by, [(0, None), (3, Some("CHG-7"))]);
    let segments: Vec<Vec<String>> = parsed(&rows, &SEGMENTS, "members");
    assert_eq!(segments, [["ann".to_owned(), "ben".to_owned()]]);
}

#[tokio::test]
async fn the_stages_up_to_the_first_that_is_named_stand_until_the_plan_is_retired() {
    let mut rows = MemoryRows::default();
    let mut first = installation();
    first.stage = Some(named("DEV"));
    let installed =
        Event::Installed { installation: Box::new(first), by: None, deposit: Amount(0), effects: List::new() };
    fold(&mut rows, AT, &[installed]).await.unwrap();
    let standings: Vec<StageStanding> = parsed(&rows, &STANDINGS, "standing");
    assert_eq!(standings, [StageStanding { subject: None, since: AT, change: ChangeId(0) }]);
    fold(&mut rows, later(1), &examples(&["retired"])).await.unwrap();
    assert!(parsed::<StageStanding>(&rows, &STANDINGS, "standing").is_empty());
    let retired: Row = vec!["shop".into(), 1_u64.into()];
    assert_eq!(rows.columns(&PLANS, &["plan", "retired"]), [retired]);
}

/// An emergency switches a flag off and restarts what soaks in the stages that stand.
#[tokio::test]
async fn what_is_switched_off_in_an_emergency_restarts_the_soaks() {
    let mut rows = MemoryRows::default();
    let mut first = installation();
    first.stage = Some(named("DEV"));
    let installed =
        Event::Installed { installation: Box::new(first), by: None, deposit: Amount(0), effects: List::new() };
    let Event::Executed { plan, change, by, mut execution } = example("executed") else { unreachable!() };
    let (before, after) = (FlagSide::default(), FlagSide { targeting: None, disabled: true });
    let off = Effected::Flag { flag: named("checkout"), path: Path::ROOT, before, after };
    execution.effects = List::truncate_from(vec![off]);
    let executed = Event::Executed { plan, change, by, execution };
    fold(&mut rows, AT, &[installed, example("submitted")]).await.unwrap();
    fold(&mut rows, later(5), &[executed]).await.unwrap();
    let row: Row = vec!["shop".into(), "DEV".into(), "emergency".into()];
    assert_eq!(rows.columns(&MARKS, &["plan", "stage", "signal"]), [row]);
    assert_eq!(parsed::<Moment>(&rows, &MARKS, "at"), [later(5)]);
}

#[tokio::test]
async fn a_poll_is_on_the_approval_while_a_change_waits_and_on_what_it_owes_afterwards() {
    let mut rows = MemoryRows::default();
    fold(&mut rows, AT, &examples(&["installed", "submitted"])).await.unwrap();
    let motion = rollouts::Motion::Decide { change: CHANGE, check: named("council"), digest: change().digest };
    let poll = |id| Proposal { id: ProposalId(id), motion: Motion::Rollouts(motion.clone()), ..asked_of_members() };
    for (id, more) in [(7, Some("executed")), (8, None)] {
        let mut block = BlockWriter::new(&mut rows, AT.position());
        opened(&mut block, &poll(id)).await.unwrap();
        block.finish().await.unwrap();
        if let Some(kind) = more {
            fold(&mut rows, AT, &examples(&[kind])).await.unwrap();
        }
    }
    let stands = progress(&rows, CHANGE);
    assert_eq!(stands.poll, Some(ProposalId(7)));
    assert_eq!(stands.duties.iter().map(|duty| duty.poll).collect::<Vec<_>>(), [Some(ProposalId(8))]);
}

#[tokio::test]
async fn a_flag_whose_day_has_come_is_told_of_until_it_has_another_one() {
    let mut rows = MemoryRows::default();
    let (plan, by) = (named("shop"), roles::Actor { account: crate::fold::testing::account(1), role: named("OWNER") });
    let defined = flags::Event::Defined { plan: plan.clone(), flag: flag(), by: by.clone() };
    let expired =
        flags::Event::Expired { plan: plan.clone(), key: flag().key, owner: named("OWNER"), at: Timestamp(7) };
    let longer = flags::Flag { expires: flags::Expiry::At(Timestamp(9)), ..flag() };
    let edited = flags::Event::Edited { plan, flag: longer, by };
    for (event, day) in [(defined, None), (expired, Some(Timestamp(7))), (edited, None)] {
        let mut block = BlockWriter::new(&mut rows, AT.position());
        write_flag(&mut block, AT, &event).await.unwrap();
        block.finish().await.unwrap();
        let kept: Vec<FlagKept> = parsed(&rows, &FLAGS, "flag");
        assert_eq!(kept.iter().map(|kept| (kept.since, kept.expired)).collect::<Vec<_>>(), [(AT.height, day)]);
    }
}

/// Blocks of two seconds, ten to an epoch.
fn clock() -> IndexClock {
    let at = Moment { epoch: Epoch(100), ..AT };
    IndexClock { at, pace: BlockPace::new(at.position(), None, 10, 2_000) }
}

#[test]
fn deadlines_are_told_in_time_and_in_blocks() {
    let due = |deadline| {
        let due = clock().due(deadline);
        (due.is_over, due.left_ms, due.blocks_left)
    };
    assert_eq!(due(ChangeDeadline::Running(AT.running + 3_000)), (false, 3_000, 2));
    assert_eq!(due(ChangeDeadline::Epoch(Epoch(101))), (false, 20_000, 10));
    assert_eq!(due(ChangeDeadline::Time(AT.time)), (true, 0, 0));
}

const FRAME: Frame<'static> = Frame { position: None, path: "/", query: "", now: AT.time };

fn summary(change: &SubmittedChange) -> ChangeSummary {
    let due = clock().due(ChangeDeadline::Running(AT.running + 60_000));
    ChangeSummary {
        id: change.id,
        plan: change.plan.clone(),
        version: 1,
        kind: change.kind(),
        class: change.asked.class,
        stage: None,
        paths: vec![Path::ROOT],
        flags: vec![named("checkout")],
        by: change.by.clone(),
        created: AT,
        reason: change.asked.reason.clone(),
        ticket: change.asked.ticket.clone(),
        milestone: None,
        state: ChangeState::Active,
        label: ChangeLabel::RatifyDue,
        since: AT,
        verdict: Answer::Go,
        poll: None,
        expires: None,
        not_before: None,
        window: None,
        executed: Some(AT),
        next_duty: Some(NextDuty { check: named("council"), due }),
        overdue: vec![named("audit")],
    }
}

fn is_sound(drawn: &str) {
    assert_eq!(drawn.matches("<h1>").count(), 1, "{drawn}");
    assert!(!drawn.contains("style=") && !drawn.contains("onclick"), "{drawn}");
    let headers = drawn.matches("<th").count() - drawn.matches("<thead").count();
    assert_eq!(headers, drawn.matches("<th scope=\"col\"").count(), "every header of a table has its scope");
}

#[tokio::test]
async fn the_page_of_a_change_tells_what_is_owed_until_when_and_what_moved() {
    let rows = alike(&examples(&["installed", "submitted", "executed"])).await;
    let (change, stands) = (change(), progress(&rows, CHANGE));
    let duties = stands.duties.iter().map(|duty| DutyLine {
        due: duty.ends.map(|ends| clock().due(ends)),
        is_vote: true,
        duty: duty.clone(),
    });
    let answer = ChangeAnswer {
        at: AT,
        summary: summary(&change),
        asked: change.asked.clone(),
        digest: change.digest,
        milestones: parsed(&rows, &TURNS, "turn"),
        checks: Vec::new(),
        duties: duties.collect(),
        effects: stands.effects.to_vec(),
        flags: vec![flag()],
        map: Vec::new(),
        steps: Vec::new(),
        incident: Some(CaseId(7)),
        stops_until: None,
        polls: Vec::new(),
        described: Descriptions::default(),
    };
    let drawn = page::change(&FRAME, &answer).into_string();
    is_sound(&drawn);
    for said in [
        "ratify due",
        "in 30 blocks",
        "in about 1 min",
        "overdue",
        "CHG-7",
        "opens with the next block",
        "/incidents/7",
    ] {
        assert!(drawn.contains(said), "{said} is not in {drawn}");
    }
    assert!(drawn.contains("nothing set") && drawn.contains("<code>on</code>"), "before and after: {drawn}");
    assert_eq!(stands.duties[0].state, DutyState::Owed);
}

#[test]
fn the_board_says_what_stops_others_and_until_when() {
    let (plan, freeze) =
        (installation().plan, StageFreeze { stage: named("DEV"), window: None, executed: Some(AT), ends: None });
    let due = Some(clock().due(ChangeDeadline::Running(AT.running + 7_200_000)));
    let line = PlanLine {
        name: plan.name.clone(),
        version: 1,
        installed: AT,
        owner: None,
        retired: false,
        is_of_node: true,
        title: "<b>Shop</b>".into(),
        bundle: plan.bundle,
        profile: plan.profile,
        stages: vec![named("DEV")],
        stage: Some(named("DEV")),
        standing: None,
        next_stage: None,
    };
    let soak = SoakLine {
        check: named("soaked"),
        stage: named("DEV"),
        need: Span::Epochs(10),
        have: Span::Epochs(4),
        since: Some(AT),
        restarted_by: Some(named("emergency")),
        due,
    };
    let change = change();
    let answer = BoardAnswer {
        at: AT,
        plan: line,
        stages: Vec::new(),
        flags: Vec::new(),
        soaks: vec![soak],
        freeze: Some(BoardFreeze { change: CHANGE, freeze, due }),
        pauses: Vec::new(),
        emergencies: Vec::new(),
        overdue: vec![summary(&change)],
        live: vec![summary(&change)],
        stale_drills: vec![named("server")],
        sealer: change.submitter(),
        described: Descriptions::default(),
    };
    let drawn = page::board(&FRAME, &answer).into_string();
    is_sound(&drawn);
    for said in [
        "frozen",
        "to be tried",
        "#playbook-server",
        "sealed",
        "4 epochs",
        "40.00 %",
        "restarted by",
        "in about 2 h 0 min",
        "href=\"/fleet/shop\"",
    ] {
        assert!(drawn.contains(said), "{said} is not in {drawn}");
    }
    assert!(drawn.contains("&lt;b&gt;Shop&lt;/b&gt;") && !drawn.contains("<b>Shop"), "{drawn}");
}
