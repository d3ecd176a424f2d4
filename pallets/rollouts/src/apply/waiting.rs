//! Where the polls are found that wait to be opened: those of the node's plan among the rows of that plan, those of an application by the
//! role that votes. No row of these is written elsewhere.

use crate::change::SubmittedChange;
use crate::storage::*;
use crate::{plans, polls};
use primitives::{ChangeId, Name};
use roles::RoleKey;
use state::State;

/// A check of a change is put to the vote by the next block in which somebody votes.
pub(super) fn wait(state: &mut State, change: &SubmittedChange, check: &Name) {
    let role = role_of_guest(state, change, check);
    TO_OPEN.set(state, &(change.plan.clone(), change.id, check.clone()), &role);
    if let Some(role) = role {
        let key = RoleKey { plan: change.plan.clone(), role };
        write(state, &key, |state| TO_ASK.insert(state, &(key.clone(), change.id, check.clone())));
    }
}

/// It is not any more: its poll is open.
pub(super) fn wait_no_more(state: &mut State, place: &(Name, ChangeId, Name)) {
    leave_role(state, place);
    TO_OPEN.remove(state, place);
}

/// Nothing of a change that is over is put to the vote.
pub(super) fn forget(state: &mut State, plan: &Name, change: ChangeId) {
    rows_of(state, plan, change).iter().for_each(|place| wait_no_more(state, place));
}

/// A change waits under a version that is in force no more: no role of an application is asked about it, and the next block ends it.
pub(super) fn ask_no_more(state: &mut State, plan: &Name, change: ChangeId) {
    for place in rows_of(state, plan, change) {
        if leave_role(state, &place) {
            TO_OPEN.set(state, &place, &None);
        }
    }
}

/// A later version of a plan is put to the vote of the role that amends it.
pub(super) fn wait_to_amend(state: &mut State, key: &RoleKey, number: u64) {
    write(state, key, |state| TO_AMEND.insert(state, &(key.clone(), number)));
}

/// It is not any more: its poll is open, or another version is in force.
pub(super) fn amend_no_more(state: &mut State, row: &(RoleKey, u64)) {
    write(state, &row.0, |state| TO_AMEND.remove(state, row));
}

/// Has a role found, or no longer, by whether anybody votes in it: one row, however many polls wait.
pub(super) fn follow_members(state: &mut State, key: &RoleKey) {
    let is_votable = awaits_polls(state, key) && roles::queries::has_voters(state, key);
    match (is_votable, VOTING.contains(state, key)) {
        (true, false) => VOTING.insert(state, key),
        (false, true) => VOTING.remove(state, key),
        _ => {}
    }
}

/// The role of an application's plan that votes on a check. It stays the same as long as the change waits or owes something, because the
/// version that says so is kept until then.
fn role_of_guest(state: &State, change: &SubmittedChange, check: &Name) -> Option<Name> {
    let plan = plans::of_version(state, &change.plan, change.asked.version).ok()?;
    let ballot = polls::vote_rules(state, &plan, check).filter(|_| !plan.kept.is_of_node())?;
    Some(ballot.role)
}

fn rows_of(state: &State, plan: &Name, change: ChangeId) -> Vec<(Name, ChangeId, Name)> {
    TO_OPEN.iter_under(state, &(plan.clone(), change)).map(|(place, _)| place).collect()
}

/// Whether it was found by a role.
fn leave_role(state: &mut State, place: &(Name, ChangeId, Name)) -> bool {
    let (plan, change, check) = place;
    let Some(role) = TO_OPEN.get(state, place).flatten() else { return false };
    let key = RoleKey { plan: plan.clone(), role };
    write(state, &key, |state| TO_ASK.remove(state, &(key.clone(), *change, check.clone())));
    true
}

/// Writes rows of a role, and with the first or the last of them where the role is found.
fn write(state: &mut State, key: &RoleKey, rows: impl FnOnce(&mut State)) {
    let before = awaits_polls(state, key);
    rows(state);
    if awaits_polls(state, key) != before {
        follow_members(state, key);
    }
}

fn awaits_polls(state: &State, key: &RoleKey) -> bool {
    TO_ASK.iter_under(state, key).next().is_some() || TO_AMEND.iter_under(state, key).next().is_some()
}
