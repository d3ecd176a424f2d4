//! What the clock brings to cases: holds whose time is over, what is open of a plan that is retired, and what was said about cases that
//! are over for long.

use crate::storage::*;
use crate::{CaseBody, CaseHead, Event, queries};
use governance::DepositEnd;
use primitives::{CaseId, Moment};
use state::State;
use std::collections::BTreeSet;

/// How many of these a block brings at most; the others come in the next ones.
pub const MOST_ENDED: usize = 32;

/// What ends, `most` of it and never more than [`MOST_ENDED`]: holds first, in the order of their ends. Asked once a block, because
/// nothing of it hangs on the rest.
pub fn due(state: &State, at: Moment, most: usize) -> Vec<Event> {
    let most = most.min(MOST_ENDED);
    let holds = ended_holds(state, at, most);
    let released = holds.iter().filter_map(|id| released(state, *id));
    let abandoned = RETIRED.iter(state).flat_map(|plan| OPEN.iter_under(state, &plan)).map(|(.., id)| id);
    let abandoned = abandoned.filter(|id| !holds.contains(id)).filter_map(|id| abandon(state, id));
    let dropped = to_drop(state, at).filter_map(|id| drop_or_retain(state, id));
    released.chain(abandoned).chain(dropped).take(most).collect()
}

/// The holds whose time is over. One that ends by its time and by its epoch ends once.
fn ended_holds(state: &State, at: Moment, most: usize) -> BTreeSet<CaseId> {
    let by_time = HOLD_TIMES.iter(state).take_while(|(end, _)| *end <= at.time).map(|(_, id)| id);
    let by_epoch = HOLD_EPOCHS.iter(state).take_while(|(end, _)| *end <= at.epoch).map(|(_, id)| id);
    by_time.take(most).chain(by_epoch.take(most)).collect()
}

fn released(state: &State, id: CaseId) -> Option<Event> {
    let CaseHead { plan, path, .. } = queries::case(state, id)?;
    Some(Event::Released { plan, case: id, path, by: None, reason: None })
}

fn abandon(state: &State, id: CaseId) -> Option<Event> {
    let CaseHead { plan, kind, path, .. } = queries::case(state, id)?;
    let deposit = match queries::body(state, id) {
        Some(CaseBody::Report(report)) => report.deposit.map(DepositEnd::Returned),
        _ => None,
    };
    Some(Event::Abandoned { plan, case: id, kind, path, deposit })
}

fn to_drop(state: &State, at: Moment) -> impl Iterator<Item = CaseId> {
    let by_time = DROP_RUNNING.iter(state).take_while(move |(end, _)| *end <= at.running).map(|(_, id)| id);
    let by_epoch = DROP_EPOCHS.iter(state).take_while(move |(end, _)| *end <= at.epoch).map(|(_, id)| id);
    by_time.chain(by_epoch)
}

/// What an incident or a hold needs that is open stays for a while, so that the line behind it moves on.
fn drop_or_retain(state: &State, id: CaseId) -> Option<Event> {
    let CaseHead { plan, path, since, .. } = queries::case(state, id)?;
    Some(match queries::pinned_by(state, &plan, &path, since.height) {
        Some(by) => Event::Retained { plan, case: id, path, by },
        None => Event::Dropped { plan, case: id, path },
    })
}
