//! What findings make of their list: NO-GO dominates, a class leaves out what it may, and the stage before has to be done with.

use super::scene::{ANN, CHANGE, DAN, Scene, asking, moment, waiting, word_about};
use crate::change::ChangeState;
use crate::check::{AboutKind, Ask, Check, IfMissing, Least, Refs, Register};
use crate::judge::lists::approve_list;
use crate::plan::{AskedCheck, ListOf, Plan};
use crate::plans::FIRST_CHANGE;
use crate::statement::{StatementOutcome, StatementSubject};
use crate::tests::sample::{DEVELOPMENT, list, name, node, step, word};
use crate::verdict::{Answer, FindingState, ListVerdict};
use primitives::{AlertSeverity, ChangeId, ReleaseClass, Span, Timestamp};
use state::Memory;

fn plain(key: &str) -> Check {
    asking(key, word(Refs::Any))
}

#[test]
fn an_empty_list_is_go() {
    let memory = Memory::default();
    assert_eq!(Scene::with(&memory, []).judge(&[]).answer, Answer::Go);
}

#[test]
fn no_go_dominates_whatever_else_is_missing_or_met() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, [plain("good"), plain("bad"), plain("silent")]);
    scene.word(ANN, "good", StatementOutcome::Passed);
    assert_eq!(scene.answer(&["good"]), Answer::Go);
    assert_eq!(scene.answer(&["good", "silent"]), Answer::Deferred);
    scene.word(DAN, "bad", StatementOutcome::Failed);
    assert_eq!(scene.answer(&["silent", "bad", "good"]), Answer::NoGo);
}

#[test]
fn a_missing_answer_may_mean_no() {
    let memory = Memory::default();
    let mut check = plain("asked");
    check.missing = IfMissing::NoGo;
    let mut scene = Scene::with(&memory, [check]);
    assert_eq!(scene.answer(&["asked"]), Answer::NoGo);
    scene.word(ANN, "asked", StatementOutcome::Passed);
    assert_eq!(scene.answer(&["asked"]), Answer::Go);
}

#[test]
fn a_class_leaves_out_only_what_is_asked_before_and_never_a_blocker() {
    let memory = Memory::default();
    let skipping = |key: &str, blocker| Check { blocker, skip: list([ReleaseClass::Minor]), ..plain(key) };
    let scene = Scene::with(&memory, [skipping("asked", false), skipping("blocks", true)]);
    for (from, state) in [
        (ListOf::Readiness, FindingState::Skipped),
        (ListOf::Approve, FindingState::Skipped),
        (ListOf::Step(name("deploy")), FindingState::Missing),
        (ListOf::Leave, FindingState::Missing),
        (ListOf::Close, FindingState::Missing),
        (ListOf::Start, FindingState::Missing),
        (ListOf::Exit, FindingState::Missing),
    ] {
        assert_eq!(scene.ask_from("asked", from.clone()).state, state, "{from:?}");
        assert_eq!(scene.ask_from("blocks", from.clone()).state, FindingState::Missing, "{from:?}");
    }
}

#[test]
fn a_register_in_which_nothing_is_open_is_clear() {
    let memory = Memory::default();
    let clear = Ask::Clear { register: Register::Incident, severity: AlertSeverity::Info };
    let finding = Scene::with(&memory, [asking("asked", clear)]).ask("asked");
    assert_eq!((finding.state, finding.have.as_str()), (FindingState::Met, "0 in the way"));
}

#[test]
fn a_check_that_the_plan_lost_is_missing() {
    let memory = Memory::default();
    assert_eq!(Scene::with(&memory, []).ask("nowhere").state, FindingState::Missing);
}

fn before(scene: &Scene<'_>) -> ListVerdict {
    let asked = approve_list(&scene.state, &scene.plan(), &scene.change());
    let owed = asked.into_iter().filter(|asked| asked.stage == Some(name("development")));
    scene.judge(&owed.collect::<Vec<_>>())
}

#[test]
fn a_stage_is_left_once_its_steps_are_taken_and_a_first_one_owes_none() {
    let memory = Memory::default();
    let mut plan: Plan = node();
    plan.stages[DEVELOPMENT].steps =
        list([step("deploy", &["deployed"]), step("look", &["deployed"]), step("rest", &[])]);
    let mut scene = Scene::of(&memory, &plan);
    assert_eq!(before(&scene).answer, Answer::Go);
    let keys: Vec<String> = before(&scene).findings.iter().map(|finding| finding.key.to_string()).collect();
    assert_eq!(keys, ["deployed", "look", "rest"]);
    let entered = ChangeId(7);
    let mut progress = waiting(moment(1, 0, 1_000));
    progress.state = ChangeState::Active;
    scene.stand("development", moment(1, 0, 1_000), entered);
    scene.submit(entered, "development", progress.clone());
    assert_eq!(before(&scene).unmet().count(), 3);
    let said =
        super::word_about("deployed", crate::statement::StatementSubject::Change(entered), StatementOutcome::Passed);
    scene.says(ANN, "sre", said).unwrap();
    progress.steps = list([name("deploy"), name("look")]);
    scene.submit(entered, "development", progress.clone());
    let unmet: Vec<String> = before(&scene).unmet().map(|finding| finding.have.clone()).collect();
    assert_eq!(unmet, ["step rest is not taken"]);
    progress.steps = list([name("deploy"), name("look"), name("rest")]);
    scene.submit(entered, "development", progress);
    assert!(before(&scene).is_go());
}

#[test]
fn a_vote_is_not_in_what_a_yes_asks() {
    let memory = Memory::default();
    let scene = Scene::with(&memory, []);
    let asked = approve_list(&scene.state, &scene.plan(), &scene.change());
    assert!(asked.iter().all(|asked| asked.key.as_str() != "council"));
    assert!(asked.iter().any(|asked| asked.key.as_str() == "signoff"));
    assert_eq!(scene.change().id, CHANGE);
}

/// Nobody submitted it, so nobody could acknowledge it; and a watch begins when the stage stands.
#[test]
fn a_stage_that_stands_since_the_first_version_can_be_left() {
    const DAY: u64 = 86_400_000;
    let memory = Memory::default();
    let watch = Ask::Watch { about: AboutKind::Change, lasted: Span::Millis(DAY) };
    let chorus = Ask::Chorus { segment: name("validators"), least: Least::Count(1), after_announced: true };
    let mut scene = Scene::with(&memory, [asking("watch", watch), asking("chorus", chorus)]);
    let state = |scene: &Scene<'_>, key: &str| {
        let asked = AskedCheck { key: name(key), stage: Some(name("development")), from: ListOf::Leave };
        scene.judge(&[asked]).findings.remove(0).state
    };
    assert_eq!(state(&scene, "chorus"), FindingState::Met);
    assert_eq!(scene.ask("chorus").state, FindingState::Missing, "of what somebody submitted they are asked");
    assert_eq!(state(&scene, "watch"), FindingState::Missing);
    scene.at = moment(20, 0, 1_000 + DAY);
    let mut said = word_about("watch", StatementSubject::Change(FIRST_CHANGE), StatementOutcome::Passed);
    said.began = Some(Timestamp(1_000));
    scene.says(ANN, "sre", said).unwrap();
    assert_eq!(state(&scene, "watch"), FindingState::Met);
}
