//! What only whoever shows plans and changes asks: nothing of it decides anything.

use super::{change, progress};
use crate::change::{Effected, SubmittedChange};
use crate::decide::{execute, known};
use crate::judge::asked::stage_of;
use crate::judge::{lists, verdict as judge};
use crate::plan::{ChangeKind, Stage};
use crate::plans::{self, KeptRef};
use crate::standing::ChangePause;
use crate::storage::*;
use crate::verdict::ListVerdict;
use crate::{Error, effects, scope};
use primitives::{ChangeId, Moment, Name, Path};
use state::State;

/// Where a change moves something, in order; the empty path is everywhere.
pub fn paths_of(state: &State, change: &SubmittedChange) -> Vec<Path> {
    scope::paths_of(state, change).into_iter().collect()
}

/// The stage that a change is about: the one that it names, or under which its scope lies; none where there is neither.
pub fn stage_of_change(state: &State, change: &SubmittedChange) -> Option<Name> {
    stage_of(&version_of(state, change).ok()?, change)
}

/// The version of its plan that a change is judged by.
///
/// # Errors
/// [`Error::PlanUnknown`], where its plan is retired and nothing of that version is kept.
pub fn version_of(state: &State, change: &SubmittedChange) -> Result<KeptRef, Error> {
    crate::plans::version_of(state, change)
}

/// What all that is asked before a stage is entered comes to, its vote included, while nobody has asked to enter it: what is about the
/// change itself is missing. Nothing of a stage that is not of the plan.
pub fn list_to_enter(state: &State, at: Moment, plan: &KeptRef, stage: &Name) -> ListVerdict {
    judge(state, at, plan, None, None, &lists::list_to_enter(state, plan, stage))
}

/// The first live promotion to a stage, if there is one that waits.
pub fn promotion_to(state: &State, plan: &Name, stage: &Name) -> Option<ChangeId> {
    super::live(state, plan).find(|id| {
        let waits = progress(state, *id).is_some_and(|progress| progress.state.waits());
        let change = change(state, *id).filter(|change| waits && change.kind() == ChangeKind::Promote);
        change.is_some_and(|change| change.asked.request.stage() == Some(stage))
    })
}

/// The pauses of a plan that hold at a moment: the path at which each stops others, and the change that brought it.
pub fn pauses<'s>(
    state: &'s State,
    at: Moment,
    plan: &Name,
) -> impl Iterator<Item = (Path, ChangeId, ChangePause)> + use<'s> {
    let all = PAUSES.iter_under(state, plan).map(|((_, path, id), pause)| (path, id, pause));
    all.filter(move |(.., pause)| pause.holds(at))
}

/// Everything that keeps a change from being carried out now, in the order in which whoever tries would be told; who tries is not asked,
/// nor whether the sealer of a change is alive. Nothing of one that can be.
///
/// # Errors
/// [`Error::PlanUnknown`] and [`Error::ChangeUnknown`].
pub fn refusals_of_execution(state: &State, at: Moment, plan: &Name, id: ChangeId) -> Result<Vec<Error>, Error> {
    let plan = plans::current(state, plan)?;
    let (change, progress) = known(state, &plan.name, id)?;
    Ok(execute::refusals(state, at, &plan, &change, &progress))
}

/// What the next step of a stage would move if it were taken now, with what follows from that.
///
/// # Errors
/// Why that may not move so, and [`Error::StepUnknown`].
pub fn simulated_step(
    state: &State,
    at: Moment,
    plan: &KeptRef,
    stage: &Stage,
    step: &Name,
) -> Result<Vec<Effected>, Error> {
    let unknown = || Error::StepUnknown { stage: stage.name.clone(), step: step.clone() };
    let step = stage.steps.iter().find(|other| other.key == *step).ok_or_else(unknown)?;
    effects::of_step(state, at, plan, (&stage.name, step))
}

/// What `ask` says of a state in which effects of a plan are written. Nothing of it stays.
pub fn once_written<T>(state: &State, at: Moment, plan: &Name, moved: &[Effected], ask: impl FnOnce(&State) -> T) -> T {
    effects::after(state, at, plan, moved, ask)
}
