//! What stands by changes beside flags: artifacts in stages, phases, drills, and cases that the chain opens with them.

use super::{FRAME, clock, example, fold, is_sound, later, named, parsed};
use crate::fold::BlockWriter;
use crate::store::memory::MemoryRows;
use crate::store::table::Row;
use crate::topics::artifacts::ARTIFACTS;
use crate::topics::cases::CASES;
use crate::topics::cases::answer::CaseEntry;
use crate::topics::rollouts::answer::{DrillLine, PhaseLine, PhasesAnswer, PlaybookLine, PlaybooksAnswer};
use crate::topics::rollouts::{CHANGES, DRILLS, PHASES, page};
use artifacts::{ArtifactStanding, RegisteredArtifact};
use cases::CaseStep;
use primitives::{Amount, ChangeId, Digest, List, Moment, Name, Span};
use rollouts::Event;
use rollouts::change::{ChangeDraft, ChangeRequest, LeftStanding, SubmittedChange};
use rollouts::plan::PhaseState;
use rollouts::standing::{PhaseStanding, StageStanding};
use rollouts::statement::{Stated, StatementOutcome, StatementSubject};
use rollouts::verdict::FindingState;
use rpc::views::Descriptions;
use runtime::testing::examples::{
    AT, artifact_rules, change, digest, draft, events, installation, opened_case, plan, stated,
};

fn installed() -> Event {
    let mut first = installation();
    first.plan.artifacts = Some(artifact_rules().rules);
    Event::Installed { installation: Box::new(first), by: None, deposit: Amount(0), effects: List::new() }
}

/// A change with a number asks for something.
fn submitted(id: u64, request: ChangeRequest) -> Event {
    let asked = ChangeDraft { request, ..draft() };
    let change = SubmittedChange::new(ChangeId(id), named("shop"), change().by, AT, asked);
    let (expires, vote, incident, execution) = (None, None, None, None);
    Event::Submitted { change: Box::new(change), expires, vote, deposit: Amount(0), incident, execution }
}

/// It is carried out, with a subject, and moves nothing.
fn executed(id: u64, subject: Option<Digest>) -> Event {
    let Event::Executed { plan, by, mut execution, .. } = example("executed") else { unreachable!() };
    (execution.subject, execution.effects, execution.duties) = (subject, List::new(), List::new());
    Event::Executed { plan, change: ChangeId(id), by, execution }
}

fn promote(artifact: Digest) -> ChangeRequest {
    ChangeRequest::Promote { to: named("DEV"), artifact: Some(artifact) }
}

/// An artifact of the plan is registered.
async fn register(rows: &mut MemoryRows, artifact: Digest) {
    let found = events().into_iter().find_map(|event| match event {
        runtime::Event::Artifacts(event @ artifacts::Event::Registered { .. }) => Some(event),
        _ => None,
    });
    let Some(artifacts::Event::Registered { plan, artifact: mut entry, scope, by }) = found else { unreachable!() };
    entry.digest = artifact;
    let event = artifacts::Event::Registered { plan, artifact: entry, scope, by };
    let mut block = BlockWriter::new(rows, AT.position());
    crate::topics::artifacts::fold::write(&mut block, AT, &event).await.unwrap();
    block.finish().await.unwrap();
}

fn artifact(rows: &MemoryRows, digest: Digest) -> RegisteredArtifact {
    let all: Vec<RegisteredArtifact> = parsed(rows, &ARTIFACTS, "artifact");
    all.into_iter().find(|row| row.artifact.digest == digest).unwrap()
}

fn standing_of(rows: &MemoryRows) -> Vec<StageStanding> {
    parsed(rows, &super::STANDINGS, "standing")
}

const OTHER: Digest = Digest([7; 32]);

/// A plan with two artifacts, of which the first was promoted, and that was closed.
async fn verified() -> MemoryRows {
    let mut rows = MemoryRows::default();
    fold(&mut rows, AT, &[installed()]).await.unwrap();
    register(&mut rows, digest()).await;
    register(&mut rows, OTHER).await;
    let Event::Closed { plan, by, .. } = example("closed") else { unreachable!() };
    let closed = Event::Closed { plan, change: ChangeId(1), by, deposit: None };
    let events = [submitted(1, promote(digest())), executed(1, Some(digest())), closed];
    fold(&mut rows, later(1), &events).await.unwrap();
    rows
}

#[tokio::test]
async fn an_artifact_stands_in_the_stage_that_it_is_promoted_to_and_is_good_there_once_that_is_closed() {
    let rows = verified().await;
    let row = artifact(&rows, digest());
    assert_eq!(row.standing, ArtifactStanding::Good);
    assert_eq!((row.stood[0].height, row.stood[0].number, row.stood[0].good), (later(1).height, 1, true));
    assert_eq!(standing_of(&rows)[0].subject, Some(digest()));
    let promoted: Row = vec![1_u64.into(), digest().to_string().into()];
    assert_eq!(rows.columns(&CHANGES, &["id", "artifact"]), [promoted]);
}

/// The artifact that it goes back from is bad, until the vote on the rollback says no.
#[tokio::test]
async fn a_rollback_has_the_artifact_before_stand_again_and_a_vote_against_it_gives_back_what_stood() {
    let mut rows = verified().await;
    fold(&mut rows, later(2), &[submitted(2, promote(OTHER)), executed(2, Some(OTHER))]).await.unwrap();
    let before = standing_of(&rows).remove(0);
    assert_eq!(before.subject, Some(OTHER));
    let rollback =
        ChangeRequest::Rollback { stage: named("DEV"), trigger: named("manual"), source: named("telemetry") };
    let Event::Executed { plan, change, by, mut execution } = executed(3, Some(digest())) else { unreachable!() };
    let left = LeftStanding {
        stage: named("DEV"),
        standing: before,
        was: None,
        artifact_was: Some(ArtifactStanding::Candidate),
    };
    execution.left = List::truncate_from(vec![left]);
    (execution.stands_by, execution.opened) = (Some(ChangeId(1)), Some(Box::new(opened_case())));
    let executed = Event::Executed { plan, change, by, execution };
    fold(&mut rows, later(3), &[submitted(3, rollback), executed]).await.unwrap();
    assert_eq!(standing_of(&rows)[0].subject, Some(digest()));
    assert_eq!(artifact(&rows, OTHER).standing, ArtifactStanding::Bad);
    assert_eq!(artifact(&rows, digest()).stood[0].number, 3);
    let incident = parsed::<CaseEntry>(&rows, &CASES, "entry").remove(0);
    assert_eq!((incident.step, incident.by), (CaseStep::Detected, None));

    let Event::Reverted { plan, check, poll, .. } = example("reverted") else { unreachable!() };
    let (change, effects, deposit) = (ChangeId(3), List::new(), None);
    fold(&mut rows, later(4), &[Event::Reverted { plan, change, check, poll, effects, deposit }]).await.unwrap();
    assert_eq!(standing_of(&rows)[0].subject, Some(OTHER));
    assert_eq!(artifact(&rows, OTHER).standing, ArtifactStanding::Candidate);
}

#[tokio::test]
async fn what_a_signal_or_a_missed_vote_opens_is_a_case_of_its_plan() {
    let mut rows = MemoryRows::default();
    let Event::Stated { plan, stated, marks, rolls_back, .. } = example("stated") else { unreachable!() };
    let of_signal = Event::Stated { plan, stated, marks, opened: Some(Box::new(opened_case())), rolls_back };
    let Event::Missed { plan, change, check, then, effects, deposit, .. } = example("missed") else { unreachable!() };
    let mut other = opened_case();
    other.id = other.id.next();
    let of_vote = Event::Missed { plan, change, check, then, effects, deposit, opened: Some(Box::new(other)) };
    fold(&mut rows, AT, &[installed(), example("submitted"), example("executed"), of_signal, of_vote]).await.unwrap();
    let plans: Vec<Name> = parsed::<CaseEntry>(&rows, &CASES, "entry").into_iter().map(|case| case.plan).collect();
    assert_eq!(plans, [named("shop"), named("shop")]);
}

#[tokio::test]
async fn a_phase_stands_where_the_change_that_moved_it_on_has_it() {
    let mut rows = MemoryRows::default();
    fold(&mut rows, AT, &[installed()]).await.unwrap();
    for (id, to) in [(1, PhaseState::Open), (2, PhaseState::Frozen)] {
        let request = ChangeRequest::Phase { phase: named("P1"), to };
        fold(&mut rows, later(id), &[submitted(id, request), executed(id, None)]).await.unwrap();
    }
    let expected = PhaseStanding { state: PhaseState::Frozen, since: later(2), change: ChangeId(2) };
    assert_eq!(parsed::<PhaseStanding>(&rows, &PHASES, "standing"), [expected]);
}

/// A word about the drill of the example's playbook.
fn drill_word(end: &str, at: Moment, outcome: StatementOutcome) -> Event {
    let mut said = Stated { at, ..stated() };
    said.statement.key = named(&format!("drill.server.{end}"));
    (said.statement.about, said.statement.outcome) = (StatementSubject::Plan, outcome);
    Event::Stated { plan: named("shop"), stated: Box::new(said), marks: None, opened: None, rolls_back: None }
}

/// The drills in the rows, the latest first.
async fn drilled() -> Vec<DrillLine> {
    let mut rows = MemoryRows::default();
    let words = [
        ("ended", 1, StatementOutcome::Passed),
        ("began", 2, StatementOutcome::Passed),
        ("ended", 5, StatementOutcome::Warned),
        ("began", 9, StatementOutcome::Passed),
    ];
    for (end, blocks, outcome) in words {
        fold(&mut rows, later(blocks), &[drill_word(end, later(blocks), outcome)]).await.unwrap();
    }
    let mut drills: Vec<DrillLine> = parsed(&rows, &DRILLS, "drill");
    drills.reverse();
    drills
}

#[tokio::test]
async fn a_drill_is_a_pair_of_words_and_the_chain_measures_what_lies_between() {
    let drills = drilled().await;
    assert_eq!(drills.len(), 2, "what ended without having begun is none: {drills:?}");
    assert_eq!((&drills[0].ended, drills[0].took), (&None, None));
    assert_eq!(drills[1].took, Some(Span::Millis(3_000)));
    assert_eq!(drills[1].ended.as_ref().map(|word| word.outcome), Some(StatementOutcome::Warned));
}

#[tokio::test]
async fn the_pages_of_phases_and_of_playbooks_say_how_far_and_when_last() {
    let plan = plan();
    let standing = PhaseStanding { state: PhaseState::Open, since: AT, change: ChangeId(4) };
    let rules = plan.phases[0].clone();
    let phase = PhaseLine { rules, state: PhaseState::Open, standing: Some(standing), checks: Vec::new() };
    let described = Descriptions::default();
    let answer = PhasesAnswer { at: AT, plan: named("shop"), phases: vec![phase], described: described.clone() };
    let drawn = page::phases(&FRAME, &answer).into_string();
    is_sound(&drawn);
    for said in ["P1", "OPEN", "/changes/4", "FROZEN", "fix", "id=\"phase-P1\""] {
        assert!(drawn.contains(said), "{said} is not in {drawn}");
    }
    let none = page::phases(&FRAME, &PhasesAnswer { phases: Vec::new(), ..answer }).into_string();
    assert!(none.contains("The plan has no phases."), "{none}");

    let (playbook, drills) = (plan.playbooks[0].clone(), drilled().await);
    let until = Some(clock().due(rollouts::deadline::ChangeDeadline::Running(AT.running + 60_000)));
    let line = PlaybookLine { playbook, state: Some(FindingState::Met), until, drills };
    let answer = PlaybooksAnswer { at: AT, plan: named("shop"), playbooks: vec![line], described };
    let drawn = page::playbooks(&FRAME, &answer).into_string();
    is_sound(&drawn);
    for said in ["server", "3 s", "under way", "docs/plan.md#rules", "WARNED", "in 30 blocks", "/roles/shop#role-OWNER"]
    {
        assert!(drawn.contains(said), "{said} is not in {drawn}");
    }
    let none = page::playbooks(&FRAME, &PlaybooksAnswer { playbooks: Vec::new(), ..answer }).into_string();
    assert!(none.contains("The plan has no playbook."), "{none}");
}
