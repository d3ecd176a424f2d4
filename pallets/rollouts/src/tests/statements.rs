//! Who may say what about what, and what is kept of it.

use super::sample::{check, list, name, names, word};
use super::verdict::{ANN, BEN, CAROL, DAN, Scene, moment, word_about};
use crate::change::{ChangeState, DutyState, EndedWhy, OwedDuty};
use crate::check::{AboutKind, Ask, Check, Refs};
use crate::plan::Missed;
use crate::plans::FIRST_CHANGE;
use crate::statement::{MOST_WORDS, Statement, StatementOutcome, StatementSubject, TalliedWord, WordTally};
use crate::storage::{MARKS, STATEMENTS, TALLIES, TO_JUDGE};
use primitives::{AccountId, ChangeId, Digest, List, Path, Text, Timestamp};
use roles::Actor;
use state::Memory;

const CHANGE: StatementSubject = StatementSubject::Change(ChangeId(1));
const DAY: u64 = 86_400_000;

fn passed(key: &str, about: StatementSubject) -> Statement {
    word_about(key, about, StatementOutcome::Passed)
}

fn checks() -> [Check; 4] {
    let about = |about, predicate| Ask::Word { about, predicate, refs: Refs::Any, within: None };
    let mut blocks = check("blocks", word(Refs::Any));
    blocks.blocker = true;
    [
        check("asked", word(Refs::Any)),
        check("staged", about(AboutKind::Stage, None)),
        check("tested", about(AboutKind::Change, Some(Text::new("test-result").unwrap()))),
        blocks,
    ]
}

/// What a statement is refused with; nothing when it is taken.
fn refused(who: AccountId, acting: &str, statement: Statement) -> Option<&'static str> {
    let memory = Memory::default();
    Scene::with(&memory, checks()).says(who, acting, statement).err().map(|error| error.code())
}

#[test]
fn a_word_is_for_whoever_has_the_role_about_what_is_there() {
    let root = || StatementSubject::Scope(Path::ROOT);
    let failed = |key, about| word_about(key, about, StatementOutcome::Failed);
    let table: [(AccountId, &str, Statement, Option<&str>); 17] = [
        (ANN, "sre", passed("asked", CHANGE), None),
        (ANN, "sre", passed("nowhere", CHANGE), Some("E_CHECK_UNKNOWN")),
        (CAROL, "commander", passed("asked", CHANGE), Some("E_STATEMENT_OWNER")),
        (CAROL, "sre", passed("asked", CHANGE), Some("E_MEMBER")),
        (ANN, "sre", passed("asked", StatementSubject::Plan), Some("E_ABOUT")),
        (ANN, "sre", passed("asked", StatementSubject::Change(ChangeId(9))), Some("E_ABOUT")),
        (ANN, "sre", passed("asked", StatementSubject::Change(FIRST_CHANGE)), None),
        (ANN, "sre", passed("staged", StatementSubject::Stage(name("mainnet"))), None),
        (ANN, "sre", passed("staged", StatementSubject::Stage(name("nowhere"))), Some("E_ABOUT")),
        (ANN, "sre", passed("council", CHANGE), Some("E_ABOUT")),
        (ANN, "sre", passed("soak", CHANGE), Some("E_ABOUT")),
        (ANN, "sre", failed("paging_alert", root()), None),
        (CAROL, "commander", failed("paging_alert", root()), Some("E_STATEMENT_OWNER")),
        (ANN, "sre", failed("paging_alert", StatementSubject::Scope("testnet".parse().unwrap())), Some("E_ABOUT")),
        (ANN, "sre", failed("audit_integrity", root()), Some("E_STATEMENT_OWNER")),
        (CAROL, "commander", passed("deploy", CHANGE), None),
        (ANN, "sre", passed("deploy", CHANGE), Some("E_ROLE")),
    ];
    for (who, acting, statement, expected) in table {
        assert_eq!(refused(who, acting, statement.clone()), expected, "{acting}: {statement:?}");
    }
}

#[test]
fn req_025_a_drill_is_told_by_the_role_that_keeps_its_playbook_about_the_plan() {
    let said = |end: &str| passed(&format!("drill.chain.{end}"), StatementSubject::Plan);
    for end in ["began", "ended"] {
        assert_eq!(refused(ANN, "sre", said(end)), None);
        assert_eq!(refused(CAROL, "commander", said(end)), Some("E_STATEMENT_OWNER"));
        assert_eq!(refused(CAROL, "sre", said(end)), Some("E_MEMBER"));
    }
    assert_eq!(refused(ANN, "sre", passed("drill.chain.began", CHANGE)), Some("E_ABOUT"));
    assert_eq!(refused(ANN, "sre", passed("drill.nowhere.began", StatementSubject::Plan)), Some("E_CHECK_UNKNOWN"));
}

#[test]
fn a_change_that_is_over_is_spoken_about_no_more_but_for_one_whose_stage_stands() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, checks());
    scene.edit(|progress| progress.state = ChangeState::Ended { why: EndedWhy::Expired });
    assert_eq!(scene.says(ANN, "sre", passed("asked", CHANGE)).unwrap_err().code(), "E_ABOUT");
    scene.edit(|progress| progress.state = ChangeState::Closed);
    assert_eq!(scene.says(ANN, "sre", passed("asked", CHANGE)).unwrap_err().code(), "E_ABOUT");
    scene.stand("testnet", moment(5, 0, 5_000), ChangeId(1));
    scene.says(ANN, "sre", passed("asked", CHANGE)).unwrap();
}

#[test]
fn evidence_has_a_digest_and_its_type_and_bad_news_needs_neither() {
    let with = |predicate: &str, digest: Option<Digest>| {
        let mut said = passed("tested", CHANGE);
        (said.predicate, said.digest) = (Text::new(predicate).unwrap(), digest);
        refused(ANN, "sre", said)
    };
    let digest = Some(Digest([9; 32]));
    assert_eq!(with("test-result", digest), None);
    assert_eq!(with("test-result", None), Some("E_EVIDENCE"));
    assert_eq!(with("metrics", digest), Some("E_EVIDENCE"));
    assert_eq!(refused(ANN, "sre", word_about("tested", CHANGE, StatementOutcome::Failed)), None);
}

#[test]
fn what_would_have_expired_already_is_refused() {
    let with = |expires: u64| {
        let mut said = passed("asked", CHANGE);
        said.expires = Some(Timestamp(expires));
        refused(ANN, "sre", said)
    };
    assert_eq!((with(10_000), with(10_001)), (Some("E_EXPIRY"), None));
}

fn waiver(key: &str, about: StatementSubject, expires: Option<u64>, reason: &str) -> Statement {
    let mut waiver = word_about(key, about, StatementOutcome::Waived);
    (waiver.expires, waiver.reason) = (expires.map(Timestamp), Text::new(reason).unwrap());
    waiver
}

#[test]
fn a_waiver_is_short_has_a_reason_and_is_never_of_a_blocker_or_a_vote() {
    let longest = Some(10_000 + 30 * DAY);
    let why = "its node is away";
    let table = [
        (ANN, "sre", waiver("asked", CHANGE, longest, why), None),
        (ANN, "sre", waiver("asked", CHANGE, longest.map(|end| end + 1), why), Some("E_EXPIRY")),
        (ANN, "sre", waiver("asked", CHANGE, Some(10_000), why), Some("E_EXPIRY")),
        (ANN, "sre", waiver("asked", CHANGE, None, why), Some("E_EXPIRY")),
        (ANN, "sre", waiver("asked", CHANGE, longest, " "), Some("E_WAIVER")),
        (ANN, "sre", waiver("asked", StatementSubject::Plan, longest, why), Some("E_WAIVER")),
        (ANN, "sre", waiver("blocks", CHANGE, longest, why), Some("E_WAIVER")),
        (ANN, "sre", waiver("council", CHANGE, longest, why), Some("E_WAIVER")),
        (ANN, "sre", waiver("paging_alert", CHANGE, longest, why), Some("E_ABOUT")),
        (CAROL, "commander", waiver("asked", CHANGE, longest, why), Some("E_ROLE")),
    ];
    for (who, acting, statement, expected) in table {
        assert_eq!(refused(who, acting, statement.clone()), expected, "{acting}: {statement:?}");
    }
}

#[test]
fn nobody_waives_anything_of_their_own_change() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, checks());
    scene.seat("sre", &[CAROL]);
    let waiver = waiver("asked", CHANGE, Some(20_000), "it is late");
    assert_eq!(scene.says(CAROL, "sre", waiver.clone()).unwrap_err().code(), "E_WAIVER");
    scene.says(BEN, "sre", waiver).unwrap();
}

#[test]
fn a_statement_is_kept_by_speaker_and_counted_by_role() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, checks());
    scene.word(ANN, "asked", StatementOutcome::Passed);
    scene.word(BEN, "asked", StatementOutcome::Failed);
    scene.word(ANN, "asked", StatementOutcome::Warned);
    let kept = |who| STATEMENTS.get(&scene.state, &(name("chain"), name("asked"), (CHANGE.digest(), who)));
    assert_eq!(kept(ANN).unwrap().statement.outcome, StatementOutcome::Warned);
    assert!(kept(BEN).is_some() && kept(DAN).is_none());
    let tally = TALLIES.get(&scene.state, &(name("chain"), name("asked"), (CHANGE.digest(), name("sre")))).unwrap();
    let speakers: Vec<AccountId> = tally.words.iter().map(|word| word.by.account).collect();
    assert_eq!(speakers, [ANN, BEN]);
}

#[test]
fn a_tally_keeps_a_failure_when_others_speak_after_it() {
    let said = |who: u8, outcome| TalliedWord {
        by: Actor { account: AccountId([who; 32]), role: name("sre") },
        at: moment(who.into(), 0, 0),
        outcome,
        predicate: Text::default(),
        digest: None,
        refs: List::new(),
        commit: None,
        value: None,
        began: None,
        expires: None,
    };
    let mut tally = WordTally::default();
    tally.say(said(1, StatementOutcome::Failed));
    (2..=6).for_each(|who| tally.say(said(who, StatementOutcome::Passed)));
    let speakers: Vec<u8> = tally.words.iter().map(|word| word.by.account.0[0]).collect();
    assert_eq!(speakers, [6, 5, 4, 1]);
    assert_eq!(tally.words.len(), MOST_WORDS as usize);
    tally.say(said(1, StatementOutcome::Passed));
    let speakers: Vec<u8> = tally.words.iter().map(|word| word.by.account.0[0]).collect();
    assert_eq!(speakers, [1, 6, 5, 4]);
}

#[test]
fn a_signal_that_fails_marks_the_stage_that_stands_and_one_that_passes_marks_none() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, checks());
    let mark =
        |scene: &Scene<'_>, stage: &str| MARKS.get(&scene.state, &(name("chain"), name(stage), name("paging_alert")));
    let mut healthy = passed("paging_alert", StatementSubject::Scope(Path::ROOT));
    healthy.digest = Some(Digest([9; 32]));
    scene.says(ANN, "sre", healthy).unwrap();
    assert_eq!(mark(&scene, "development"), None);
    let failed = |about| word_about("paging_alert", about, StatementOutcome::Failed);
    scene.says(ANN, "sre", failed(StatementSubject::Scope(Path::ROOT))).unwrap();
    assert_eq!((mark(&scene, "development"), mark(&scene, "testnet")), (Some(scene.at), None));
    scene.says(ANN, "sre", failed(StatementSubject::Stage(name("testnet")))).unwrap();
    assert_eq!(mark(&scene, "testnet"), Some(scene.at));
}

#[test]
fn what_validators_notice_marks_once_more_than_a_third_agrees() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, checks());
    let mut says = |who| {
        let mut said = word_about("audit_integrity", StatementSubject::Scope(Path::ROOT), StatementOutcome::Failed);
        said.value = Some("7".parse().unwrap());
        scene.says(who, "validators", said).unwrap();
        MARKS.get(&scene.state, &(name("chain"), name("development"), name("audit_integrity"))).is_some()
    };
    assert_eq!([says(BEN), says(DAN)], [false, true]);
}

#[test]
fn duties_are_judged_again_that_a_statement_may_meet() {
    let memory = Memory::default();
    let mut scene = Scene::with(&memory, checks());
    let is_judged = |scene: &mut Scene<'_>, statement: Statement| {
        scene.says(ANN, "sre", statement).unwrap();
        let place = (name("chain"), ChangeId(1));
        let judged = TO_JUDGE.contains(&scene.state, &place);
        TO_JUDGE.remove(&mut scene.state, &place);
        judged
    };
    crate::storage::LIVE.insert(&mut scene.state, &(name("chain"), ChangeId(1)));
    assert!(!is_judged(&mut scene, passed("asked", CHANGE)), "it owes nothing while it waits");
    let duty = OwedDuty {
        check: name("staged"),
        from: scene.at,
        ends: None,
        missed: Missed::Block,
        or_incident: false,
        state: DutyState::Owed,
        poll: None,
    };
    scene.edit(|progress| (progress.state, progress.duties) = (ChangeState::Active, list([duty])));
    assert!(is_judged(&mut scene, passed("asked", CHANGE)));
    assert!(is_judged(&mut scene, passed("staged", StatementSubject::Stage(name("testnet")))));
    let alert = word_about("paging_alert", StatementSubject::Scope(Path::ROOT), StatementOutcome::Failed);
    assert!(!is_judged(&mut scene, alert));
}

#[test]
fn a_word_about_a_build_names_its_own_commit() {
    let memory = Memory::default();
    let tested = Ask::Word { about: AboutKind::Artifact, predicate: None, refs: Refs::Any, within: None };
    let mut scene = Scene::with(&memory, [check("smoke", tested)]);
    let unknown = passed("smoke", StatementSubject::Artifact(Digest([5; 32])));
    assert_eq!(scene.says(ANN, "sre", unknown).unwrap_err().code(), "E_ABOUT");
    scene.approve(5, Some("c0ffee"));
    let mut said = passed("smoke", StatementSubject::Artifact(Digest([5; 32])));
    said.commit = Some(Text::new("bad").unwrap());
    assert_eq!(scene.says(ANN, "sre", said.clone()).unwrap_err().code(), "E_COMMIT");
    said.commit = Some(Text::new("c0ffee").unwrap());
    said.refs = names(&["CHG-1"]);
    scene.says(ANN, "sre", said).unwrap();
}
