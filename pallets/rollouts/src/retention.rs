//! For how long what was stated about changes is kept that are over (ROLLOUTS 9, REQ-156), and what of it goes in a block.
//!
//! It is kept for as long as the plan says of audit records, and while anything has records of its place kept. What is said about the
//! change by which a stage stands is asked before the next one is entered, so it stays as long as that stage stands.

use crate::Event;
use crate::change::SubmittedChange;
use crate::judge::asked::path_of;
use crate::plans::{self, version_of};
use crate::storage::*;
use primitives::{ChangeId, Height, Moment, RecordClass, Span};
use state::{Item, Set, State};

/// How many statements are dropped in a block at most, of the node's plan and of all others together.
const MOST_DROPPED: usize = 32;
/// How many changes are looked at in a block for one whose statements nothing keeps.
const MOST_LOOKED_AT: usize = 64;

/// How long what is still needed stays before it is looked at again, where others wait behind it: a day of running time, in milliseconds.
pub(crate) const AGAIN_MS: u64 = 86_400_000;

/// From which running time on nothing keeps what was stated about a change that is over now. A span of epochs has no length in time: then
/// it is kept.
pub(crate) fn ends(state: &State, at: Moment, change: &SubmittedChange) -> Option<u64> {
    let plan = plans::current(state, &change.plan).ok()?;
    let (_, span) = plan.kept.policy.retain.iter().find(|(class, _)| *class == RecordClass::Audit)?;
    match span {
        Span::Millis(millis) => Some(at.running.saturating_add(*millis)),
        Span::Epochs(_) => None,
    }
}

/// What is dropped next of the node's plan; nothing where that was done in this block.
pub(crate) fn of_node(state: &State, at: Moment) -> Option<Event> {
    next(state, at, &DROPS, &DROPPED)
}

/// What is dropped next of the plans of applications.
pub(crate) fn of_guests(state: &State, at: Moment) -> Option<Event> {
    next(state, at, &GUEST_DROPS, &GUEST_DROPPED)
}

fn next(state: &State, at: Moment, drops: &Set<(u64, ChangeId)>, dropped: &Item<Height>) -> Option<Event> {
    if dropped.get(state) == Some(at.height) {
        return None;
    }
    let ended = drops.iter(state).take_while(|(due, _)| *due <= at.running).take(MOST_LOOKED_AT);
    let changes: Vec<_> = ended.filter_map(|(due, id)| Some((due, CHANGES.get(state, &id)?))).collect();
    let Some((due, change)) = changes.iter().find(|(_, change)| !is_kept(state, change)) else {
        // Whatever keeps these, what comes behind them does not wait for it: they are looked at again in a day, one after the other.
        let (due, change) = changes.first().filter(|_| changes.len() >= MOST_LOOKED_AT)?;
        let (plan, change) = (change.plan.clone(), change.id);
        return Some(Event::Dropped { plan, change, due: *due, statements: 0, is_all: false });
    };
    let said = SAID_ABOUT.iter_under(state, &change.id).take(MOST_DROPPED.saturating_add(1)).count();
    let statements = u32::try_from(said.min(MOST_DROPPED)).unwrap_or(u32::MAX);
    let (plan, change, due) = (change.plan.clone(), change.id, *due);
    Some(Event::Dropped { plan, change, due, statements, is_all: said <= MOST_DROPPED })
}

/// Whether its statements are still asked for, or something has the records of its place kept.
fn is_kept(state: &State, change: &SubmittedChange) -> bool {
    let Some(progress) = PROGRESS.get(state, &change.id) else { return false };
    let stands = || STANDINGS.iter_under(state, &change.plan).any(|(_, standing)| standing.change == change.id);
    let is_pinned = || {
        let path = version_of(state, change).map(|plan| path_of(&plan, change)).unwrap_or_default();
        cases::queries::pinned_by(state, &change.plan, &path, progress.since.height).is_some()
    };
    progress.state.is_live() || stands() || is_pinned()
}
