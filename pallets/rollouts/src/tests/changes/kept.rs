//! For how long statements about changes are kept (REQ-156).

use super::chain::*;
use super::shop::*;
use crate::Event;
use crate::queries::statements;
use crate::statement::StatementSubject;
use crate::storage::{SAID_ABOUT, STATEMENTS, TALLIES};
use crate::tests::sample::name;
use primitives::{Height, Path, Reason, Text};
use state::{Apply as _, Decide as _, Memory};

/// For how long the sample keeps audit records. What ends a hold is no part of these stories.
const KEPT: u64 = 180 * DAY;

fn said(chain: &Chain<'_>) -> usize {
    statements(&chain.state, &name("shop"), Some(&name("audit")), None, None).count()
}

/// Cat has what is at a path and below kept.
fn hold(chain: &mut Chain<'_>, path: Path) {
    let hold = cases::Call::Hold {
        plan: name("shop"),
        acting: name("council"),
        path,
        reason: Reason::new("somebody asked").unwrap(),
        reference: Text::new("court 7").unwrap(),
        from: Height(0),
        until: chain.at.time.plus(90 * DAY),
        confirms: None,
    };
    hold.decide(&chain.state, chain.at, CAT).unwrap().apply(&mut chain.state, chain.at);
}

#[test]
fn they_go_once_the_stage_stands_otherwise_and_their_time_is_over() {
    let memory = Memory::default();
    let mut chain = open(&memory, shop_plan());
    let first = artifact(&mut chain, 1, None);
    let change = enter_and_close(&mut chain, "development", first);
    assert_eq!(chain.later(KEPT), [], "its stage stands by it");
    assert_eq!(said(&chain), 1);
    let second = artifact(&mut chain, 2, None);
    let other = ask(&mut chain, ANN, "commander", promotes_artifact("development", second)).unwrap();
    let events = chain.block();
    let [Event::Dropped { change: dropped, statements: 1, is_all: true, .. }] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!((*dropped, said(&chain)), (change, 0));
    says(&mut chain, "audit", StatementSubject::Change(other)).unwrap();
    assert_eq!(said(&chain), 1, "of the other one it is kept");
    assert!(SAID_ABOUT.iter_under(&chain.state, &change).next().is_none());
    let about = StatementSubject::Change(change).digest();
    let is_left = TALLIES.iter(&chain.state).any(|((_, _, (digest, _)), _)| digest == about);
    assert!(!is_left && !STATEMENTS.iter(&chain.state).any(|((_, _, (digest, _)), _)| digest == about));
    assert_eq!(kinds(&chain.block()), ["met"]);
}

#[test]
fn they_stay_a_millisecond_less_than_their_time() {
    let memory = Memory::default();
    let mut chain = open(&memory, shop_plan());
    let first = artifact(&mut chain, 1, None);
    enter_and_close(&mut chain, "development", first);
    let second = artifact(&mut chain, 2, None);
    enter_and_close(&mut chain, "development", second);
    assert_eq!(chain.later(KEPT - 1), []);
    assert_eq!(kinds(&chain.later(1)), ["dropped"]);
}

#[test]
fn a_hold_keeps_them() {
    let memory = Memory::default();
    let mut chain = open(&memory, shop_plan());
    hold(&mut chain, Path::ROOT);
    let first = artifact(&mut chain, 1, None);
    enter_and_close(&mut chain, "development", first);
    let second = artifact(&mut chain, 2, None);
    enter_and_close(&mut chain, "development", second);
    assert_eq!(chain.later(KEPT), []);
}

#[test]
fn what_is_kept_keeps_nothing_waiting_that_comes_behind_it() {
    let memory = Memory::default();
    let mut chain = open(&memory, shop_plan());
    hold(&mut chain, path("development"));
    let mut last = artifact(&mut chain, 1, None);
    enter_and_close(&mut chain, "development", last);
    for number in 2..=65 {
        last = artifact(&mut chain, number, None);
        enter_and_close(&mut chain, "development", last);
    }
    let behind = enter_and_close(&mut chain, "testnet", last);
    let next = artifact(&mut chain, 66, None);
    enter_and_close(&mut chain, "development", next);
    enter_and_close(&mut chain, "testnet", next);
    assert_eq!(said(&chain), 68);
    for events in [chain.later(KEPT), chain.block()] {
        let [Event::Dropped { statements: 0, is_all: false, .. }] = events.as_slice() else { panic!("{events:?}") };
    }
    assert_eq!(said(&chain), 68, "as many as are looked at in a block are all kept");
    let events = chain.block();
    let [Event::Dropped { change, statements: 1, is_all: true, .. }] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((*change, said(&chain)), (behind, 67));
    for _ in 0..2 {
        assert_eq!(kinds(&chain.block()), ["dropped"]);
    }
    assert_eq!((chain.block(), said(&chain)), (vec![], 67), "fewer than a block looks at stay where they are");
}
