//! What follows from where a change stands: when something is due, what is counted, what stops others. One place writes where a change
//! stands, and takes all of that along.

use crate::change::{ChangeProgress, ChangeState, Effected, SubmittedChange};
use crate::deadline::ChangeDeadline;
use crate::decide::submission::is_counted;
use crate::plan::EMERGENCY;
use crate::storage::*;
use crate::{plans, polls, scope};
use governance::{Deposit, DepositEnd};
use primitives::{ChangeId, Moment, Name, Path};
use state::State;
use std::collections::BTreeSet;

/// Changes where a change stands.
pub(super) fn update(state: &mut State, id: ChangeId, change: impl FnOnce(&mut ChangeProgress)) {
    let (Some(submitted), Some(before)) = (CHANGES.get(state, &id), PROGRESS.get(state, &id)) else { return };
    let mut after = before.clone();
    change(&mut after);
    follow(state, &submitted, Some(&before), &after);
    PROGRESS.set(state, &id, &after);
}

/// Writes where a change stands that is new.
pub(super) fn begin(state: &mut State, change: &SubmittedChange, progress: &ChangeProgress) {
    follow(state, change, None, progress);
    PROGRESS.set(state, &change.id, progress);
}

fn follow(state: &mut State, change: &SubmittedChange, before: Option<&ChangeProgress>, after: &ChangeProgress) {
    reschedule(state, change, before, after);
    count(state, change, before, after);
    mark_overdue(state, change, after);
    keep_version(state, change, before.map(|before| before.state), after.state);
    list_live(state, change, after.state);
    if !after.state.is_live() {
        // What falls away as it ends had a poll too.
        let polls = polls::of_change(state, before.unwrap_or(after));
        polls.into_iter().for_each(|poll| polls::let_go(state, poll));
        forget_what_waits(state, change);
    }
}

/// When something is due to a change: it expires, or a duty is missed. What a freeze or pause is over by stands with it.
fn deadlines(progress: &ChangeProgress) -> Vec<ChangeDeadline> {
    match progress.state {
        ChangeState::Open | ChangeState::Approved => progress.expires.into_iter().collect(),
        ChangeState::Active => progress.owed_in_time().filter_map(|duty| duty.ends).collect(),
        ChangeState::Closed | ChangeState::Reverted { .. } | ChangeState::Ended { .. } => Vec::new(),
    }
}

fn reschedule(state: &mut State, change: &SubmittedChange, before: Option<&ChangeProgress>, after: &ChangeProgress) {
    for deadline in before.map(deadlines).unwrap_or_default() {
        match deadline {
            ChangeDeadline::Running(end) => DUE_TIMES.remove(state, &(change.plan.clone(), end, change.id)),
            ChangeDeadline::Epoch(end) => DUE_EPOCHS.remove(state, &(change.plan.clone(), end, change.id)),
            ChangeDeadline::Time(_) => {}
        }
    }
    for deadline in deadlines(after) {
        match deadline {
            ChangeDeadline::Running(end) => DUE_TIMES.insert(state, &(change.plan.clone(), end, change.id)),
            ChangeDeadline::Epoch(end) => DUE_EPOCHS.insert(state, &(change.plan.clone(), end, change.id)),
            ChangeDeadline::Time(_) => {}
        }
    }
}

fn count(state: &mut State, change: &SubmittedChange, before: Option<&ChangeProgress>, after: &ChangeProgress) {
    let waits = |progress: &ChangeProgress| u32::from(progress.state.waits() && is_counted(change.kind()));
    let acts = |progress: &ChangeProgress| u32::from(progress.state == ChangeState::Active);
    let mut counts = COUNTS.get(state, &change.plan).unwrap_or_default();
    counts.open = moved(counts.open, before.map_or(0, waits), waits(after));
    counts.active = moved(counts.active, before.map_or(0, acts), acts(after));
    COUNTS.set(state, &change.plan, &counts);
    let (was, is) = (before.map_or(0, |before| before.emergencies), after.emergencies);
    if let Some(account) = change.submitter().filter(|_| was != is) {
        let place = (change.plan.clone(), account);
        match moved(EMERGENCIES.get(state, &place).unwrap_or_default(), was.into(), is.into()) {
            0 => EMERGENCIES.remove(state, &place),
            count => EMERGENCIES.set(state, &place, &count),
        }
    }
}

fn moved(count: u32, before: u32, after: u32) -> u32 {
    count.saturating_sub(before).saturating_add(after)
}

/// A change with a duty that is overdue stops others at its paths, as long as it is active.
fn mark_overdue(state: &mut State, change: &SubmittedChange, after: &ChangeProgress) {
    let is_overdue = after.state == ChangeState::Active && after.overdue().next().is_some();
    for path in scope::paths_of(state, change) {
        let row = (change.plan.clone(), path, change.id);
        match (is_overdue, OVERDUE.contains(state, &row)) {
            (true, false) => OVERDUE.insert(state, &row),
            (false, true) => OVERDUE.remove(state, &row),
            _ => {}
        }
    }
}

/// A version is kept whole while a change is active that was carried out under it.
fn keep_version(state: &mut State, change: &SubmittedChange, before: Option<ChangeState>, after: ChangeState) {
    match (before == Some(ChangeState::Active), after == ChangeState::Active) {
        (false, true) => plans::keep(state, &change.plan, change.asked.version),
        (true, false) => plans::let_go(state, &change.plan, change.asked.version),
        _ => {}
    }
}

fn list_live(state: &mut State, change: &SubmittedChange, after: ChangeState) {
    let row = (change.plan.clone(), change.id);
    match (after.is_live(), LIVE.contains(state, &row)) {
        (true, false) => {
            LIVE.insert(state, &row);
            if !is_of_node(state, &change.plan) {
                GUESTS.insert(state, &change.plan);
            }
        }
        (false, true) => {
            LIVE.remove(state, &row);
            if LIVE.iter_under(state, &change.plan).next().is_none() {
                GUESTS.remove(state, &change.plan);
            }
        }
        _ => {}
    }
}

fn is_of_node(state: &State, plan: &Name) -> bool {
    flags::queries::node_plan(state).as_ref() == Some(plan)
}

/// Of a change that is over nothing is opened, judged or superseded any more.
fn forget_what_waits(state: &mut State, change: &SubmittedChange) {
    let rows: Vec<_> = TO_OPEN.iter_under(state, &(change.plan.clone(), change.id)).collect();
    rows.iter().for_each(|row| TO_OPEN.remove(state, row));
    TO_JUDGE.remove(state, &(change.plan.clone(), change.id));
    DUE_TIMES.remove(state, &(change.plan.clone(), 0, change.id));
}

/// Something is said under a plan: the first of a block takes the place of what earlier ones had judged, which that was by now.
pub(super) fn hear(state: &mut State, at: Moment, plan: &Name) {
    if HEARD.get(state, plan) == Some(at.height) {
        return;
    }
    let judged: Vec<_> = TO_JUDGE.iter_under(state, plan).collect();
    judged.iter().for_each(|row| TO_JUDGE.remove(state, row));
    HEARD.set(state, plan, &at.height);
}

/// Every flag that an emergency switches off, or that is switched on again after one, restarts the soaks of the stages that it touches and
/// that stand: what was off for a while has not soaked (ROLLOUTS 7.2).
pub(super) fn restart_soaks(state: &mut State, at: Moment, plan: &Name, effects: &[Effected]) {
    let Some(emergency) = Name::new(EMERGENCY) else { return };
    let flipped = |effect: &Effected| match effect {
        Effected::Flag { path, before, after, .. } => (before.disabled != after.disabled).then(|| path.clone()),
        Effected::Segment { .. } => None,
    };
    let paths: BTreeSet<Path> = effects.iter().filter_map(flipped).collect();
    if paths.is_empty() {
        return;
    }
    let is_touched = |stage: &Name| paths.iter().any(|path| scope::lies_with(path, stage));
    let standing: Vec<Name> = STANDINGS.iter_under(state, plan).map(|((_, stage), _)| stage).collect();
    for stage in standing.into_iter().filter(is_touched) {
        MARKS.set(state, &(plan.clone(), stage, emergency.clone()), &at);
    }
}

/// What was held ends.
pub(super) fn settle(state: &mut State, deposit: &DepositEnd) {
    match deposit {
        DepositEnd::Returned(Deposit { account, amount }) => accounts::apply::release(state, account, *amount),
        DepositEnd::Burned(Deposit { account, amount }) => accounts::apply::burn_held(state, account, *amount),
    }
}
