//! Which stages stand, which artifacts in them, and how far phases have come, after changes that move these.

use super::super::PHASES;
use super::changes::{ChangeRow, end, find, put, turn};
use super::plans;
use crate::fold::{BlockWriter, FoldError};
use crate::store::column::json;
use crate::topics::artifacts;
use ::artifacts::ArtifactStanding;
use primitives::{Amount, ChangeId, Digest, List, Moment, Name};
use rollouts::change::{ChangeRequest, ChangeState, Execution, LeftStanding, SubmittedChange};
use rollouts::plan::PhaseState;
use rollouts::standing::{PhaseStanding, StageStanding};

/// What stands once a change is carried out. Whoever goes back to a stage begins there anew.
///
/// # Errors
/// The database refuses, or has no such change.
pub(super) async fn stand(
    block: &mut BlockWriter<'_>,
    at: Moment,
    row: &ChangeRow,
    execution: &Execution,
) -> Result<(), FoldError> {
    let change = &row.change;
    match &change.asked.request {
        ChangeRequest::Promote { to, .. } => {
            enter(block, at, &change.plan, to, (execution.subject, change.id)).await?;
        }
        ChangeRequest::Rollback { stage, .. } => go_back(block, at, change, stage, execution).await?,
        ChangeRequest::Demote { to } => demote(block, at, change, to, execution).await?,
        ChangeRequest::Phase { phase, to } => move_phase(block, at, change, phase, *to),
        ChangeRequest::Set { .. } | ChangeRequest::Disable { .. } | ChangeRequest::Freeze { .. } => {}
    }
    Ok(())
}

/// A stage stands by a change, and in it what was promoted.
async fn enter(
    block: &mut BlockWriter<'_>,
    at: Moment,
    plan: &Name,
    stage: &Name,
    (subject, change): (Option<Digest>, ChangeId),
) -> Result<(), FoldError> {
    plans::stand(block, plan, stage, Some(&StageStanding { subject, since: at, change }));
    match &subject {
        Some(artifact) => artifacts::fold::stand(block, at, plan, stage, artifact).await,
        None => Ok(()),
    }
}

async fn leave(block: &mut BlockWriter<'_>, plan: &Name, stage: &Name) -> Result<(), FoldError> {
    plans::stand(block, plan, stage, None);
    artifacts::fold::leave(block, plan, stage).await
}

/// Of an application the artifact that was good stands again, and the other one is bad; of a network what is above the stage that is gone
/// back to does not stand any more.
async fn go_back(
    block: &mut BlockWriter<'_>,
    at: Moment,
    change: &SubmittedChange,
    stage: &Name,
    execution: &Execution,
) -> Result<(), FoldError> {
    let plan = &change.plan;
    match (execution.stands_by, execution.subject) {
        (Some(by), Some(artifact)) => {
            for bad in execution.left.iter().filter_map(|left| left.standing.subject) {
                artifacts::fold::mark(block, plan, &bad, ArtifactStanding::Bad).await?;
            }
            enter(block, at, plan, stage, (Some(artifact), by)).await?;
        }
        _ => {
            for left in execution.left.iter() {
                leave(block, plan, &left.stage).await?;
            }
        }
    }
    for reverted in &execution.reverts {
        go_back_from(block, at, *reverted, change.id).await?;
    }
    let is_touched = |other: &Name| execution.stands_by.is_none() || other == stage;
    plans::mark_emergency(block, at, plan, is_touched).await
}

async fn demote(
    block: &mut BlockWriter<'_>,
    at: Moment,
    change: &SubmittedChange,
    to: &Name,
    execution: &Execution,
) -> Result<(), FoldError> {
    let plan = plans::version(block, &change.plan, change.asked.version).await?;
    let place = plan.as_ref().and_then(|plan| plan.place(to)).map_or(usize::MAX, |place| place.saturating_add(1));
    for stage in plan.iter().flat_map(|plan| plan.stages.iter()).skip(place) {
        leave(block, &change.plan, &stage.name).await?;
    }
    let standing = plans::standing(block, &change.plan).await?;
    if let Some((stage, standing)) = standing.into_iter().find(|(stage, _)| stage == to) {
        begin_anew(block, standing.change).await?;
        plans::stand(block, &change.plan, &stage, Some(&StageStanding { since: at, ..standing }));
    }
    for reverted in &execution.reverts {
        go_back_from(block, at, *reverted, change.id).await?;
    }
    Ok(())
}

fn move_phase(block: &mut BlockWriter<'_>, at: Moment, change: &SubmittedChange, phase: &Name, to: PhaseState) {
    let standing = PhaseStanding { state: to, since: at, change: change.id };
    block.put(&PHASES, vec![change.plan.as_str().into(), phase.as_str().into(), json(&standing).into()]);
}

/// The steps of a stage are to be taken again; of what stands since a first version none were.
async fn begin_anew(block: &mut BlockWriter<'_>, id: ChangeId) -> Result<(), FoldError> {
    if id == ChangeId(0) {
        return Ok(());
    }
    let mut row = find(block, id).await?;
    row.progress.steps = List::new();
    put(block, row);
    Ok(())
}

/// Another change went back from what this one did.
async fn go_back_from(block: &mut BlockWriter<'_>, at: Moment, id: ChangeId, by: ChangeId) -> Result<(), FoldError> {
    let mut row = find(block, id).await?;
    end(at, &mut row, ChangeState::Reverted { by });
    row.progress.deposit = Amount::ZERO;
    turn(block, &mut row, "rollouts.reverted", format!("change {id} is gone back from by change {by}"));
    put(block, row);
    Ok(())
}

/// The promotion of an artifact is closed: in its stage that one can be gone back to.
///
/// # Errors
/// The database refuses.
pub(super) async fn verified(block: &mut BlockWriter<'_>, row: &ChangeRow) -> Result<(), FoldError> {
    match &row.change.asked.request {
        ChangeRequest::Promote { to, artifact: Some(artifact) } => {
            artifacts::fold::good(block, &row.change.plan, to, artifact).await
        }
        _ => Ok(()),
    }
}

/// What a change had stand stands no longer, and what stood before it does again: the change is undone.
///
/// # Errors
/// The database refuses, or has no such change.
pub(super) async fn stand_again(block: &mut BlockWriter<'_>, at: Moment, row: &ChangeRow) -> Result<(), FoldError> {
    let plan = &row.change.plan;
    if let ChangeRequest::Promote { to, .. } = &row.change.asked.request {
        let standing = plans::standing(block, plan).await?;
        if standing.iter().any(|(stage, standing)| stage == to && standing.change == row.change.id) {
            leave(block, plan, to).await?;
        }
    }
    for left in row.progress.left.iter() {
        give_back(block, at, plan, row.progress.executed, left).await?;
    }
    Ok(())
}

/// What stood before a rollback, or before another artifact was promoted, stands again; what came to stand since stays.
async fn give_back(
    block: &mut BlockWriter<'_>,
    at: Moment,
    plan: &Name,
    executed: Option<Moment>,
    left: &LeftStanding,
) -> Result<(), FoldError> {
    let standing = plans::standing(block, plan).await?;
    let now = standing.into_iter().find(|(stage, _)| *stage == left.stage);
    if now.is_some_and(|(_, now)| Some(now.since) != executed) {
        return Ok(());
    }
    enter(block, at, plan, &left.stage, (left.standing.subject, left.standing.change)).await?;
    if let (Some(artifact), Some(was)) = (&left.standing.subject, left.artifact_was) {
        artifacts::fold::mark(block, plan, artifact, was).await?;
    }
    if let Some(was) = left.was {
        let mut row = find(block, left.standing.change).await?;
        (row.progress.state, row.progress.since) = (was, at);
        row.progress.duties.iter_mut().filter(|duty| !duty.state.is_met()).for_each(|duty| duty.poll = None);
        put(block, row);
    }
    Ok(())
}
