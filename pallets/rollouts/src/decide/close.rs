//! When a change is closed of which nothing is owed any more. A pause is lifted so, also one that is not ratified yet.

use super::withdraw::returned;
use super::{acting, guards, known, require_state};
use crate::change::{ChangeProgress, ChangeRequest, ChangeState, SubmittedChange};
use crate::judge::verdict::duty_is_met;
use crate::plans::{KeptRef, version_of};
use crate::{Error, Event, polls};
use primitives::{AccountId, ChangeId, Moment, Name};
use roles::Actor;
use state::State;

pub(super) fn decide(
    state: &State,
    at: Moment,
    who: AccountId,
    (plan, acting): (&Name, &Name),
    id: ChangeId,
) -> Result<Event, Error> {
    let (change, progress) = known(state, plan, id)?;
    let version = version_of(state, &change)?;
    let by = closer(state, &version, who, acting, &change)?;
    require_state(id, progress.state, progress.state == ChangeState::Active)?;
    let falls_away = lifted(state, &version, &change, &progress);
    let mut owed = owed(state, at, &version, &change, &progress);
    owed.retain(|check| !falls_away.contains(check));
    if !owed.is_empty() {
        return Err(Error::DutiesOwed { change: id, owed: guards::first(owed) });
    }
    let deposit = returned(&change, &progress);
    Ok(Event::Closed { plan: plan.clone(), change: id, by, deposit })
}

/// Whoever has the grant; and of a freeze, which ends with it, whoever asked for it.
fn closer(
    state: &State,
    plan: &KeptRef,
    who: AccountId,
    acting: &Name,
    change: &SubmittedChange,
) -> Result<Actor, Error> {
    let is_freeze = matches!(change.asked.request, ChangeRequest::Freeze { .. });
    match change.by.as_ref().filter(|by| is_freeze && by.account == who && by.role == *acting) {
        Some(by) => Ok(by.clone()),
        None => acting::require(state, plan, acting, who, "close", &change.asked.request),
    }
}

/// What nobody has to agree to any more when a pause is lifted before they were late with it: there is nothing left to ratify.
pub(crate) fn lifted(state: &State, plan: &KeptRef, change: &SubmittedChange, progress: &ChangeProgress) -> Vec<Name> {
    if !matches!(change.asked.request, ChangeRequest::Freeze { .. }) {
        return Vec::new();
    }
    let votes = progress.owed_in_time().filter(|duty| polls::vote_rules(state, plan, &duty.check).is_some());
    votes.map(|duty| duty.check.clone()).collect()
}

/// What is owed by now: what the chain measures may be so without anybody having said anything.
fn owed(state: &State, at: Moment, plan: &KeptRef, change: &SubmittedChange, progress: &ChangeProgress) -> Vec<Name> {
    let owed = progress.owed().filter(|duty| !duty_is_met(state, at, plan, change, progress, duty));
    owed.map(|duty| duty.check.clone()).collect()
}
