//! When something is due, counted from the spans of the plan and from how long the chain has run.

use super::chronicle::Chronicle;
use super::course::Course;
use ::rollouts::change::{ChangeRequest, ChangeState, DutyState, EndedWhy, Execution, OwedDuty, SubmittedChange};
use ::rollouts::deadline::ChangeDeadline;
use ::rollouts::plan::{Duty, Plan, Procedure};
use ::rollouts::statement::StatementSubject;
use governance::Closing;
use primitives::{ChangeId, Moment, Name, Span};
use runtime::{Cause, Event, Fact};

/// Law 7: "Every deadline of the node's plan fires in the first block at or after it in running time, without a transaction, and never
/// when it was met in a block before." That none is left behind is [`l07_no_deadline_is_left_behind`].
pub fn l07_deadlines_fire_by_the_clock_when_their_time_is_over(told: &Chronicle, at: Moment, fact: &Fact) {
    let Ok(Event::Rollouts(event)) = &fact.outcome else { return };
    match event {
        ::rollouts::Event::Submitted { change, expires, execution, .. } => {
            begun(told, at, change, *expires, execution.as_deref())
        }
        ::rollouts::Event::Executed { change, execution, .. } => {
            let course = &told.changes[change];
            duties_are_those_of(told.plan_of(course), at, &course.change, &execution.duties);
        }
        ::rollouts::Event::Approved { change, expires, .. } => {
            let course = &told.changes[change];
            let procedure = procedure(told.plan_of(course), &course.change);
            assert_eq!(*expires, Some(end(at, procedure.execute_within)), "{change} is approved");
        }
        ::rollouts::Event::Missed { change, check, .. } => {
            by_the_clock(fact);
            missed(told, at, *change, check);
        }
        ::rollouts::Event::Met { change, check, late, .. } => {
            let duty = told.changes[change].duty(check).expect("it is owed");
            assert_eq!(*late, duty.state == DutyState::Overdue, "{check} of {change}");
            assert!(!duty.state.is_met(), "{check} of {change} is met twice");
        }
        ::rollouts::Event::Ended { change, why: EndedWhy::Expired, .. } => {
            by_the_clock(fact);
            let expires = told.changes[change].expires.expect("it expires");
            assert!(is_over(expires, at), "{change} expires before its time");
        }
        _ => {}
    }
}

fn by_the_clock(fact: &Fact) {
    assert_eq!(fact.cause, Cause::Clock, "no deadline takes a transaction");
}

/// Law 7, its other half: whatever was due by this block has happened.
pub fn l07_no_deadline_is_left_behind(told: &Chronicle, at: Moment) {
    for course in told.changes.values() {
        let id = course.id();
        match course.state {
            ChangeState::Open | ChangeState::Approved => {
                assert!(!course.expires.is_some_and(|end| is_over(end, at)), "{id} waits after its time");
            }
            ChangeState::Active => {
                let owed = course.duties.iter().filter(|duty| duty.state == DutyState::Owed);
                for duty in owed {
                    assert!(!duty.ends.is_some_and(|end| is_over(end, at)), "{id} owes {} after its time", duty.check);
                }
            }
            _ => {}
        }
    }
    for (id, poll) in told.polls.iter().filter(|(_, poll)| poll.outcome.is_none() && !poll.cancelled) {
        let is_over = match poll.proposal.closes_at {
            Some(Closing::Running(end)) => end <= at.running,
            Some(Closing::Epoch(end)) => end <= at.epoch,
            None => false,
        };
        assert!(!is_over, "poll {id} is open after its time");
    }
}

fn is_over(end: ChangeDeadline, at: Moment) -> bool {
    match end {
        ChangeDeadline::Running(end) => end <= at.running,
        ChangeDeadline::Epoch(end) => end <= at.epoch,
        ChangeDeadline::Time(end) => end <= at.time,
    }
}

/// The end of a span that begins now: of epochs only whole ones count, which begin after this one.
fn end(at: Moment, span: Span) -> ChangeDeadline {
    match span {
        Span::Millis(millis) => ChangeDeadline::Running(at.running + millis),
        Span::Epochs(epochs) => ChangeDeadline::Epoch(at.epoch.plus(epochs + 1)),
    }
}

fn procedure<'p>(plan: &'p Plan, change: &SubmittedChange) -> &'p Procedure {
    plan.procedures.iter().find(|procedure| procedure.of == change.kind()).expect("there are such changes")
}

fn begun(
    told: &Chronicle,
    at: Moment,
    change: &SubmittedChange,
    expires: Option<ChangeDeadline>,
    execution: Option<&Execution>,
) {
    let plan = told.plan();
    let within = procedure(plan, change).execute_within;
    match execution {
        Some(execution) => {
            assert_eq!(expires, None, "{} waits for nothing", change.id);
            duties_are_those_of(plan, at, change, &execution.duties);
        }
        None => assert_eq!(expires, Some(end(at, within)), "{} waits", change.id),
    }
}

/// What is owed from now on is what the plan says, within the times that it says.
fn duties_are_those_of(plan: &Plan, at: Moment, change: &SubmittedChange, duties: &[OwedDuty]) {
    let mut owed: Vec<&Duty> = procedure(plan, change).close.iter().collect();
    if let ChangeRequest::Promote { to, .. } = &change.asked.request {
        let stage = plan.stages.iter().find(|stage| stage.name == *to).expect("it is of the plan");
        owed.extend(stage.close.iter());
    }
    let said = owed.iter().map(|duty| (&duty.check, duty.within.map(|within| end(at, within)), duty.missed));
    let begun = duties.iter().map(|duty| (&duty.check, duty.ends, duty.missed));
    assert!(said.eq(begun), "{} owes {duties:?}", change.id);
}

/// Its time is over, and nobody had met it before this block: no poll had passed, and nobody had said that it is so.
fn missed(told: &Chronicle, at: Moment, id: ChangeId, check: &Name) {
    let course = &told.changes[&id];
    let duty = course.duty(check).expect("it is owed");
    assert_eq!((course.state, duty.state), (ChangeState::Active, DutyState::Owed), "{check} of {id}");
    let end = duty.ends.expect("it can be missed");
    assert!(is_over(end, at), "{check} of {id} is missed before its time");
    let agreed = duty_poll(told, course, check);
    assert!(!agreed, "{check} of {id} was agreed to");
    assert!(!was_said(told, at, course, duty), "{check} of {id} was said before");
}

fn duty_poll(told: &Chronicle, course: &Course, check: &Name) -> bool {
    let of_duty =
        |decides: Option<(ChangeId, &Name, _)>| decides.is_some_and(|(id, key, _)| id == course.id() && key == check);
    told.polls.values().any(|poll| of_duty(poll.decides()) && poll.outcome == Some(Ok(())) && !poll.cancelled)
}

/// Whether the newest word of those who have the role says that a duty is met, in a block before this one.
fn was_said(told: &Chronicle, at: Moment, course: &Course, duty: &OwedDuty) -> bool {
    let checks = &told.plan_of(course).checks;
    let role = checks.iter().find(|check| check.key == duty.check).and_then(|check| check.by.as_ref());
    let word = role.and_then(|role| told.newest(&duty.check, &StatementSubject::Change(course.id()), role));
    word.is_some_and(|word| {
        let in_time = duty.from.height <= word.at.height && word.at.height < at.height;
        in_time && word.statement.outcome.meets()
    })
}
