//! Whether what a statement is about exists and is live.

use crate::Error;
use crate::change::{ChangeProgress, ChangeRequest, ChangeState, SubmittedChange};
use crate::plans::{self, FIRST_CHANGE, KeptRef};
use crate::statement::{Statement, StatementSubject};
use crate::storage::{CHANGES, PROGRESS};
use primitives::{BuildHash, ChangeId, Name, Path};
use state::State;

/// What a statement is about, found: with the version of the plan that it is judged by.
pub(crate) struct FoundSubject {
    /// That of the change while it owes something under it, and else the one in force.
    pub plan: KeptRef,
    /// The change, where it is about one that somebody submitted.
    pub change: Option<(SubmittedChange, ChangeProgress)>,
    /// The build, where it is about one, or about a change that moves one.
    pub build: Option<BuildHash>,
}

/// Finds what a statement is about.
///
/// # Errors
/// [`Error::PlanUnknown`], and [`Error::WrongSubject`] for what there is not, or is not live.
pub(crate) fn find(state: &State, plan: &Name, statement: &Statement) -> Result<FoundSubject, Error> {
    let current = plans::current(state, plan)?;
    let found = match &statement.about {
        StatementSubject::Change(id) => of_change(state, current, *id),
        about => is_there(state, &current, about).then(|| FoundSubject {
            build: build_of(about),
            plan: current,
            change: None,
        }),
    };
    found.ok_or_else(|| wrong(statement))
}

/// That a key is not asked about this.
pub(crate) fn wrong(statement: &Statement) -> Error {
    Error::WrongSubject { key: statement.key.clone(), about: Box::new(statement.about.clone()) }
}

/// A change that waits or owes something; or one that is closed while its stage stands, because the steps of that stage go on. So does
/// the change of genesis, or of a first installation.
fn of_change(state: &State, current: KeptRef, id: ChangeId) -> Option<FoundSubject> {
    let is_standing = |plan: &KeptRef| {
        let mut stages = plan.kept.stages.iter().filter_map(|stage| plan.standing(state, stage));
        stages.any(|standing| standing.change == id)
    };
    if id == FIRST_CHANGE {
        return is_standing(&current).then_some(FoundSubject { plan: current, change: None, build: None });
    }
    let change = CHANGES.get(state, &id).filter(|change| change.plan == current.name)?;
    let progress = PROGRESS.get(state, &id)?;
    let is_live = progress.state.is_live() || (progress.state == ChangeState::Closed && is_standing(&current));
    let of_its_own = plans::of_version(state, &current.name, change.asked.version);
    let build = match change.asked.request {
        ChangeRequest::Promote { artifact, .. } if current.kept.is_of_node() => {
            artifact.map(|build| BuildHash(build.0))
        }
        _ => None,
    };
    let plan = of_its_own.unwrap_or(current);
    is_live.then_some(FoundSubject { plan, change: Some((change, progress)), build })
}

fn is_there(state: &State, plan: &KeptRef, about: &StatementSubject) -> bool {
    match about {
        StatementSubject::Plan => true,
        StatementSubject::Stage(stage) => plan.kept.place(stage).is_some(),
        StatementSubject::Phase(phase) => plan.phase(state, phase).is_some(),
        StatementSubject::Scope(path) => is_scope(plan, path),
        // An application's artifacts are registered nowhere at this level.
        StatementSubject::Artifact(digest) => {
            plan.kept.is_of_node() && releases::queries::release(state, &BuildHash(digest.0)).is_some()
        }
        StatementSubject::Change(_) => false,
    }
}

/// A node's plan has the root alone; an application's the root, and what lies under its stages.
fn is_scope(plan: &KeptRef, path: &Path) -> bool {
    let is_of_stage = crate::judge::asked::stage_of_path(plan, path).is_some();
    let is_deep = path.depth() > usize::from(plan.kept.depth()).saturating_add(1);
    path.is_root() || (!plan.kept.is_of_node() && is_of_stage && !is_deep)
}

fn build_of(about: &StatementSubject) -> Option<BuildHash> {
    match about {
        StatementSubject::Artifact(digest) => Some(BuildHash(digest.0)),
        _ => None,
    }
}
