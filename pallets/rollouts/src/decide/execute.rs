//! When a change is carried out that waited (ROLLOUTS 7.4).

use super::{acting, execution, guards, known, quorum, require_state, submission};
use crate::change::{ChangeProgress, ChangeRequest, ChangeState, SubmittedChange};
use crate::effects::QuorumMove;
use crate::judge::lists::ApproveList;
use crate::judge::verdict::bare_verdict;
use crate::plan::ChangeKind;
use crate::plans::{self, KeptRef};
use crate::verdict::ListVerdict;
use crate::{Error, Event, effects, freeze, phase, polls, scope};
use primitives::{AccountId, ChangeId, Moment, Name};
use staking::Certificate;
use state::State;

/// The guards stand in the order of the table in ROLLOUTS 7.4.
pub(super) fn decide(
    state: &State,
    at: Moment,
    who: AccountId,
    (plan, acting): (&Name, &Name),
    id: ChangeId,
    proof: Option<&Certificate>,
) -> Result<Event, Error> {
    let plan = plans::current(state, plan)?;
    let (change, progress) = known(state, &plan.name, id)?;
    let request = &change.asked.request;
    let by = acting::require(state, &plan, acting, who, "execute", request)?;
    require_waiting(state, &plan, &change, &progress)?;
    guards::require_bundle(&plan, &change.asked.bundle)?;
    guards::require_version(&plan, change.asked.version)?;
    require_time(state, at, &plan, &change, &progress)?;
    require_scope(state, at, &plan, &change)?;
    require_ticket(state, &plan, &change)?;
    guards::require_stage(state, &plan, request)?;
    require_subject(state, &plan, &change)?;
    guards::require_target(state, &plan, request)?;
    guards::require_unmoved(state, &plan.name, request)?;
    let list = require_list(state, at, &plan, &change, &progress)?;
    require_fresh_flags(state, at, &plan, &change)?;
    let effects = effects::of_request(state, at, &plan, request)?;
    let quorum = effects::quorum_move(state, at, &plan.name, &effects);
    quorum::require_mandate(state, progress.poll, quorum)?;
    quorum::require_present(state, at, quorum)?;
    quorum::require_alive(state, at, &change, proof, quorum)?;
    let execution = execution::of(state, at, &plan, (&change, Some(&progress)), list.answer, effects)?;
    Ok(Event::Executed { plan: plan.name, change: id, by, execution: Box::new(execution) })
}

/// It was approved, or nobody votes on it.
fn require_waiting(
    state: &State,
    plan: &KeptRef,
    change: &SubmittedChange,
    progress: &ChangeProgress,
) -> Result<(), Error> {
    let is_voted = || {
        let vote = polls::vote_on(state, plan, change, QuorumMove::default());
        progress.poll.is_some() || vote.is_some() || polls::awaits_poll(state, change)
    };
    let may = match progress.state {
        ChangeState::Approved => true,
        ChangeState::Open => !is_voted(),
        _ => false,
    };
    require_state(change.id, progress.state, may)
}

/// The stake had its time to stop it, the window is open, and nothing stands still that another change stopped.
fn require_time(
    state: &State,
    at: Moment,
    plan: &KeptRef,
    change: &SubmittedChange,
    progress: &ChangeProgress,
) -> Result<(), Error> {
    if let Some(from) = progress.not_before.filter(|from| at.epoch < *from) {
        return Err(Error::TooEarly { change: change.id, from, now: at.epoch });
    }
    let (kind, request) = (change.kind(), &change.asked.request);
    let procedure = plan.procedure(state, kind, request.stage());
    if procedure.is_some_and(|procedure| procedure.window) {
        let stages = scope::touched(state, plan, request)?;
        guards::require_window(state, at, plan, &stages, Some(progress))?;
    }
    freeze::require_unfrozen(state, at, &plan.name, kind, Some(change.id))
}

/// Nothing is paused there, and nothing overdue or open that stops promotions.
fn require_scope(state: &State, at: Moment, plan: &KeptRef, change: &SubmittedChange) -> Result<(), Error> {
    let paths = scope::paths_of(state, change);
    freeze::require_unpaused(state, at, &plan.name, change.kind(), &paths)?;
    match change.kind() {
        ChangeKind::Promote => {
            guards::require_nothing_overdue(state, &plan.name, &paths)?;
            guards::require_no_incident(state, &plan.name, &paths)
        }
        _ => Ok(()),
    }
}

/// Its artifact may still go there, and its phase lets it through as before. That the build of a network is approved is asked by its list.
fn require_subject(state: &State, plan: &KeptRef, change: &SubmittedChange) -> Result<(), Error> {
    if plan.kept.is_of_node() {
        return Ok(());
    }
    submission::require_subject(state, plan, change)?;
    phase::require_for_change(state, plan, &change.asked)
}

/// It has the ticket that the stages ask for which it touches now; one of them may stand since it was submitted (REQ-111).
fn require_ticket(state: &State, plan: &KeptRef, change: &SubmittedChange) -> Result<(), Error> {
    let (draft, request) = (&change.asked, &change.asked.request);
    let Some(procedure) = plan.procedure(state, change.kind(), request.stage()) else { return Ok(()) };
    submission::require_ticket(&procedure, &scope::touched(state, plan, request)?, draft)
}

/// The list is judged again: what was GO when it was voted on may not be any more.
fn require_list(
    state: &State,
    at: Moment,
    plan: &KeptRef,
    change: &SubmittedChange,
    progress: &ChangeProgress,
) -> Result<ListVerdict, Error> {
    let list = ApproveList::of(state, plan, change);
    let verdict = bare_verdict(state, at, plan, change, Some(progress), &list.checks);
    guards::require_go(&verdict).map(|()| verdict)
}

/// No promotion relies on a flag whose day has come (ROLLOUTS 6.4).
fn require_fresh_flags(state: &State, at: Moment, plan: &KeptRef, change: &SubmittedChange) -> Result<(), Error> {
    let ChangeRequest::Promote { to, .. } = &change.asked.request else { return Ok(()) };
    let stage = plan.stage(state, to)?;
    let features = change.asked.features.iter().filter_map(|feature| feature.flag.as_ref());
    for key in stage.values.iter().map(|(flag, _)| flag).chain(features) {
        let expires = flags::queries::flag(state, &plan.name, key).map(|defined| defined.flag.expires);
        if let Some(flags::Expiry::At(end)) = expires.filter(|expires| expires.is_over(at.time)) {
            return Err(Error::StaleFlag { flag: key.clone(), at: end });
        }
    }
    Ok(())
}

/// All that keeps a change from being carried out now, in the order of [`decide`]; who tries is not asked, nor whether its sealer is
/// alive. It is for whoever shows what would come of it.
pub(crate) fn refusals(
    state: &State,
    at: Moment,
    plan: &KeptRef,
    change: &SubmittedChange,
    progress: &ChangeProgress,
) -> Vec<Error> {
    let request = &change.asked.request;
    let moved = effects::of_request(state, at, plan, request);
    let quorum = moved.as_ref().map(|moved| effects::quorum_move(state, at, &plan.name, moved)).unwrap_or_default();
    let guards = [
        require_waiting(state, plan, change, progress),
        guards::require_bundle(plan, &change.asked.bundle),
        guards::require_version(plan, change.asked.version),
        require_time(state, at, plan, change, progress),
        require_scope(state, at, plan, change),
        require_ticket(state, plan, change),
        guards::require_stage(state, plan, request),
        require_subject(state, plan, change),
        guards::require_target(state, plan, request),
        guards::require_unmoved(state, &plan.name, request),
        require_list(state, at, plan, change, progress).map(|_| ()),
        require_fresh_flags(state, at, plan, change),
        moved.map(|_| ()),
        quorum::require_mandate(state, progress.poll, quorum),
        quorum::require_present(state, at, quorum),
    ];
    guards.into_iter().filter_map(Result::err).collect()
}
