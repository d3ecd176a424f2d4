//! Changes: what they ask for, and where they stand.

use crate::change::{ChangeProgress, ChangeRequest, Effected, SubmittedChange};
use crate::decide::reads;
use crate::judge::{lists, verdict as judge};
use crate::plans::{self, version_of};
use crate::standing::{LiveCounts, StageStanding};
use crate::storage::*;
use crate::verdict::ListVerdict;
use crate::{Error, effects};
use primitives::{AccountId, ChangeId, Moment, Name, Path};
use state::State;

/// The number of the latest change, of whatever plan; 0 before the first. Every number from 1 to it is a change's.
pub fn latest(state: &State) -> ChangeId {
    LATEST.get_or_default(state)
}

/// A change as it was asked for, if there is one of this number.
pub fn change(state: &State, id: ChangeId) -> Option<SubmittedChange> {
    CHANGES.get(state, &id)
}

/// Where a change stands.
pub fn progress(state: &State, id: ChangeId) -> Option<ChangeProgress> {
    PROGRESS.get(state, &id)
}

/// The changes of a plan from a number on, the first one first.
pub fn changes_of<'s>(state: &'s State, plan: &Name, from: ChangeId) -> impl Iterator<Item = ChangeId> + use<'s> {
    let name = plan.clone();
    OF_PLAN.iter_from(state, &(plan.clone(), from)).take_while(move |(plan, _)| *plan == name).map(|(_, id)| id)
}

/// Those of them that are open, approved or active.
pub fn live<'s>(state: &'s State, plan: &Name) -> impl Iterator<Item = ChangeId> + use<'s> {
    LIVE.iter_under(state, plan).map(|(_, id)| id)
}

/// The changes of all plans that are open, approved or active, in the order of the plans.
pub fn live_of_all<'s>(state: &'s State) -> impl Iterator<Item = ChangeId> + use<'s> {
    LIVE.iter(state).map(|(_, id)| id)
}

/// How much of a plan is live.
pub fn live_counts(state: &State, plan: &Name) -> LiveCounts {
    COUNTS.get(state, plan).unwrap_or_default()
}

/// How many emergencies of an account wait to be decided.
pub fn emergencies(state: &State, plan: &Name, who: &AccountId) -> u32 {
    EMERGENCIES.get(state, &(plan.clone(), *who)).unwrap_or_default()
}

/// The changes that are overdue, by the path at which that stops others.
pub fn overdue<'s>(state: &'s State, plan: &Name) -> impl Iterator<Item = (Path, ChangeId)> + use<'s> {
    OVERDUE.iter_under(state, plan).map(|(_, path, id)| (path, id))
}

/// The last stage of a plan that stands, by the version in force.
pub fn standing(state: &State, plan: &Name) -> Option<(Name, StageStanding)> {
    plans::current(state, plan).ok()?.last_standing(state)
}

/// What all that a change asks before it is carried out comes to, its vote included; none of a change that there is not.
pub fn list_of(state: &State, at: Moment, id: ChangeId) -> Option<ListVerdict> {
    let (change, progress) = (change(state, id)?, progress(state, id)?);
    let plan = version_of(state, &change).ok()?;
    let list = lists::promotion_list(state, &plan, &change);
    Some(judge(state, at, &plan, Some(&change), Some(&progress), &list))
}

/// How many rows [that](list_of) reads at most, which is what whoever has it judged pays for; none of a change that there is not.
pub fn reads_of_list(state: &State, id: ChangeId) -> Option<u32> {
    let change = change(state, id)?;
    Some(reads::of_list(state, &version_of(state, &change).ok()?, &change.asked.request))
}

/// What all that a change owes and owed comes to; none of a change that there is not.
pub fn duties_of(state: &State, at: Moment, id: ChangeId) -> Option<ListVerdict> {
    let (change, progress) = (change(state, id)?, progress(state, id)?);
    let plan = version_of(state, &change).ok()?;
    let list = lists::close_list(&plan, &change, &progress);
    Some(judge(state, at, &plan, Some(&change), Some(&progress), &list))
}

/// What a request would move if it were carried out now, with what follows from that.
///
/// # Errors
/// Why that may not move so.
pub fn simulated(state: &State, at: Moment, plan: &Name, request: &ChangeRequest) -> Result<Vec<Effected>, Error> {
    effects::of_request(state, at, &plans::current(state, plan)?, request)
}

/// What would undo effects now, such as those of a change that was carried out, or of one that is [simulated].
pub fn inverse(state: &State, at: Moment, plan: &Name, moved: &[Effected]) -> Vec<Effected> {
    effects::inverse(state, at, plan, moved)
}
