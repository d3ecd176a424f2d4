//! What one key can do to what more than one decided, counted from who did it.

use super::chronicle::Chronicle;
use super::course::Course;
use crate::governed::plan::OPEN_EMERGENCIES;
use ::rollouts::change::{ChangeRequest, ChangeState, DutyState, Effected, EndedWhy, Execution};
use ::rollouts::plan::ChangeKind;
use governance::Electorate;
use primitives::{AccountId, ChangeId, Moment};
use roles::Actor;
use runtime::{Cause, Event, Fact};
use std::collections::BTreeMap;

/// How long the stake has to end what a council decided: the least window and the least delay of its expedited track, in epochs.
const EPOCHS_OF_THE_STAKE: u64 = 3;

/// Law 20: "No single key ends, delays for ever or forgives what more than one decided."
///
/// Whoever asked for a change may take it back; every other end is a vote, or the clock. What one key alone may do is to switch off, and
/// what lifts that, or moves a value, was decided by more than one.
pub fn l20_no_single_key_ends_or_forgives_what_more_than_one_decided(told: &Chronicle, at: Moment, fact: &Fact) {
    let Ok(Event::Rollouts(event)) = &fact.outcome else { return };
    match event {
        ::rollouts::Event::Ended { change, why, .. } => ended(told, fact, *change, *why),
        ::rollouts::Event::Closed { change, by, .. } => closed(told, fact, *change, by),
        ::rollouts::Event::Submitted { change, execution: Some(execution), .. } => {
            let disables = change.kind() == ChangeKind::Disable;
            assert!(disables || execution.effects.is_empty(), "one key moves something by {change:?}");
            assert!(execution.effects.iter().all(switches_off), "{change:?} does more than to disable");
            assert_eq!(execution.reverts.len(), 0, "{change:?} goes back from something");
        }
        ::rollouts::Event::Executed { change, execution, .. } => executed(told, at, *change, execution),
        ::rollouts::Event::Approved { change, poll, not_before, .. } => {
            let by_stake = matches!(told.polls[poll].proposal.electorate, Electorate::Stake { .. });
            let from = (!by_stake).then(|| at.epoch.plus(EPOCHS_OF_THE_STAKE));
            assert_eq!(*not_before, from, "{change} is approved");
        }
        ::rollouts::Event::Stepped { change, effects, .. } => {
            assert!(told.changes[change].approved.is_some(), "a step of what nobody agreed to");
            assert!(!effects.iter().any(lifts), "a step of {change} enables something");
        }
        ::rollouts::Event::Missed { .. } | ::rollouts::Event::Met { .. } | ::rollouts::Event::Reverted { .. } => {
            let by_one = matches!(fact.cause, Cause::Transaction { .. });
            assert!(!by_one, "one key decides {fact:?}");
        }
        _ => {}
    }
}

fn switches_off(effect: &Effected) -> bool {
    match effect {
        Effected::Flag { before, after, .. } => {
            before.targeting == after.targeting && !before.disabled && after.disabled
        }
        Effected::Segment { .. } => false,
    }
}

fn lifts(effect: &Effected) -> bool {
    matches!(effect, Effected::Flag { before, after, .. } if before.disabled && !after.disabled)
}

fn executed(told: &Chronicle, at: Moment, id: ChangeId, execution: &Execution) {
    let course = &told.changes[&id];
    assert!(course.not_before.is_none_or(|from| from <= at.epoch), "{id} leaves the stake no time");
    let (poll, _) = course.approved.unwrap_or_else(|| panic!("{id} is carried out and nobody agreed to it"));
    assert_eq!(told.polls[&poll].outcome, Some(Ok(())), "{id}");
    let reverted = execution.reverts.iter().map(|reverted| &told.changes[reverted]);
    let is_demotion = matches!(course.request(), ChangeRequest::Demote { .. });
    for other in reverted {
        assert!(is_demotion && matches!(other.request(), ChangeRequest::Promote { .. }), "{id} reverts {}", other.id());
    }
}

fn ended(told: &Chronicle, fact: &Fact, id: ChangeId, why: EndedWhy) {
    let course = &told.changes[&id];
    assert!(matches!(course.state, ChangeState::Open | ChangeState::Approved), "{id} ends, and was {}", course.state);
    match (why, &fact.cause) {
        (EndedWhy::Withdrawn, Cause::Transaction { account, .. }) => {
            assert_eq!(course.change.submitter(), Some(*account), "{id} is taken back");
        }
        (EndedWhy::Aborted, Cause::Proposal(poll)) => assert!(told.polls[poll].has_the_stake(), "{id} is aborted"),
        (EndedWhy::Rejected, Cause::Clock) => {
            let poll = told.polls.values().rfind(|poll| poll.decides().is_some_and(|(of, ..)| of == id));
            let lost = poll.expect("it was voted on");
            assert!(lost.cancelled || matches!(lost.outcome, Some(Err(_))), "{id} is rejected by {:?}", lost.outcome);
        }
        (EndedWhy::Superseded, Cause::Clock) => assert_ne!(course.change.asked.version, told.version, "{id}"),
        // Whether its time was over is another law.
        (EndedWhy::Expired, Cause::Clock) => {}
        (why, cause) => panic!("{id} is {why} by {cause:?}"),
    }
}

/// What is to be voted on is not closed without that vote; but a pause may be lifted before it is late.
fn closed(told: &Chronicle, fact: &Fact, id: ChangeId, by: &Actor) {
    let course = &told.changes[&id];
    assert_eq!(course.state, ChangeState::Active, "{id} is closed");
    assert!(matches!(fact.cause, Cause::Transaction { account, .. } if account == by.account));
    for duty in &course.duties {
        let is_vote = duty.check.as_str() == "ratify";
        let is_lifted = matches!(course.request(), ChangeRequest::Freeze { .. }) && duty.state == DutyState::Owed;
        assert!(!is_vote || is_lifted || duty.state.is_met(), "{id} is closed without {}", duty.check);
    }
}

/// Law 20, of emergencies: no account has more of them undecided than the plan says, whoever it is (ROLLOUTS 7.7).
pub fn l20_no_key_has_more_emergencies_than_the_plan_says(told: &Chronicle) {
    let mut counts: BTreeMap<AccountId, u32> = BTreeMap::new();
    let undecided = |course: &&Course| course.state == ChangeState::Active;
    for course in told.changes.values().filter(undecided) {
        if let Some(account) = course.change.submitter() {
            *counts.entry(account).or_default() += u32::from(course.emergencies);
        }
    }
    assert!(counts.values().all(|count| *count <= OPEN_EMERGENCIES.into()), "{counts:?}");
}
