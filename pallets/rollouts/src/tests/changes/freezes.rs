//! Pauses: one key stops what goes on, for as long as the council agrees (ROLLOUTS 7.6, 7.7).

use super::chain::*;
use crate::change::ChangeState;
use crate::plan::Missed;
use crate::queries::{ChangeLabel, emergencies, paused};
use crate::standing::ThawedWhy;
use crate::tests::sample::name;
use crate::{Error, Event};
use governance::Choice;
use primitives::{Amount, Path, Span};
use state::Memory;

/// The place of the procedure of pauses.
const FREEZE: usize = 5;

#[test]
fn a_pause_stops_what_is_asked_and_carried_out_and_no_emergency() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let pruning = chain.setting("pruning", 1);
    let approved = chain.approved(sets([pruning.clone()]));
    let pause = chain.submit(pauses()).unwrap();
    assert_eq!(chain.label(pause), ChangeLabel::Paused);
    let refused = Error::Paused { change: pause, path: Path::ROOT };
    assert_eq!(chain.submit(sets([pruning])).unwrap_err(), refused);
    assert_eq!(chain.execute(approved).unwrap_err(), refused);
    assert_eq!(code(chain.submit(disables(&["timetoke_rewards"]))), "granted");
}

#[test]
fn missed_it_ends_to_the_millisecond_and_is_not_renewed_for_as_long_as_it_lasted() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let pause = chain.submit(pauses()).unwrap();
    chain.block();
    assert_eq!(chain.later(24 * HOUR - 1), []);
    assert!(paused(&chain.state, chain.at, &name("chain"), &Path::ROOT).is_some());
    let events = chain.later(1);
    assert!(matches!(events.as_slice(), [Event::Missed { then: Missed::Restore, .. }]), "{events:?}");
    assert_eq!(chain.progress(pause).state, ChangeState::Reverted { by: pause });
    assert_eq!(paused(&chain.state, chain.at, &name("chain"), &Path::ROOT), None);
    assert_eq!(kinds(&chain.block()), ["voided"], "its poll has nothing left to decide");
    chain.later(24 * HOUR - 1);
    let (role, path) = (name("commander"), Path::ROOT);
    assert_eq!(chain.submit(pauses()).unwrap_err(), Error::PausedLately { role, path, left_ms: 1 });
    chain.later(1);
    assert_eq!(code(chain.submit(pauses())), "granted");
}

#[test]
fn ratified_it_lasts_until_it_is_closed_and_rejected_it_ends() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let pause = chain.submit(pauses()).unwrap();
    chain.block();
    chain.council(pause, Choice::Yes);
    assert_eq!(chain.later(100 * DAY), []);
    assert_eq!(chain.label(pause), ChangeLabel::Paused);
    chain.close(pause).unwrap();
    assert_eq!(paused(&chain.state, chain.at, &name("chain"), &Path::ROOT), None);

    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let pause = chain.submit(pauses()).unwrap();
    chain.block();
    assert_eq!(kinds(&chain.council(pause, Choice::No)), ["reverted"]);
    assert_eq!(paused(&chain.state, chain.at, &name("chain"), &Path::ROOT), None);
}

#[test]
fn where_nobody_votes_a_pause_ends_by_itself() {
    let memory = Memory::default();
    let mut plan = plan();
    plan.procedures[FREEZE].close = primitives::List::new();
    plan.policy.freeze_at_most = Span::hours(72);
    let mut chain = Chain::at_stage(&memory, plan, "testnet");
    let pause = chain.submit(pauses()).unwrap();
    assert_eq!(chain.later(72 * HOUR - 1), []);
    let events = chain.later(1);
    assert!(matches!(events.as_slice(), [Event::Thawed { why: ThawedWhy::TimeOver, .. }]), "{events:?}");
    assert_eq!(chain.block(), []);
    chain.close(pause).unwrap();
}

#[test]
fn one_that_is_not_ratified_yet_is_lifted_and_nobody_has_to_ratify_it_any_more() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let pause = chain.submit(pauses()).unwrap();
    chain.later(HOUR);
    chain.close(pause).unwrap();
    assert_eq!(paused(&chain.state, chain.at, &name("chain"), &Path::ROOT), None);
    let progress = chain.progress(pause);
    assert_eq!((progress.state, progress.duties.len()), (ChangeState::Closed, 0), "nobody is said to have ratified it");
    assert_eq!((emergencies(&chain.state, &name("chain"), &ANN), chain.held(ANN)), (0, Amount::ZERO));
    assert_eq!(chain.block(), []);
    assert_eq!(kinds(&chain.block()), ["voided"], "its poll has nothing left to decide");
    assert_eq!(chain.later(DAY), []);
}

#[test]
fn whatever_its_procedure_says_of_a_miss_a_pause_that_is_not_ratified_in_time_stops_nobody() {
    let memory = Memory::default();
    let mut plan = plan();
    plan.procedures[FREEZE].close[0].missed = Missed::Hold;
    let mut chain = Chain::at_stage(&memory, plan, "testnet");
    let pause = chain.submit(pauses()).unwrap();
    chain.block();
    assert_eq!(chain.later(24 * HOUR - 1), []);
    assert_eq!(kinds(&chain.later(1)), ["missed", "thawed"]);
    assert_eq!(paused(&chain.state, chain.at, &name("chain"), &Path::ROOT), None);
    assert_eq!(code(chain.close(pause)), "E_DUTY", "what is late is still owed");
    assert_eq!(chain.block(), []);
}

#[test]
fn one_that_can_be_ratified_for_ever_ends_by_itself() {
    let memory = Memory::default();
    let mut plan = plan();
    (plan.procedures[FREEZE].close[0].within, plan.procedures[FREEZE].close[0].missed) = (None, Missed::Block);
    plan.policy.freeze_at_most = Span::hours(72);
    let mut chain = Chain::at_stage(&memory, plan, "testnet");
    chain.submit(pauses()).unwrap();
    chain.block();
    assert_eq!(chain.later(72 * HOUR - 1), []);
    assert_eq!(kinds(&chain.later(1)), ["thawed"]);
}

#[test]
fn one_key_has_as_many_pauses_and_emergencies_undecided_as_its_plan_says() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    for _ in 0..3 {
        chain.submit(pauses()).unwrap();
    }
    let full = Error::TooManyEmergencies { have: 4, most: 3 };
    assert_eq!(chain.submit(pauses()).unwrap_err(), full);
    assert_eq!(chain.submit(disables(&["pruning"])).unwrap_err(), full);
}

/// One that was short does not shorten how long the role waits after another that was long.
#[test]
fn of_two_pauses_of_a_role_the_longer_one_says_when_it_may_again() {
    let memory = Memory::default();
    let mut chain = Chain::begin(&memory);
    let long = chain.submit(pauses()).unwrap();
    chain.later(10 * HOUR);
    let short = chain.submit(pauses()).unwrap();
    chain.later(HOUR);
    for pause in [long, short] {
        chain.close(pause).unwrap();
    }
    let (role, path) = (name("commander"), Path::ROOT);
    assert_eq!(chain.submit(pauses()).unwrap_err(), Error::PausedLately { role, path, left_ms: 11 * HOUR });
}
