//! Networks that begin with a plan.

use super::*;
use crate::RolloutsGenesis;
use crate::plans::{self, FIRST_CHANGE};
use flags::{Gate, Gates};
use primitives::Checker;

fn genesis(stage: Option<&str>, sealer: Option<AccountId>) -> RolloutsGenesis {
    let Installation { plan, members, segments, .. } = first(node());
    RolloutsGenesis { plan, members, segments, stage: stage.map(name), sealer }
}

fn mistakes(genesis: &RolloutsGenesis) -> Vec<String> {
    let mut found = Vec::new();
    genesis.check(at(0).time, Checker::within("rollouts", &mut found));
    found.into_iter().map(|mistake| mistake.field).collect()
}

#[test]
fn a_sealer_is_named_exactly_where_the_quorum_is_off() {
    let none: Vec<String> = Vec::new();
    for (stage, is_sealed) in [(None, true), (Some("development"), true), (Some("testnet"), false)] {
        let wrong = vec!["rollouts.sealer".to_owned()];
        let (with, without) = (mistakes(&genesis(stage, Some(ANN))), mistakes(&genesis(stage, None)));
        let expected = if is_sealed { (none.clone(), wrong) } else { (wrong, none.clone()) };
        assert_eq!((with, without), expected, "{stage:?}");
    }
}

#[test]
fn everything_that_is_wrong_is_found_at_once() {
    let mut genesis = genesis(Some("canary"), None);
    genesis.members = List::new();
    genesis.plan.version = 2;
    let found = mistakes(&genesis);
    for field in ["rollouts.plan.version", "rollouts.members", "rollouts.stage", "rollouts.sealer"] {
        assert!(found.iter().any(|other| other == field), "{field} is not among {found:?}");
    }
    genesis.plan.checks[0].by = None;
    assert!(
        mistakes(&genesis).iter().any(|field| field.starts_with("rollouts.plan.checks")),
        "{:?}",
        mistakes(&genesis)
    );
    let mut empty = self::genesis(Some("testnet"), None);
    empty.segments = list([segment("cohort", &[])]);
    assert_eq!(mistakes(&empty), ["rollouts.stage"]);
}

#[test]
fn the_stage_of_genesis_stands_by_change_0_from_height_0_on() {
    let memory = Memory::default();
    let mut state = State::over(&memory);
    for event in genesis(Some("testnet"), None).events() {
        event.apply(&mut state, at(0));
    }
    let plan = plans::of_node(&state).unwrap();
    let (stage, standing) = plan.last_standing(&state).unwrap();
    assert_eq!((stage, standing.change, standing.since), (name("testnet"), FIRST_CHANGE, at(0)));
    assert!(Gates::of(&state).is_on(Gate::MalachiteConsensus));
}

#[test]
fn without_a_stage_the_fallbacks_hold_and_the_first_is_entered_next() {
    let memory = Memory::default();
    let mut state = State::over(&memory);
    for event in genesis(None, Some(ANN)).events() {
        event.apply(&mut state, at(0));
    }
    let plan = plans::of_node(&state).unwrap();
    assert_eq!((plan.last_standing(&state), plan.successor(None)), (None, Some(&name("development"))));
    assert!(!Gates::of(&state).is_on(Gate::MalachiteConsensus));
}
