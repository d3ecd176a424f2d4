//! Where the clock finds what comes by itself (ROLLOUTS 7.4): of each change when it is due and when what it stops others by is over, and of
//! each plan the earliest of that, so that no plan is looked at before. No row of these is written elsewhere.

use crate::change::{ChangeProgress, ChangeState, SubmittedChange};
use crate::deadline::{ChangeDeadline, Clock};
use crate::freeze;
use crate::storage::*;
use primitives::{ChangeId, Name};
use state::{Set, State};

/// When something comes of a change by itself.
#[derive(Debug, Default, PartialEq, Eq)]
struct Ends {
    /// It expires, or a duty is missed.
    due: Vec<ChangeDeadline>,
    /// What it stops others by is over.
    thaws: Option<ChangeDeadline>,
}

impl Ends {
    fn of(state: &State, change: &SubmittedChange, progress: &ChangeProgress) -> Self {
        let due = match progress.state {
            ChangeState::Open | ChangeState::Approved => progress.expires.into_iter().collect(),
            ChangeState::Active => progress.owed_in_time().filter_map(|duty| duty.ends).collect(),
            ChangeState::Closed | ChangeState::Reverted { .. } | ChangeState::Ended { .. } => Vec::new(),
        };
        let thaws = freeze::end_of_stop(state, change, progress).map(|(end, _)| end);
        Self { due, thaws }
    }

    /// Their rows, each with where it stands.
    fn rows(&self, change: &SubmittedChange) -> impl Iterator<Item = (Set<ChangeEnd>, ChangeEnd)> {
        let due = self.due.iter().map(|end| (DUE, *end));
        let all = due.chain(self.thaws.map(|end| (THAWS, end)));
        all.map(move |(set, end)| (set, row(&change.plan, change.id, end)))
    }
}

fn row(plan: &Name, change: ChangeId, end: ChangeDeadline) -> ChangeEnd {
    let (clock, shows) = end.on_clock();
    ((plan.clone(), clock), shows, change)
}

/// A change stands elsewhere than before.
pub(super) fn reschedule(
    state: &mut State,
    change: &SubmittedChange,
    before: Option<&ChangeProgress>,
    after: &ChangeProgress,
) {
    let before = before.map(|before| Ends::of(state, change, before)).unwrap_or_default();
    let after = Ends::of(state, change, after);
    replace(state, change, &before, &after);
}

/// What a change stops others by is written, or taken away.
pub(super) fn stop(state: &mut State, change: &SubmittedChange, write: impl FnOnce(&mut State)) {
    let Some(progress) = PROGRESS.get(state, &change.id) else { return };
    let before = Ends::of(state, change, &progress);
    write(state);
    let after = Ends::of(state, change, &progress);
    replace(state, change, &before, &after);
}

fn replace(state: &mut State, change: &SubmittedChange, before: &Ends, after: &Ends) {
    if before == after {
        return;
    }
    write(state, &change.plan, |state| {
        before.rows(change).for_each(|(set, row)| set.remove(state, &row));
        after.rows(change).for_each(|(set, row)| set.insert(state, &row));
    });
}

/// The next block looks at changes of a plan, whatever their own time.
pub(super) fn look_next(state: &mut State, plan: &Name, changes: &[ChangeId]) {
    write(state, plan, |state| {
        changes.iter().for_each(|change| DUE.insert(state, &row(plan, *change, ChangeDeadline::OVER)));
    });
}

/// It does not any more: the change is over.
pub(super) fn look_no_more(state: &mut State, change: &SubmittedChange) {
    let row = row(&change.plan, change.id, ChangeDeadline::OVER);
    if DUE.contains(state, &row) {
        write(state, &change.plan, |state| DUE.remove(state, &row));
    }
}

/// Writes rows of a plan, and with them where the plan is found.
fn write(state: &mut State, plan: &Name, rows: impl FnOnce(&mut State)) {
    let before = earliest(state, plan);
    rows(state);
    let after = earliest(state, plan);
    let place = |(clock, shows): &(Clock, u64)| (*clock, *shows, plan.clone());
    before.iter().filter(|end| !after.contains(end)).for_each(|end| EARLIEST.remove(state, &place(end)));
    after.iter().filter(|end| !before.contains(end)).for_each(|end| EARLIEST.insert(state, &place(end)));
}

/// What each clock shows when the first comes under a plan.
fn earliest(state: &State, plan: &Name) -> Vec<(Clock, u64)> {
    let first = |clock: Clock| {
        let under = (plan.clone(), clock);
        let ends = [DUE, THAWS].into_iter().filter_map(|set| set.iter_under(state, &under).next());
        ends.map(|(_, shows, _)| (clock, shows)).min_by_key(|(_, shows)| *shows)
    };
    Clock::ALL.into_iter().filter_map(first).collect()
}
