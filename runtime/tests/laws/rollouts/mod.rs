//! The laws of plans and changes (ROLLOUTS 19), held after every fact and every block of random histories.
//!
//! Each law is counted from the facts alone, which a [`chronicle`](chronicle::Chronicle) folds without asking any rule, or is tried on a
//! copy of the network; and each says which rule it holds. One run carries them all, because they all need the same histories.

mod acts;
mod ballots;
mod chronicle;
mod course;
mod deadlines;
mod forks;
mod freezes;
mod guests;
mod histories;
mod installs;
mod keys;
mod lists;
mod order;
mod reached;
mod reads;
mod tickets;
mod values;

use crate::governed::Made;
use ::rollouts::Event as Told;
use chronicle::Chronicle;
use histories::{Beat, History, history};
use primitives::{ChangeId, SecretKey};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use reached::Reached;
use runtime::Call;
use state::State;

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, ..ProptestConfig::default() })]

    /// Laws 1 to 5, 7, 12, 13, 16 to 18, 20 and 21, each of which is a function that is named after it.
    #[test]
    fn every_history_of_changes_keeps_the_laws(history in history()) {
        follow(&history, &mut Reached::default(), true);
    }
}

/// The laws mean something only where changes go: what they are about has to come up.
#[test]
fn the_histories_of_changes_reach_what_the_laws_are_about() {
    let mut runner = TestRunner::deterministic();
    let mut reached = Reached::default();
    for _ in 0..60 {
        follow(&history().new_tree(&mut runner).unwrap().current(), &mut reached, false);
    }
    reached.is_enough();
}

/// What was tried on a copy of the network already, because it takes many blocks.
#[derive(Default)]
struct Tried {
    aborted: bool,
    enabled: bool,
}

/// Makes the blocks of a history, and holds each to the laws if that is asked for.
fn follow(history: &History, reached: &mut Reached, is_held: bool) {
    let mut network = history.begin();
    let (mut told, mut tried) = (Chronicle::begin(&network.genesis), Tried::default());
    for Beat { gap_ms, acts } in &history.beats {
        let asked: Vec<(SecretKey, Call)> = acts.iter().flat_map(|act| act.calls(&network, *gap_ms)).collect();
        let before = network.clone();
        let made = network.block(*gap_ms, &asked);
        for fact in &made.facts {
            reached.note(&told, made.at, fact);
            if is_held {
                each_fact(&told, &made, fact);
            }
            told.tell(made.at, fact);
        }
        if !is_held {
            continue;
        }
        each_block(&told, &made, &network.state());
        if let Some(id) = approved(&made).filter(|_| !tried.aborted) {
            tried.aborted = true;
            forks::l17_the_stake_ends_in_time_what_a_council_decided(&before, *gap_ms, &asked, id);
        }
        if !tried.enabled && !acts::disabled(&network.state()).is_empty() {
            tried.enabled = true;
            forks::l18_what_is_disabled_can_be_enabled_again(&network);
        }
    }
    if is_held {
        forks::l18_what_is_disabled_can_be_enabled_again(&network);
        reads::l21_a_verdict_reads_no_more_rows_than_are_paid_for(&network.memory, network.moment());
    }
}

/// The first that a council approved in a block and the stake may still end.
fn approved(made: &Made) -> Option<ChangeId> {
    made.of_changes().find_map(|event| match event {
        Told::Approved { change, not_before: Some(_), .. } => Some(*change),
        _ => None,
    })
}

/// The laws of one fact, by what was told before it.
fn each_fact(told: &Chronicle, made: &Made, fact: &runtime::Fact) {
    lists::l01_no_change_becomes_active_on_a_no_go(told, fact);
    ballots::l02_a_vote_counts_for_what_was_read_and_for_members_who_still_are(told, fact);
    order::l03_stages_are_entered_in_their_order_and_no_gate_falls_on_the_way(told, fact);
    freezes::l04_in_a_freeze_nothing_else_succeeds(told, made.at, fact);
    tickets::l05_what_touches_a_stage_with_a_ticket_has_one(told, fact);
    deadlines::l07_deadlines_fire_by_the_clock_when_their_time_is_over(told, made.at, fact);
    keys::l20_no_single_key_ends_or_forgives_what_more_than_one_decided(told, made.at, fact);
}

/// The laws of what stands once a block is told whole.
fn each_block(told: &Chronicle, made: &Made, state: &State) {
    for course in told.changes.values() {
        let stands = ::rollouts::queries::progress(state, course.id()).map(|progress| progress.state);
        assert_eq!(stands, Some(course.state), "change {} stands as facts told", course.id());
    }
    order::stages_stand_as_told(told, state);
    freezes::l04_every_freeze_ends(told, made.at, &made.facts);
    deadlines::l07_no_deadline_is_left_behind(told, made.at);
    keys::l20_no_key_has_more_emergencies_than_the_plan_says(told);
    values::check(told, made, state);
}
