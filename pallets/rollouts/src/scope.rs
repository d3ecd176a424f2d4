//! Where a change moves something: the paths that grants, pauses and overdue duties are about, and the stages that it touches.

use crate::Error;
use crate::change::{ChangeRequest, Effect, SubmittedChange};
use crate::plan::Stage;
use crate::plans::KeptRef;
use primitives::{Name, Path};
use state::State;
use std::collections::BTreeSet;

/// How many names a path of a plan has at most: none in a node's plan, where everything is at the root; otherwise the stage, and the
/// levels below it.
pub(crate) fn depth(plan: &KeptRef) -> u8 {
    if plan.kept.is_of_node() { 0 } else { plan.kept.depth().saturating_add(1) }
}

/// The paths at which a request moves something, in order.
pub(crate) fn paths(state: &State, plan: &Name, request: &ChangeRequest) -> BTreeSet<Path> {
    match request {
        ChangeRequest::Promote { to: stage, .. }
        | ChangeRequest::Demote { to: stage }
        | ChangeRequest::Rollback { stage, .. } => BTreeSet::from([of_stage(state, plan, stage)]),
        ChangeRequest::Set { effects } => effects.iter().map(path_of).collect(),
        ChangeRequest::Disable { scope, .. } | ChangeRequest::Freeze { scope, .. } => BTreeSet::from([scope.clone()]),
        ChangeRequest::Phase { .. } => BTreeSet::from([Path::ROOT]),
    }
}

/// The paths of a change that was submitted.
pub(crate) fn paths_of(state: &State, change: &SubmittedChange) -> BTreeSet<Path> {
    paths(state, &change.plan, &change.asked.request)
}

/// A segment is of the whole plan.
fn path_of(effect: &Effect) -> Path {
    match effect {
        Effect::Flag { path, .. } => path.clone(),
        Effect::Segment { .. } => Path::ROOT,
    }
}

/// The path of a stage: a node's plan has the root alone.
pub(crate) fn of_stage(state: &State, plan: &Name, stage: &Name) -> Path {
    let is_of_node = flags::queries::is_node_plan(state, plan);
    if is_of_node { Path::ROOT } else { Path::new([stage.clone()]).unwrap_or(Path::ROOT) }
}

/// The stages that a request touches (ROLLOUTS 7.1), whose tickets and windows bind it. A promotion touches the one that it enters.
/// Everything else touches, of a node's plan, the last that stands; of an application's, every stage whose paths lie below one of
/// its own, or above.
///
/// # Errors
/// When the plan has no such stage.
pub(crate) fn touched(state: &State, plan: &KeptRef, request: &ChangeRequest) -> Result<Vec<Stage>, Error> {
    let names: Vec<Name> = match request {
        ChangeRequest::Promote { to, .. } => vec![to.clone()],
        ChangeRequest::Freeze { .. } | ChangeRequest::Phase { .. } => Vec::new(),
        _ if plan.kept.is_of_node() => plan.last_standing(state).into_iter().map(|(stage, _)| stage).collect(),
        _ => {
            let paths = paths(state, &plan.name, request);
            plan.kept.stages.iter().filter(|stage| paths.iter().any(|path| lies_with(path, stage))).cloned().collect()
        }
    };
    names.iter().map(|stage| plan.stage(state, stage)).collect()
}

/// Whether a path lies under a stage, or above it.
pub(crate) fn lies_with(path: &Path, stage: &Name) -> bool {
    path.names().next().is_none_or(|first| first == stage.as_str())
}
