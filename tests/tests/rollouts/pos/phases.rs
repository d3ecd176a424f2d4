//! Phases: 5 is locked when its list is met, 6 takes hardening alone, 7 begins when 6 is frozen and traced, and nothing goes back
//! (ROLLOUTS 7.6).

use super::{build, ci, installed, owner, release_owner, shop, tenant};
use crate::application::Application;
use crate::network::{DAY, SECOND, name};
use primitives::{Digest, List, Name, Path};
use rollouts::change::ChangeDraft;
use rollouts::plan::{Nature, PhaseState};
use rollouts::statement::{Statement, StatementSubject};
use rollouts::verdict::{Answer, ListVerdict};
use rollouts::{plans, queries};

/// What it takes to lock a phase, as the plan lists it.
fn exit(shop: &Application, phase: &str) -> Vec<Name> {
    shop.plan.phase(&name(phase)).unwrap().exit.to_vec()
}

/// A phase moves on, by the owner.
pub(super) fn moves(shop: &mut Application, phase: &str, to: PhaseState) {
    let asked = owner().submits(shop.moves_on(phase, to));
    shop.granted(asked);
}

fn refused(shop: &mut Application, phase: &str, to: PhaseState, code: &str) {
    let asked = owner().submits(shop.moves_on(phase, to));
    shop.refused(asked, code);
}

/// Phase 5 is locked: frozen first, because a phase moves on one state at a time.
pub(super) fn lock_five(shop: &mut Application) {
    moves(shop, "5.x", PhaseState::Frozen);
    let keys = exit(shop, "5.x");
    shop.say_of_phase("5.x", &keys);
    moves(shop, "5.x", PhaseState::Locked);
}

/// A build of a phase that is for PROD, registered.
pub(super) fn registered_in(shop: &mut Application, number: u8, phase: &str) -> Digest {
    let artifact = build(number, phase, "PROD");
    let digest = artifact.digest;
    shop.granted(ci().registers(artifact));
    digest
}

#[test]
fn phase_five_is_locked_once_everything_is_said_and_takes_nothing_more() {
    let mut shop = shop();
    let first = shop.registered(1);
    moves(&mut shop, "5.x", PhaseState::Frozen);
    let keys = exit(&shop, "5.x");
    refused(&mut shop, "5.x", PhaseState::Locked, "E_DEFERRED");
    let (last, others) = keys.split_last().unwrap();
    shop.say_of_phase("5.x", others);
    refused(&mut shop, "5.x", PhaseState::Locked, "E_DEFERRED");
    shop.say_of_phase("5.x", std::slice::from_ref(last));
    moves(&mut shop, "5.x", PhaseState::Locked);

    let asked = owner().submits(shop.promotes("DEV", first));
    shop.refused(asked, "E_LOCKED");
    let late = shop.word("exit5.preview", StatementSubject::Phase(name("5.x")));
    shop.refused(ci().states(late), "E_LOCKED");
    for to in [PhaseState::Open, PhaseState::Frozen, PhaseState::Locked] {
        refused(&mut shop, "5.x", to, "E_PHASE");
    }
}

#[test]
fn a_policy_that_is_corrupt_keeps_phase_five_open_until_it_is_said_to_be_mended() {
    let mut shop = shop();
    moves(&mut shop, "5.x", PhaseState::Frozen);
    let keys = exit(&shop, "5.x");
    shop.say_of_phase("5.x", &keys);
    let corrupt = shop.failed("policy_corruption", StatementSubject::Scope(Path::ROOT));
    shop.granted(ci().states(corrupt));
    refused(&mut shop, "5.x", PhaseState::Locked, "E_NO_GO");
    let mended = shop.word("policy_corruption", StatementSubject::Scope(Path::ROOT));
    shop.granted(ci().states(mended));
    moves(&mut shop, "5.x", PhaseState::Locked);
}

#[test]
fn the_policy_payload_names_its_version_and_both_of_its_times() {
    let mut shop = shop();
    moves(&mut shop, "5.x", PhaseState::Frozen);
    let keys: Vec<Name> = exit(&shop, "5.x").into_iter().filter(|key| key.as_str() != "exit5.policy_payload").collect();
    shop.say_of_phase("5.x", &keys);
    let mut short = shop.word("exit5.policy_payload", StatementSubject::Phase(name("5.x")));
    let refs = short.refs.iter().filter(|key| key.as_str() != "payload.effectiveTo").cloned().collect();
    short.refs = List::truncate_from(refs);
    shop.granted(ci().states(short));
    refused(&mut shop, "5.x", PhaseState::Locked, "E_DEFERRED");
    shop.say_of_phase("5.x", &[name("exit5.policy_payload")]);
    moves(&mut shop, "5.x", PhaseState::Locked);
}

#[test]
fn phase_six_is_opened_after_five_is_locked_and_frozen_it_takes_hardening_alone() {
    let mut shop = shop();
    refused(&mut shop, "6", PhaseState::Open, "E_PHASE");
    lock_five(&mut shop);
    moves(&mut shop, "6", PhaseState::Open);
    let digest = registered_in(&mut shop, 1, "6");
    let of = |shop: &Application, nature: Nature| ChangeDraft { nature, ..shop.promotes("DEV", digest) };
    let asked = owner().submits(of(&shop, Nature::Feature));
    let waiting = shop.submitted(asked);
    let frozen = release_owner().submits(shop.moves_on("6", PhaseState::Frozen));
    shop.granted(frozen);
    for nature in [Nature::Feature, Nature::Fix] {
        let asked = owner().submits(of(&shop, nature));
        shop.refused(asked, "E_FROZEN_PHASE");
    }
    shop.answer(waiting);
    shop.refused(owner().executes(waiting), "E_FROZEN_PHASE");
    let asked = owner().submits(of(&shop, Nature::Hardening));
    let hardening = shop.submitted(asked);
    shop.granted(owner().executes(hardening));
    assert_eq!(shop.stands_in("DEV"), Some(digest));
}

#[test]
fn phase_seven_begins_when_six_is_frozen_signed_and_traced_to_its_last_row() {
    let mut shop = shop();
    lock_five(&mut shop);
    moves(&mut shop, "6", PhaseState::Open);
    refused(&mut shop, "7", PhaseState::Open, "E_PHASE");
    let asked = release_owner().submits(shop.moves_on("6", PhaseState::Frozen));
    shop.granted(asked);
    refused(&mut shop, "7", PhaseState::Open, "E_DEFERRED");
    for number in 901..=919 {
        let row = shop.row(&format!("FR-P6-{number}"), None);
        shop.granted(ci().states(row));
    }
    let wrong = shop.row("FR-P6-919", None);
    let last = Statement { key: name("FR-P6-920"), ..wrong };
    shop.granted(ci().states(last));
    shop.say_of_phase("6", &[name("phase6.freeze_record")]);
    refused(&mut shop, "7", PhaseState::Open, "E_DEFERRED");
    let last = shop.row("FR-P6-920", None);
    shop.granted(ci().states(last));
    moves(&mut shop, "7", PhaseState::Open);
}

#[test]
fn a_critical_risk_keeps_phase_seven_from_beginning() {
    let mut shop = shop();
    lock_five(&mut shop);
    moves(&mut shop, "6", PhaseState::Open);
    moves(&mut shop, "6", PhaseState::Frozen);
    let start = shop.plan.phase(&name("7")).unwrap().start.to_vec();
    shop.say_of_phase("6", &start);
    shop.granted(owner().opens_risk(""));
    refused(&mut shop, "7", PhaseState::Open, "E_NO_GO");
    let risk = shop.risks()[0];
    let review = shop.at.time.plus(30 * DAY);
    shop.granted(owner().accepts(risk, review));
    moves(&mut shop, "7", PhaseState::Open);
}

#[test]
fn a_phase_moves_on_one_state_at_a_time_by_whoever_may() {
    let mut shop = installed();
    refused(&mut shop, "5.x", PhaseState::Frozen, "E_PHASE");
    refused(&mut shop, "9", PhaseState::Open, "E_PHASE");
    for other in [ci(), tenant(1)] {
        let asked = other.submits(shop.moves_on("5.x", PhaseState::Open));
        shop.refused(asked, "E_ROLE");
    }
    moves(&mut shop, "5.x", PhaseState::Open);
    shop.block(SECOND, &[]);
    refused(&mut shop, "5.x", PhaseState::Locked, "E_PHASE");
}

/// What it takes to move a phase on now, while nobody asks to.
fn explained(shop: &Application, phase: &str) -> ListVerdict {
    let state = shop.state();
    let plan = plans::current(&state, &shop.plan.name).unwrap();
    queries::list_to_move_on(&state, shop.at, &plan, &name(phase)).unwrap()
}

#[test]
fn req_076_what_a_phase_waits_for_is_said_before_anybody_asks_and_is_what_the_change_is_refused_for() {
    let mut shop = shop();
    let codes = |verdict: &ListVerdict| verdict.unmet().map(|finding| finding.code.to_string()).collect::<Vec<_>>();
    let eight = explained(&shop, "8");
    assert_ne!(eight.answer, Answer::Go, "phase 7 is not locked");
    assert!(codes(&eight).contains(&"E_PHASE".to_owned()), "{eight:?}");
    let behind = &eight.findings[0];
    assert_eq!((behind.have.as_str(), behind.need.as_str()), ("phase 7 is PLANNED", "phase 7 LOCKED"));
    refused(&mut shop, "8", PhaseState::Open, "E_PHASE");

    moves(&mut shop, "5.x", PhaseState::Frozen);
    let waits = explained(&shop, "5.x");
    assert_eq!(waits.answer, Answer::Deferred);
    let keys = exit(&shop, "5.x");
    assert!(keys.iter().all(|key| waits.findings.iter().any(|finding| finding.key == *key)), "{waits:?}");
    refused(&mut shop, "5.x", PhaseState::Locked, "E_DEFERRED");
    shop.say_of_phase("5.x", &keys);
    let met = explained(&shop, "5.x");
    assert_eq!((met.answer, codes(&met)), (Answer::Go, Vec::new()));
    moves(&mut shop, "5.x", PhaseState::Locked);
    let locked = explained(&shop, "5.x");
    assert!(locked.answer == Answer::Go && locked.findings.is_empty(), "{locked:?}");
    let state = shop.state();
    let plan = plans::current(&state, &shop.plan.name).unwrap();
    assert!(queries::list_to_move_on(&state, shop.at, &plan, &name("9")).is_err());
}

/// Phase 7 is open, because 6 is frozen, signed, and traced to its last row.
fn open_seven(shop: &mut Application) {
    lock_five(shop);
    moves(shop, "6", PhaseState::Open);
    moves(shop, "6", PhaseState::Frozen);
    let start = shop.plan.phase(&name("7")).unwrap().start.to_vec();
    shop.say_of_phase("6", &start);
    moves(shop, "7", PhaseState::Open);
}

#[test]
fn req_141_phase_seven_is_locked_with_its_packs_its_rows_and_its_statements_and_while_nothing_forbids_it() {
    let mut shop = shop();
    open_seven(&mut shop);
    refused(&mut shop, "8", PhaseState::Open, "E_PHASE");
    moves(&mut shop, "7", PhaseState::Frozen);
    // A pack of tests, the rows, and two of the four statements.
    let left = ["phase7.chaos", "phase7.traces", "phase7.dashboard", "phase7.kill_switch"];
    let others: Vec<Name> = exit(&shop, "7").into_iter().filter(|key| !left.contains(&key.as_str())).collect();
    shop.say_of_phase("7", &others);
    for key in left {
        refused(&mut shop, "7", PhaseState::Locked, "E_DEFERRED");
        shop.say_of_phase("7", &[name(key)]);
    }
    for signal in ["regression", "cross_tenant_leak", "security_tests"] {
        let seen = shop.failed(signal, StatementSubject::Scope(Path::ROOT));
        shop.granted(ci().states(seen));
        refused(&mut shop, "7", PhaseState::Locked, "E_NO_GO");
        let mended = shop.word(signal, StatementSubject::Scope(Path::ROOT));
        shop.granted(ci().states(mended));
    }
    moves(&mut shop, "7", PhaseState::Locked);
    moves(&mut shop, "8", PhaseState::Open);
}

#[test]
fn req_131_while_phase_six_is_open_each_of_its_rows_stands_before_staging_with_its_evidence() {
    let mut shop = shop();
    lock_five(&mut shop);
    moves(&mut shop, "6", PhaseState::Open);
    let digest = registered_in(&mut shop, 1, "6");
    shop.enter("DEV", digest);
    let staging = shop.submitted(owner().submits(shop.promotes("STAGING", digest)));
    let is_missing = |shop: &Application| shop.unmet(staging).iter().any(|key| key == "traceability");
    let bare = Statement { digest: None, ..shop.row("FR-P6-901", None) };
    shop.refused(ci().states(bare), "E_EVIDENCE");
    for number in 901..=920 {
        assert!(is_missing(&shop), "{number} is missing");
        let row = shop.row(&format!("FR-P6-{number}"), None);
        shop.granted(ci().states(row));
    }
    assert!(!is_missing(&shop));
}
