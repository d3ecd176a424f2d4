//! Whether anything that is live asks what nodes run and know, so that each of them says it once in the epoch, also where nothing of it
//! has changed (ROLLOUTS 12.1).

use super::lists::{promotion_list, step_list};
use crate::change::{ChangeProgress, ChangeRequest, SubmittedChange};
use crate::check::Ask;
use crate::effects;
use crate::plan::AskedCheck;
use crate::plans::{KeptRef, version_of};
use crate::storage::{CHANGES, LIVE, PROGRESS};
use primitives::{ChangeId, Moment, Name};
use state::State;

/// Whether a change of the node's plan that is open, approved or active asks about the fleet, or is to turn on that validators decide by
/// quorum. No where no plan governs this network.
pub fn is_fleet_asked(state: &State, at: Moment) -> bool {
    let Some(plan) = flags::queries::node_plan(state) else { return false };
    LIVE.iter_under(state, &plan).any(|(_, id)| asks(state, at, id))
}

fn asks(state: &State, at: Moment, id: ChangeId) -> bool {
    let (Some(change), Some(progress)) = (CHANGES.get(state, &id), PROGRESS.get(state, &id)) else { return false };
    let Ok(plan) = version_of(state, &change) else { return false };
    if !progress.state.waits() {
        return asks_afterwards(state, &plan, &change, &progress);
    }
    let list = promotion_list(state, &plan, &change);
    list.iter().any(|asked| is_fleet(state, &plan, &asked.key)) || begins_quorum(state, at, &plan, &change)
}

/// What it owes, and what the steps need that are still to be taken.
fn asks_afterwards(state: &State, plan: &KeptRef, change: &SubmittedChange, progress: &ChangeProgress) -> bool {
    let stage = match &change.asked.request {
        ChangeRequest::Promote { to, .. } => plan.stage(state, to).ok(),
        _ => None,
    };
    let steps = stage.iter().flat_map(|stage| stage.steps.iter().map(move |step| (stage, step)));
    let untaken = steps.filter(|(_, step)| !progress.steps.contains(&step.key));
    let needed = untaken.flat_map(|(stage, step)| step_list(stage, step));
    let owed = progress.owed().map(|duty| duty.check.clone());
    owed.chain(needed.map(|AskedCheck { key, .. }| key)).any(|key| is_fleet(state, plan, &key))
}

/// Then it is not carried out before those who could be elected have said that they are there (ROLLOUTS 11).
fn begins_quorum(state: &State, at: Moment, plan: &KeptRef, change: &SubmittedChange) -> bool {
    let effects = effects::of_request(state, at, plan, &change.asked.request).unwrap_or_default();
    effects::quorum_move(state, at, &plan.name, &effects).begins
}

fn is_fleet(state: &State, plan: &KeptRef, key: &Name) -> bool {
    plan.check(state, key).is_some_and(|check| matches!(check.ask, Ask::Fleet { .. }))
}
