//! Words: who says them, how old they are, what they refer to, and what else stands in their place.

use super::scene::{ANN, BEN, CAROL, CHANGE, DAN, Scene, asking, moment, word_about};
use crate::change::{ChangeState, DutyState, OwedDuty};
use crate::check::{AboutKind, Ask, Check, Refs, RowKeys};
use crate::deadline::ChangeDeadline;
use crate::judge::verdict::duty_is_met;
use crate::plan::{ListOf, Missed, Plan};
use crate::queries::drills;
use crate::statement::{StatementOutcome, StatementSubject};
use crate::tests::sample::{list, name, names, node, word};
use crate::verdict::FindingState;
use primitives::{Digest, Span, Text, Timestamp};
use state::Memory;

const DAY: u64 = 86_400_000;

fn plain(key: &str) -> Check {
    asking(key, word(Refs::Any))
}

#[test]
fn a_word_is_missing_until_somebody_of_its_role_says_it() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, [plain("asked")]);
    let missing = scene.ask("asked");
    assert_eq!((missing.state, missing.have.as_str()), (FindingState::Missing, "no word of sre"));
    scene.word(ANN, "asked", StatementOutcome::Passed);
    assert_eq!(scene.ask("asked").state, FindingState::Met);
    scene.word(ANN, "asked", StatementOutcome::Failed);
    assert_eq!(scene.ask("asked").state, FindingState::Failed);
    scene.word(ANN, "asked", StatementOutcome::Warned);
    assert_eq!(scene.ask("asked").state, FindingState::Met);
}

#[test]
fn the_latest_word_of_a_role_decides_and_one_who_left_says_nothing() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, [plain("asked")]);
    scene.word(ANN, "asked", StatementOutcome::Passed);
    scene.at = moment(11, 0, 11_000);
    scene.word(BEN, "asked", StatementOutcome::Failed);
    assert_eq!(scene.ask("asked").state, FindingState::Failed);
    scene.dismiss("sre", BEN);
    assert_eq!(scene.ask("asked").state, FindingState::Met);
    scene.dismiss("sre", ANN);
    assert_eq!(scene.ask("asked").state, FindingState::Missing);
}

#[test]
fn a_word_is_too_old_at_the_very_moment_and_not_before() {
    let memory = Memory::default();
    let mut asked = plain("asked");
    asked.fresh = Some(Span::hours(24));
    let mut scene = Scene::with(&memory, [asked]);
    scene.word(ANN, "asked", StatementOutcome::Passed);
    let end = 10_000 + DAY;
    for (running, state) in
        [(end - 1, FindingState::Met), (end, FindingState::Expired), (end + 1, FindingState::Expired)]
    {
        scene.at = moment(20, 0, running);
        assert_eq!(scene.ask("asked").state, state, "at {running}");
    }
    scene.at = moment(20, 0, end - 1);
    assert_eq!(scene.ask("asked").until, Some(ChangeDeadline::Running(end)));
}

#[test]
fn a_word_that_has_expired_leaves_the_one_before_it() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, [plain("asked")]);
    let mut short = word_about("asked", StatementSubject::Change(CHANGE), StatementOutcome::Passed);
    short.expires = Some(Timestamp(20_000));
    scene.says(ANN, "sre", short).unwrap();
    for (time, state) in [(19_999, FindingState::Met), (20_000, FindingState::Expired)] {
        scene.at = moment(20, 0, time);
        assert_eq!(scene.ask("asked").state, state);
    }
    scene.word(BEN, "asked", StatementOutcome::Passed);
    assert_eq!(scene.ask("asked").state, FindingState::Met);
}

#[test]
fn references_are_all_there_or_named() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, [asking("asked", word(Refs::All(names(&["CHG-1", "CHG-2"]))))]);
    let mut said = word_about("asked", StatementSubject::Change(CHANGE), StatementOutcome::Passed);
    said.refs = names(&["CHG-1"]);
    scene.says(ANN, "sre", said.clone()).unwrap();
    let finding = scene.ask("asked");
    assert_eq!((finding.state, finding.missing), (FindingState::Missing, vec!["CHG-2".to_owned()]));
    said.refs = names(&["CHG-2", "CHG-1"]);
    scene.says(ANN, "sre", said).unwrap();
    assert_eq!(scene.ask("asked").state, FindingState::Met);
}

fn waiver(key: &str, until: u64) -> crate::statement::Statement {
    let mut waiver = word_about(key, StatementSubject::Change(CHANGE), StatementOutcome::Waived);
    (waiver.expires, waiver.reason) = (Some(Timestamp(until)), Text::new("its node is away").unwrap());
    waiver
}

#[test]
fn a_waiver_stands_in_for_a_check_until_it_expires_and_a_sign_off_has_to_see_it() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, [plain("asked"), asking("signed", word(Refs::Waivers))]);
    scene.word(ANN, "signed", StatementOutcome::Passed);
    assert_eq!(scene.ask("signed").state, FindingState::Met);
    scene.at = moment(11, 0, 11_000);
    scene.says(BEN, "sre", waiver("asked", 20_000)).unwrap();
    assert_eq!(scene.ask("asked").state, FindingState::Waived);
    assert_eq!(scene.ask("signed").missing, ["waiver of asked"]);
    let mut seen = word_about("signed", StatementSubject::Change(CHANGE), StatementOutcome::Passed);
    seen.refs = names(&["asked"]);
    scene.says(ANN, "sre", seen).unwrap();
    assert_eq!(scene.ask("signed").state, FindingState::Met);
    scene.at = moment(20, 0, 20_000);
    assert_eq!(scene.ask("asked").state, FindingState::Missing);
    scene.at = moment(19, 0, 19_999);
    scene.dismiss("sre", BEN);
    assert_eq!(scene.ask("asked").state, FindingState::Missing);
}

#[test]
fn a_value_is_held_against_the_stage_before() {
    let memory = Memory::default();
    let about_stage = Ask::Word { about: AboutKind::Stage, predicate: None, refs: Refs::Any, within: None };
    let within = Some((name("baseline"), "1.5".parse().unwrap()));
    let bounded = Ask::Word { about: AboutKind::Stage, predicate: None, refs: Refs::Any, within };
    let mut scene = Scene::with(&memory, [asking("baseline", about_stage), asking("asked", bounded)]);
    let says = |scene: &mut Scene<'_>, key: &str, stage: &str, value: &str| {
        let mut said = word_about(key, StatementSubject::Stage(name(stage)), StatementOutcome::Passed);
        said.value = Some(value.parse().unwrap());
        scene.says(ANN, "sre", said).unwrap();
    };
    says(&mut scene, "asked", "testnet", "1000");
    assert_eq!(scene.ask("asked").state, FindingState::Met);
    says(&mut scene, "baseline", "development", "40");
    for (value, state) in [("60", FindingState::Met), ("60.000000001", FindingState::Failed)] {
        says(&mut scene, "asked", "testnet", value);
        assert_eq!(scene.ask("asked").state, state, "{value}");
    }
}

#[test]
fn rows_are_all_said_with_evidence_and_those_that_are_not_are_named() {
    let memory = Memory::default();
    let keys = RowKeys::Range { prefix: name("R-"), from: 9, to: 11, suffix: None };
    let refs = Some("REQ-{key}".parse().unwrap());
    let mut scene = Scene::with(&memory, [asking("rows", Ask::Rows { about: AboutKind::Change, keys, refs })]);
    for (row, missing) in [(9u32, vec!["R-10", "R-11"]), (10, vec!["R-11"]), (11, vec![])] {
        let mut said = word_about(&format!("R-{row}"), StatementSubject::Change(CHANGE), StatementOutcome::Passed);
        (said.digest, said.refs) = (Some(Digest([9; 32])), names(&[&format!("REQ-{row}")]));
        scene.says(ANN, "sre", said).unwrap();
        assert_eq!(scene.ask("rows").missing, missing);
    }
    assert_eq!(scene.ask("rows").state, FindingState::Met);
    scene.word(BEN, "R-10", StatementOutcome::Failed);
    assert_eq!(scene.ask("rows").state, FindingState::Failed);
}

#[test]
fn a_watch_begins_after_the_execution_and_lasts_to_the_millisecond() {
    let memory = Memory::default();
    let lasted = Span::hours(24);
    let mut scene = Scene::with(&memory, [asking("asked", Ask::Watch { about: AboutKind::Change, lasted })]);
    scene.edit(|progress| {
        (progress.state, progress.executed) = (ChangeState::Active, Some(moment(10, 0, 10_000)));
    });
    let mut says = |began: u64, at: u64| {
        scene.at = moment(20, 0, at);
        let mut said = word_about("asked", StatementSubject::Change(CHANGE), StatementOutcome::Passed);
        said.began = Some(Timestamp(began));
        scene.says(ANN, "sre", said).unwrap();
        scene.ask("asked").state
    };
    assert_eq!(says(9_999, 9_999 + DAY + 5), FindingState::Missing);
    assert_eq!(says(10_000, 10_000 + DAY - 1), FindingState::Missing);
    assert_eq!(says(10_000, 10_000 + DAY), FindingState::Met);
    assert_eq!(says(10_001, 10_000 + DAY), FindingState::Missing);
}

#[test]
fn a_duty_wants_a_word_since_it_began_and_is_overdue_at_its_end() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, [plain("asked")]);
    scene.word(ANN, "asked", StatementOutcome::Passed);
    let duty = OwedDuty {
        check: name("asked"),
        from: moment(11, 0, 11_000),
        ends: Some(ChangeDeadline::Running(20_000)),
        missed: Missed::Block,
        or_incident: false,
        state: DutyState::Owed,
        poll: None,
    };
    scene.edit(|progress| progress.duties = list([duty.clone()]));
    let is_met = |scene: &Scene<'_>| {
        duty_is_met(&scene.state, scene.at, &scene.plan(), &scene.change(), &scene.progress(), &duty)
    };
    for (running, state) in [(19_999, FindingState::Missing), (20_000, FindingState::Overdue)] {
        scene.at = moment(20, 0, running);
        assert_eq!((scene.ask_from("asked", ListOf::Close).state, is_met(&scene)), (state, false));
    }
    scene.word(BEN, "asked", StatementOutcome::Passed);
    assert_eq!((scene.ask_from("asked", ListOf::Close).state, is_met(&scene)), (FindingState::Met, true));
}

#[test]
fn what_is_forbidden_stands_until_it_or_another_of_the_role_says_with_evidence_that_it_passed() {
    let memory = Memory::default();
    let forbid = Ask::Forbid { keys: names(&["paging_alert"]) };
    let mut scene = Scene::with(&memory, [asking("asked", forbid)]);
    let root = || StatementSubject::Scope(primitives::Path::ROOT);
    assert_eq!(scene.ask("asked").state, FindingState::Met);
    scene.says(ANN, "sre", word_about("paging_alert", root(), StatementOutcome::Failed)).unwrap();
    let finding = scene.ask("asked");
    assert_eq!((finding.state, finding.missing), (FindingState::Failed, vec!["paging_alert".to_owned()]));
    let mut healed = word_about("paging_alert", root(), StatementOutcome::Passed);
    assert_eq!(scene.says(BEN, "sre", healed.clone()).unwrap_err().code(), "E_EVIDENCE");
    healed.digest = Some(Digest([9; 32]));
    scene.says(BEN, "sre", healed).unwrap();
    assert_eq!(scene.ask("asked").state, FindingState::Met);
    // Who healed it has left, and whoever saw it fail is still there.
    scene.dismiss("sre", BEN);
    assert_eq!(scene.ask("asked").state, FindingState::Failed);
    scene.dismiss("sre", ANN);
    assert_eq!(scene.ask("asked").state, FindingState::Met);
}

#[test]
fn only_more_than_a_third_of_the_validators_about_one_height_forbid() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, [asking("asked", Ask::Forbid { keys: names(&["audit_integrity"]) })]);
    let mut says = |who, height: &str| {
        let about = StatementSubject::Scope(primitives::Path::ROOT);
        let mut said = word_about("audit_integrity", about, StatementOutcome::Failed);
        said.value = Some(height.parse().unwrap());
        scene.says(who, "validators", said).unwrap();
        scene.ask("asked").state
    };
    assert_eq!(says(BEN, "7"), FindingState::Met);
    assert_eq!(says(DAN, "8"), FindingState::Met);
    assert_eq!(says(DAN, "7"), FindingState::Failed);
}

#[test]
fn a_drill_is_fast_enough_and_young_enough() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, [asking("asked", Ask::Drill { playbook: name("chain") })]);
    assert_eq!(scene.ask("asked").state, FindingState::Missing);
    let drill = |scene: &mut Scene<'_>, took: u64| {
        let begins = scene.at;
        let said =
            |end: &str| word_about(&format!("drill.chain.{end}"), StatementSubject::Plan, StatementOutcome::Passed);
        scene.says(ANN, "sre", said("began")).unwrap();
        scene.at = moment(begins.height.0 + 1, 0, begins.running + took);
        scene.says(ANN, "sre", said("ended")).unwrap();
    };
    drill(&mut scene, 30 * 60_000 + 1);
    assert_eq!(scene.ask("asked").state, FindingState::Missing);
    drill(&mut scene, 30 * 60_000);
    assert_eq!(scene.ask("asked").state, FindingState::Met);
    let ended = scene.at.running;
    for (age, state) in [(90 * DAY - 1, FindingState::Met), (90 * DAY, FindingState::Expired)] {
        scene.at = moment(1_000, 0, ended + age);
        assert_eq!(scene.ask("asked").state, state);
        // Whoever shows drills sees the same, and the one that no check asks about.
        let seen: Vec<_> = drills(&scene.state, scene.at, &scene.plan())
            .into_iter()
            .map(|drill| (drill.domain.to_string(), drill.state))
            .collect();
        assert_eq!(seen, [("back".to_owned(), FindingState::Missing), ("chain".to_owned(), state)]);
    }
}

#[test]
fn a_playbook_that_nobody_has_to_try_has_no_drill() {
    let (memory, mut plan) = (Memory::default(), node());
    plan.playbooks.iter_mut().filter(|playbook| playbook.domain == name("back")).for_each(|back| back.drill = None);
    let scene = Scene::of(&memory, &plan);
    let seen = drills(&scene.state, scene.at, &scene.plan());
    assert_eq!(seen.iter().map(|drill| (drill.domain.as_str(), drill.until)).collect::<Vec<_>>(), [("chain", None)]);
}

#[test]
fn release_checks_are_signed_off_by_the_owner_of_each() {
    let memory = Memory::default();
    let mut plan: Plan = node();
    plan.checks.try_push(asking("asked", word(Refs::ReleaseChecks))).unwrap();
    let mut scene = Scene::of(&memory, &plan);
    assert_eq!(scene.ask("asked").have, "0 of 1 sections");
    let mut said = word_about("asked", StatementSubject::Change(CHANGE), StatementOutcome::Passed);
    said.refs = names(&["anchor"]);
    assert_eq!(scene.says(ANN, "sre", said.clone()).unwrap_err().code(), "E_STATEMENT_OWNER");
    scene.says(CAROL, "commander", said).unwrap();
    assert_eq!(scene.ask("asked").state, FindingState::Met);
}
