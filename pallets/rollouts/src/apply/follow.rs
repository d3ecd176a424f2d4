//! What follows from where a change stands: when something is due, what is counted, what stops others. One place writes where a change
//! stands, and takes all of that along.

use super::{ends, waiting};
use crate::change::{ChangeProgress, ChangeState, Effected, SubmittedChange};
use crate::decide::submission::is_counted;
use crate::plan::EMERGENCY;
use crate::storage::*;
use crate::{plans, polls, retention, scope, shares};
use cases::OpenedCase;
use flags::queries::is_node_plan;
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
    ends::reschedule(state, change, before, after);
    count(state, change, before, after);
    mark_overdue(state, change, after);
    keep_versions(state, change, before, after);
    list_live(state, change, after.state);
    if !after.state.is_live() {
        // What falls away as it ends had a poll too.
        let polls = polls::of_change(state, before.unwrap_or(after));
        polls.into_iter().for_each(|poll| polls::let_go(state, poll));
        forget_what_waits(state, change);
        if before.is_some_and(|before| before.state.is_live()) {
            keep_for_a_while(state, after.since, change);
        }
    }
}

/// What was stated about a change that is over is kept for as long as its plan says.
fn keep_for_a_while(state: &mut State, at: Moment, change: &SubmittedChange) {
    if SAID_ABOUT.iter_under(state, &change.id).next().is_some() {
        drop_in_time(state, at, change);
    }
}

/// Puts a change that is over where the clock finds it when its statements go.
pub(super) fn drop_in_time(state: &mut State, at: Moment, change: &SubmittedChange) {
    let Some(due) = retention::ends(state, at, change) else { return };
    if is_node_plan(state, &change.plan) {
        DROPS.insert(state, &(due, change.id));
    } else {
        GUEST_DROPS.insert(state, &(due, change.id));
    }
}

/// What the chain opens for a change: the change is linked to it, unless it is linked to another already.
pub(super) fn open_incident(state: &mut State, at: Moment, plan: &Name, id: ChangeId, opened: &OpenedCase) {
    cases::apply::open(state, at, plan, opened);
    update(state, id, |progress| progress.incident = progress.incident.or(Some(opened.id)));
}

fn count(state: &mut State, change: &SubmittedChange, before: Option<&ChangeProgress>, after: &ChangeProgress) {
    let waits = |progress: &ChangeProgress| u32::from(progress.state.waits() && is_counted(change.kind()));
    let acts = |progress: &ChangeProgress| u32::from(progress.state == ChangeState::Active);
    let mut counts = COUNTS.get(state, &change.plan).unwrap_or_default();
    counts.open = moved(counts.open, before.map_or(0, waits), waits(after));
    counts.active = moved(counts.active, before.map_or(0, acts), acts(after));
    COUNTS.set(state, &change.plan, &counts);
    let (open, active) = ((before.map_or(0, waits), waits(after)), (before.map_or(0, acts), acts(after)));
    if open.0 != open.1 || active.0 != active.1 {
        let paths = scope::paths_of(state, change);
        shares::count(state, &change.plan, &paths, |counts| {
            counts.open = moved(counts.open, open.0, open.1);
            counts.active = moved(counts.active, active.0, active.1);
        });
    }
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

/// A version is kept whole while a change is active that was carried out under it; or while one is that went back from such a change, and
/// may be undone so that it is active again.
fn keep_versions(state: &mut State, change: &SubmittedChange, before: Option<&ChangeProgress>, after: &ChangeProgress) {
    let active = |progress: &&ChangeProgress| progress.state == ChangeState::Active;
    match (before.filter(active), Some(after).filter(active)) {
        (None, Some(after)) => {
            plans::keep(state, &change.plan, change.asked.version);
            of_left(state, after).into_iter().for_each(|version| plans::keep(state, &change.plan, version));
        }
        (Some(before), None) => {
            plans::let_go(state, &change.plan, change.asked.version);
            of_left(state, before).into_iter().for_each(|version| plans::let_go(state, &change.plan, version));
        }
        _ => {}
    }
}

/// The versions under which those were carried out that were active and that a change went back from.
fn of_left(state: &State, progress: &ChangeProgress) -> Vec<u32> {
    let reverted = progress.left.iter().filter(|left| left.was == Some(ChangeState::Active));
    reverted.filter_map(|left| Some(CHANGES.get(state, &left.standing.change)?.asked.version)).collect()
}

fn list_live(state: &mut State, change: &SubmittedChange, after: ChangeState) {
    let row = (change.plan.clone(), change.id);
    match (after.is_live(), LIVE.contains(state, &row)) {
        (true, false) => LIVE.insert(state, &row),
        (false, true) => LIVE.remove(state, &row),
        _ => {}
    }
}

/// Of a change that is over nothing is opened, judged or superseded any more.
fn forget_what_waits(state: &mut State, change: &SubmittedChange) {
    waiting::forget(state, &change.plan, change.id);
    TO_JUDGE.remove(state, &(change.plan.clone(), change.id));
    ends::look_no_more(state, change);
}

/// Something is said under a plan: the first of a block takes the place of what earlier ones had judged, which that was by now.
pub(super) fn hear(state: &mut State, at: Moment, plan: &Name) {
    let before = HEARD.get(state, plan);
    if before == Some(at.height) {
        return;
    }
    let judged: Vec<_> = TO_JUDGE.iter_under(state, plan).collect();
    judged.iter().for_each(|row| TO_JUDGE.remove(state, row));
    if let Some(before) = before {
        HEARD_AT.remove(state, &(before, plan.clone()));
    }
    HEARD.set(state, plan, &at.height);
    HEARD_AT.insert(state, &(at.height, plan.clone()));
}

/// Every flag that an emergency switches off, or that is switched on again after one, restarts the soaks of the stages that it touches and
/// that stand: what was off for a while has not soaked (ROLLOUTS 7.2).
pub(super) fn restart_soaks(state: &mut State, at: Moment, plan: &Name, effects: &[Effected]) {
    let flipped = |effect: &Effected| match effect {
        Effected::Flag { path, before, after, .. } => (before.disabled != after.disabled).then(|| path.clone()),
        Effected::Segment { .. } => None,
    };
    let paths: BTreeSet<Path> = effects.iter().filter_map(flipped).collect();
    if paths.is_empty() {
        return;
    }
    mark_emergency(state, at, plan, |stage| paths.iter().any(|path| scope::lies_with(path, stage)));
}

/// An emergency restarts the soaks of some stages, as far as they stand.
pub(super) fn mark_emergency(state: &mut State, at: Moment, plan: &Name, is_touched: impl Fn(&Name) -> bool) {
    let Some(emergency) = Name::new(EMERGENCY) else { return };
    let standing: Vec<Name> = STANDINGS.iter_under(state, plan).map(|((_, stage), _)| stage).collect();
    for stage in standing.into_iter().filter(|stage| is_touched(stage)) {
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
