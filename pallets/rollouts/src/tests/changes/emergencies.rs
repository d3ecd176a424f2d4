//! Emergencies: at once, by one key, and then before the council (ROLLOUTS 7.7).

use super::chain::*;
use crate::change::ChangeState;
use crate::plan::{EMERGENCY, Missed};
use crate::queries::{ChangeLabel, emergencies};
use crate::storage::MARKS;
use crate::tests::sample::name;
use crate::{Call, Error, Event};
use flags::Gate;
use governance::Choice;
use primitives::{Amount, List, Moment};
use state::Memory;

/// The place of the procedure of disables.
const DISABLE: usize = 3;

/// When the soaks of testnet were restarted last by an emergency.
fn marked(chain: &Chain<'_>) -> Option<Moment> {
    MARKS.get(&chain.state, &(name("chain"), name("testnet"), name(EMERGENCY)))
}

#[test]
fn a_disable_acts_in_its_block_marks_the_soaks_and_is_ratified() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let change = chain.submit(disables(&["timetoke_rewards"])).unwrap();
    assert!(!chain.is_on(Gate::TimetokeRewards));
    assert_eq!(marked(&chain), Some(chain.at));
    assert_eq!(emergencies(&chain.state, &name("chain"), &ANN), 1);
    chain.block();
    assert_eq!(chain.label(change), ChangeLabel::RatifyDue);
    let events = chain.council(change, Choice::Yes);
    assert!(matches!(events.as_slice(), [Event::Met { late: false, poll: Some(_), .. }]), "{events:?}");
    assert_eq!(chain.label(change), ChangeLabel::Ratified);
    assert_eq!(emergencies(&chain.state, &name("chain"), &ANN), 0, "it is decided");
    chain.close(change).unwrap();
    assert_eq!(chain.held(ANN), Amount::ZERO);
    assert!(!chain.is_on(Gate::TimetokeRewards), "and stays off");
}

#[test]
fn a_rejected_one_is_undone_in_that_block() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let change = chain.submit(disables(&["timetoke_rewards"])).unwrap();
    chain.block();
    let events = chain.council(change, Choice::No);
    assert_eq!(kinds(&events), ["reverted"]);
    assert!(chain.is_on(Gate::TimetokeRewards));
    assert_eq!(marked(&chain), Some(chain.at), "what was off for a while has not soaked");
    assert_eq!(chain.progress(change).state, ChangeState::Reverted { by: change });
    assert_eq!((chain.held(ANN), emergencies(&chain.state, &name("chain"), &ANN)), (Amount::ZERO, 0));
    assert_eq!(chain.block(), []);
}

#[test]
fn one_that_lapses_is_held_stops_promotions_and_is_ratified_late() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let change = chain.submit(disables(&["timetoke_rewards"])).unwrap();
    chain.block();
    assert_eq!(chain.later(24 * HOUR - 1), []);
    let events = chain.later(1);
    assert!(matches!(events.as_slice(), [Event::Missed { then: Missed::Hold, .. }]), "{events:?}");
    assert_eq!(chain.label(change), ChangeLabel::Lapsed);
    assert!(!chain.is_on(Gate::TimetokeRewards), "what it did stays");
    assert_eq!(emergencies(&chain.state, &name("chain"), &ANN), 1, "and counts");
    let events = chain.council(change, Choice::Yes);
    assert!(matches!(events.as_slice(), [Event::Met { late: true, .. }]), "{events:?}");
    assert_eq!(chain.label(change), ChangeLabel::Ratified);
}

#[test]
fn a_poll_that_nobody_can_vote_in_or_that_the_stake_stopped_is_opened_again() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let change = chain.submit(disables(&["timetoke_rewards"])).unwrap();
    chain.block();
    let first = chain.open_poll(change);
    cancel(&mut chain.state, chain.at, first);
    let events = chain.block();
    assert!(matches!(events.as_slice(), [Event::Voided { reopens: true, .. }]), "{events:?}");
    assert!(!chain.is_on(Gate::TimetokeRewards), "nobody said no");
    assert!(chain.open_poll(change) > first);
}

#[test]
fn what_requires_a_flag_goes_off_with_it_and_each_counts() {
    let memory = Memory::default();
    let mut chain = Chain::at_stage(&memory, plan(), "mainnet");
    let change = chain.submit(disables(&["recursive_proofs"])).unwrap();
    assert!(!chain.is_on(Gate::RecursiveProofs) && !chain.is_on(Gate::WitnessNetwork));
    assert_eq!(chain.progress(change).effects.len(), 2);
    assert_eq!(emergencies(&chain.state, &name("chain"), &ANN), 2);
    let more = chain.submit(disables(&["pruning", "reconstruction"]));
    assert_eq!(more.unwrap_err(), Error::TooManyEmergencies { have: 4, most: 3 });
    assert_eq!(code(chain.submit(disables(&["pruning"]))), "granted", "as many as there may be");
}

#[test]
fn no_emergency_touches_the_quorum_or_says_another_cause() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    for spared in ["malachite_consensus", "consensus_enforcement"] {
        assert_eq!(code(chain.submit(disables(&[spared]))), "E_EMERGENCY");
    }
    let mut request = disables(&["pruning"]);
    if let crate::change::ChangeRequest::Disable { cause, .. } = &mut request.request {
        *cause = name("FUN");
    }
    assert_eq!(code(chain.submit(request)), "E_CAUSE");
    assert_eq!(code(chain.submit(disables(&["nothing"]))), "E_FLAG_UNKNOWN");
    chain.submit(disables(&["pruning"])).unwrap();
    assert_eq!(chain.submit(disables(&["pruning"])).unwrap_err(), Error::NoEffect, "it is off");
}

#[test]
fn what_is_disabled_is_not_set_beneath_and_is_enabled_by_a_vote() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let emergency = chain.submit(disables(&["pruning"])).unwrap();
    let beneath = chain.setting("pruning", 0);
    assert_eq!(code(chain.submit(sets([beneath]))), "E_DISABLED");
    chain.block();
    chain.council(emergency, Choice::Yes);
    let again = chain.enabling("pruning");
    let change = chain.approved(sets([again]));
    chain.execute(change).unwrap();
    assert!(chain.is_on(Gate::Pruning));
    assert_eq!(marked(&chain), Some(chain.at), "soaks begin again as it is on again");
}

#[test]
fn what_is_undone_stays_off_without_what_it_requires() {
    let memory = Memory::default();
    let mut chain = Chain::at_stage(&memory, plan(), "mainnet");
    let witnesses = chain.submit(disables(&["witness_network"])).unwrap();
    chain.submit(disables(&["recursive_proofs"])).unwrap();
    chain.block();
    assert_eq!(kinds(&chain.council(witnesses, Choice::No)), ["reverted"]);
    assert!(!chain.is_on(Gate::RecursiveProofs), "that is another change");
    assert!(!chain.is_on(Gate::WitnessNetwork));
}

#[test]
fn one_that_owes_nothing_is_over_and_counts_no_more() {
    let memory = Memory::default();
    let mut plan = plan();
    plan.procedures[DISABLE].close = List::new();
    let mut chain = Chain::at_stage(&memory, plan, "testnet");
    let change = chain.submit(disables(&["timetoke_rewards"])).unwrap();
    assert_eq!(chain.progress(change).state, ChangeState::Closed);
    assert_eq!(emergencies(&chain.state, &name("chain"), &ANN), 0);
}

#[test]
fn one_that_waits_counts_as_one_until_it_is_taken_back() {
    let memory = Memory::default();
    let mut plan = plan();
    plan.procedures[DISABLE].at_once = false;
    let mut chain = Chain::at_stage(&memory, plan, "testnet");
    let first = chain.submit(disables(&["pruning"])).unwrap();
    for _ in 0..2 {
        chain.submit(disables(&["pruning"])).unwrap();
    }
    assert_eq!(chain.submit(disables(&["pruning"])).unwrap_err(), Error::TooManyEmergencies { have: 4, most: 3 });
    let (plan, acting) = (name("chain"), name("commander"));
    chain.call(ANN, &Call::Withdraw { plan, acting, change: first }).unwrap();
    assert_eq!(code(chain.submit(disables(&["pruning"]))), "granted");
}
