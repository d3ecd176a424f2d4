//! When the next step of a stage is taken (REQ-066).

use super::{acting, execution, guards, known, quorum, require_state};
use crate::change::{ChangeProgress, ChangeRequest, ChangeState, OwedDuty, SubmittedChange};
use crate::judge::lists::{listed, step_list};
use crate::judge::verdict::bare_verdict;
use crate::plan::{ActivationStep, ChangeKind, Stage};
use crate::plans::{KeptRef, version_of};
use crate::{Error, Event, effects, freeze, scope};
use primitives::{AccountId, ChangeId, List, Moment, Name};
use state::State;

/// The guards stand in the order of the table in ROLLOUTS 7.4.
pub(super) fn decide(
    state: &State,
    at: Moment,
    who: AccountId,
    (plan, acting): (&Name, &Name),
    id: ChangeId,
    key: &Name,
) -> Result<Event, Error> {
    let (change, progress) = known(state, plan, id)?;
    let version = version_of(state, &change)?;
    let by = acting::require(state, &version, acting, who, "execute", &change.asked.request)?;
    let stage = standing(state, &version, &change, &progress)?;
    let step = next_step(&stage, &progress, key)?;
    let paths = scope::paths_of(state, &change);
    freeze::require_unpaused(state, at, plan, change.kind(), &paths)?;
    if !step.sets.is_empty() {
        guards::require_window(state, at, &version, std::slice::from_ref(&stage), Some(&progress))?;
        guards::require_nothing_overdue(state, plan, &paths)?;
        guards::require_no_incident(state, plan, &paths)?;
    }
    let needs = listed(state, &version, step_list(&stage, step));
    guards::require_go(&bare_verdict(state, at, &version, &change, Some(&progress), &needs))?;
    let effects = effects::of_step(state, at, &version, (&stage.name, step))?;
    let moved = effects::quorum_move(state, at, plan, &effects);
    quorum::require_present(state, at, moved)?;
    // No step takes the rule of a quorum away; a plan that has one is not installed.
    quorum::require_mandate(state, None, moved)?;
    let duties = if step.sets.is_empty() { Vec::new() } else { opened_again(state, at, &version, &change) };
    let (plan, effects) = (plan.clone(), execution::bounded(effects)?);
    Ok(Event::Stepped { plan, change: id, by, step: key.clone(), effects, duties: List::truncate_from(duties) })
}

/// The stage that stands by a change, which is active, or closed.
fn standing(
    state: &State,
    plan: &KeptRef,
    change: &SubmittedChange,
    progress: &ChangeProgress,
) -> Result<Stage, Error> {
    let may = matches!(progress.state, ChangeState::Active | ChangeState::Closed);
    let ChangeRequest::Promote { to, .. } = &change.asked.request else {
        return Err(Error::NotInState { change: change.id, state: progress.state });
    };
    let stands = plan.standing(state, to).is_some_and(|standing| standing.change == change.id);
    require_state(change.id, progress.state, may && stands)?;
    plan.stage(state, to)
}

/// The step of that name, if it is there, is not taken, and all before it are.
fn next_step<'p>(stage: &'p Stage, progress: &ChangeProgress, key: &Name) -> Result<&'p ActivationStep, Error> {
    let mut to_come = stage.steps.iter().filter(|step| !progress.steps.contains(&step.key));
    let first = to_come.next();
    match first {
        Some(first) if first.key == *key => Ok(first),
        Some(first) if to_come.any(|step| step.key == *key) => {
            Err(Error::StepTooSoon { step: key.clone(), before: first.key.clone() })
        }
        _ => Err(Error::StepUnknown { stage: stage.name.clone(), step: key.clone() }),
    }
}

/// What moves values is audited again: what the procedure owes by a time is owed anew.
fn opened_again(state: &State, at: Moment, plan: &KeptRef, change: &SubmittedChange) -> Vec<OwedDuty> {
    let procedure = plan.procedure(state, ChangeKind::Promote, change.asked.request.stage());
    let duties = procedure.map(|procedure| procedure.close.into_inner()).unwrap_or_default();
    duties.into_iter().filter(|duty| duty.within.is_some()).map(|duty| execution::begun(at, duty)).collect()
}
