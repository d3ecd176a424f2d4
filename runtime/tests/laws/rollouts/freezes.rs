//! What stands still and for how long, counted from what was carried out.

use super::chronicle::Chronicle;
use super::course::Course;
use crate::governed::plan::FREEZE_AT_MOST;
use ::rollouts::change::{ChangeRequest, ChangeState, DutyState};
use ::rollouts::plan::ChangeKind;
use governance::TrackName;
use primitives::{ChangeId, Moment};
use runtime::{Cause, Event, Fact, Motion};

/// Law 4: "In a freeze nothing but the list in code succeeds, whatever roles are held; and every freeze ends, whatever anybody does or
/// leaves undone." The second half is [`l04_every_freeze_ends`].
pub fn l04_in_a_freeze_nothing_else_succeeds(told: &Chronicle, at: Moment, fact: &Fact) {
    let Ok(event) = &fact.outcome else { return };
    let stops = told.frozen_by(at);
    match event {
        Event::Governance(governance::Event::Proposed(proposal)) => {
            let never_frozen = &told.plan().policy.never_frozen;
            let is_spared = proposal.track == TrackName::Expedited
                && never_frozen.iter().any(|spared| spared.as_str() == "expedited");
            assert!(
                stops.is_none() || is_spared || is_never_frozen(&proposal.motion),
                "proposed in a freeze: {fact:?}"
            );
        }
        Event::Rollouts(::rollouts::Event::Installed { .. }) => {
            assert_eq!(stops, None, "installed in a freeze");
        }
        Event::Rollouts(::rollouts::Event::Submitted { change, .. }) if is_not_urgent(change.kind()) => {
            assert_eq!((stops, told.paused_by()), (None, None), "submitted meanwhile: {change:?}");
        }
        Event::Rollouts(::rollouts::Event::Executed { change, .. }) => {
            let course = &told.changes[change];
            if is_not_urgent(course.change.kind()) {
                let others = stops.filter(|other| other != change);
                assert_eq!((others, told.paused_by()), (None, None), "{change} is carried out meanwhile");
            }
        }
        Event::Rollouts(::rollouts::Event::Stepped { change, .. }) => {
            assert_eq!(told.paused_by(), None, "a step of {change} is taken in a pause");
        }
        _ => {}
    }
}

/// What ends something, and what gives roles to others.
fn is_never_frozen(motion: &Motion) -> bool {
    matches!(
        motion,
        Motion::Governance(governance::Intervention::Cancel { .. })
            | Motion::Roles(roles::Motion::SetMembers { .. })
            | Motion::Releases(releases::Motion::Revoke { .. })
            | Motion::Rollouts(::rollouts::Motion::Abort { .. })
    )
}

fn is_not_urgent(kind: ChangeKind) -> bool {
    matches!(kind, ChangeKind::Promote | ChangeKind::Demote | ChangeKind::Set | ChangeKind::Phase)
}

/// Law 4, its second half. A freeze is over with its window, or so long after its change was carried out; a pause that nobody ratified
/// with the time for that.
pub fn l04_every_freeze_ends(told: &Chronicle, at: Moment, facts: &[Fact]) {
    for course in told.changes.values().filter(|course| !course.thawed) {
        let is_freezing = told.entered(course).is_some_and(|stage| stage.freezes);
        match (course.state, course.executed, course.window) {
            (ChangeState::Active, Some(executed), _) if is_freezing => {
                assert!(at.running < executed.running + FREEZE_AT_MOST, "{} freezes on", course.id());
            }
            (ChangeState::Approved, None, Some((_, until))) if is_freezing => {
                // A window that was over before its change was approved froze nothing, and has nothing to end.
                let began = course.approved.is_some_and(|(_, approved)| approved.time < until);
                assert!(!began || at.time < until, "the window of {} is over", course.id());
            }
            (ChangeState::Active, ..) if is_pause(course) => pause_ends(course, at),
            _ => {}
        }
    }
    for fact in facts {
        if let Ok(Event::Rollouts(::rollouts::Event::Thawed { change, .. })) = &fact.outcome {
            thawed_by_right(told, *change, fact);
        }
    }
}

fn is_pause(course: &Course) -> bool {
    matches!(course.request(), ChangeRequest::Freeze { .. })
}

fn pause_ends(course: &Course, at: Moment) {
    let ratify = course.duties.first().expect("it is to be ratified");
    let is_late = match ratify.ends.expect("within a time") {
        ::rollouts::deadline::ChangeDeadline::Running(end) => end <= at.running,
        ::rollouts::deadline::ChangeDeadline::Epoch(end) => end <= at.epoch,
        ::rollouts::deadline::ChangeDeadline::Time(end) => end <= at.time,
    };
    let is_ratified = ratify.state.is_met();
    assert!(is_ratified || (!is_late && ratify.state == DutyState::Owed), "{} pauses on", course.id());
}

/// Nobody's key alone ends one, but by closing its change.
fn thawed_by_right(told: &Chronicle, change: ChangeId, fact: &Fact) {
    let by_right = match &fact.cause {
        Cause::Clock => true,
        Cause::Proposal(id) => told.polls[id].has_the_stake(),
        Cause::Transaction { .. } | Cause::Genesis => false,
    };
    assert!(by_right, "{change} thaws by {:?}", fact.cause);
}
