//! What becomes of a change: a duty met or missed, and the ways in which it is over.

use super::change::free_deposit;
use super::follow::{restart_soaks, settle, update};
use super::{ends, stand, waiting};
use crate::change::{ChangeProgress, ChangeRequest, ChangeState, DutyState, Effected, SubmittedChange};
use crate::decide::close;
use crate::plan::Missed;
use crate::plans::version_of;
use crate::standing::ChangePause;
use crate::storage::*;
use crate::{effects, freeze, polls};
use governance::DepositEnd;
use primitives::{Amount, ChangeId, List, Moment, Name, ProposalId};
use state::State;

/// A duty is met. What was voted on is decided by that; and where nothing is voted, an emergency once nothing is owed (ROLLOUTS 7.7).
pub(super) fn met(state: &mut State, id: ChangeId, check: &Name, late: bool, poll: Option<ProposalId>) {
    update(state, id, |progress| {
        set_duty(progress, check, if late { DutyState::MetLate } else { DutyState::Met });
        if poll.is_some() || progress.owed().next().is_none() {
            progress.emergencies = 0;
        }
    });
    if let Some(poll) = poll {
        polls::settle(state, poll);
    }
    let is_done = PROGRESS.get(state, &id).is_some_and(|progress| progress.owed().next().is_none());
    if let Some(change) = CHANGES.get(state, &id).filter(|_| is_done) {
        TO_JUDGE.remove(state, &(change.plan, id));
    }
}

fn set_duty(progress: &mut ChangeProgress, check: &Name, state: DutyState) {
    if let Some(duty) = progress.duties.iter_mut().find(|duty| duty.check == *check) {
        duty.state = state;
    }
}

/// A duty is overdue. One that restores has the change reverted, by itself.
pub(super) fn missed(
    state: &mut State,
    at: Moment,
    id: ChangeId,
    (check, then): (&Name, Missed),
    moved: &[Effected],
    deposit: Option<&DepositEnd>,
) {
    update(state, id, |progress| set_duty(progress, check, DutyState::Overdue));
    if then == Missed::Restore {
        undone(state, at, id, moved, deposit);
    }
}

/// What a change did is undone, by itself: it was rejected, or not ratified in time.
pub(super) fn undone(state: &mut State, at: Moment, id: ChangeId, moved: &[Effected], deposit: Option<&DepositEnd>) {
    let Some(change) = CHANGES.get(state, &id) else { return };
    effects::write(state, at, &change.plan, id, moved);
    restart_soaks(state, at, &change.plan, moved);
    // Before it is over, because it keeps the versions of those that live again by that.
    if let Some(progress) = PROGRESS.get(state, &id) {
        stand::stand_again(state, at, &change, &progress);
    }
    over(state, at, id, ChangeState::Reverted { by: id }, deposit);
}

/// Another change went back from what this one did.
pub(super) fn gone_back_from(state: &mut State, at: Moment, id: ChangeId, by: ChangeId) {
    if let Some(change) = CHANGES.get(state, &id) {
        free_deposit(state, &change);
        over(state, at, id, ChangeState::Reverted { by }, None);
    }
}

/// A change is over: it stops nobody any more, and nothing is held for it.
pub(super) fn over(state: &mut State, at: Moment, id: ChangeId, how: ChangeState, deposit: Option<&DepositEnd>) {
    if let Some(deposit) = deposit {
        settle(state, deposit);
    }
    thaw(state, at, id);
    let lifted = if how == ChangeState::Closed { lifted(state, id) } else { Vec::new() };
    update(state, id, |progress| {
        let kept = progress.duties.iter().filter(|duty| !lifted.contains(&duty.check));
        progress.duties = List::truncate_from(kept.cloned().collect());
        (progress.state, progress.since, progress.expires) = (how, at, None);
        progress.emergencies = 0;
        // What the chain measured is met by now, or the change would not be closed.
        if how == ChangeState::Closed {
            progress.duties.iter_mut().for_each(settle_duty);
        }
        if deposit.is_some() {
            progress.deposit = Amount::ZERO;
        }
    });
}

/// The votes on a pause that was lifted before them.
fn lifted(state: &State, id: ChangeId) -> Vec<Name> {
    let Some((change, progress)) = CHANGES.get(state, &id).zip(PROGRESS.get(state, &id)) else { return Vec::new() };
    let plan = version_of(state, &change);
    plan.map(|plan| close::lifted(state, &plan, &change, &progress)).unwrap_or_default()
}

fn settle_duty(duty: &mut crate::change::OwedDuty) {
    duty.state = match duty.state {
        DutyState::Owed | DutyState::Met => DutyState::Met,
        DutyState::Overdue | DutyState::MetLate => DutyState::MetLate,
    };
}

/// A freeze or pause is over, and the change stands as it stood.
pub(super) fn thawed(state: &mut State, at: Moment, id: ChangeId) {
    thaw(state, at, id);
}

fn thaw(state: &mut State, at: Moment, id: ChangeId) {
    let Some(change) = CHANGES.get(state, &id).filter(|change| freeze::brings_one(state, change)) else { return };
    ends::stop(state, &change, |state| {
        let place = (change.plan.clone(), id);
        if FREEZES.contains(state, &place) {
            FREEZES.remove(state, &place);
        }
        if let Some(pause) = freeze::pause_of(state, &change) {
            unpause(state, at, &change, &pause);
        }
    });
    update(state, id, |progress| {
        progress.thawed = Some(at);
        // A pause on which nobody votes is decided once it is over.
        if progress.owed().next().is_none() {
            progress.emergencies = 0;
        }
    });
}

/// Who paused does not pause there again for as long as it did (ROLLOUTS 7.7).
fn unpause(state: &mut State, at: Moment, change: &SubmittedChange, pause: &ChangePause) {
    let ChangeRequest::Freeze { scope, .. } = &change.asked.request else { return };
    PAUSES.remove(state, &(change.plan.clone(), scope.clone(), change.id));
    let lasted = at.running.saturating_sub(pause.since.running);
    let place = (change.plan.clone(), scope.clone(), pause.role.clone());
    // Of several that the role had there at once, the one that lasted longest counts.
    let again = at.running.saturating_add(lasted).max(PAUSE_AGAIN.get(state, &place).unwrap_or_default());
    PAUSE_AGAIN.set(state, &place, &again);
}

/// A poll came to nothing; where the vote is still owed, another one is opened.
pub(super) fn voided(state: &mut State, id: ChangeId, check: &Name, poll: ProposalId, reopens: bool) {
    polls::settle(state, poll);
    update(state, id, |progress| {
        if let Some(duty) = progress.duties.iter_mut().find(|duty| duty.poll == Some(poll)) {
            duty.poll = None;
        }
    });
    if let Some(change) = CHANGES.get(state, &id).filter(|_| reopens) {
        waiting::wait(state, &change, check);
    }
}
