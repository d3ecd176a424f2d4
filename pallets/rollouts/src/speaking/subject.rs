//! Whether what a statement is about exists and is live.

use crate::Error;
use crate::change::{ChangeProgress, ChangeRequest, ChangeState, SubmittedChange};
use crate::plans::{self, FIRST_CHANGE, KeptRef};
use crate::statement::{Statement, StatementSubject};
use crate::storage::{CHANGES, PROGRESS};
use artifacts::ArtifactStanding;
use primitives::{BuildHash, ChangeId, Digest, Name, Path};
use state::State;

/// What a statement is about, found: with the version of the plan that it is judged by.
pub(crate) struct FoundSubject {
    /// That of the change while it owes something under it, and else the one in force.
    pub plan: KeptRef,
    /// The change, where it is about one that somebody submitted.
    pub change: Option<(SubmittedChange, ChangeProgress)>,
    /// The build, where it is about one, or about a change that moves one.
    pub build: Option<BuildHash>,
    /// The same of an application's plan: the artifact.
    pub artifact: Option<Digest>,
}

/// Finds what a statement is about.
///
/// # Errors
/// [`Error::PlanUnknown`], and [`Error::WrongSubject`] for what there is not, or is not live.
pub(crate) fn find(state: &State, plan: &Name, statement: &Statement) -> Result<FoundSubject, Error> {
    let current = plans::current(state, plan)?;
    let found = match &statement.about {
        StatementSubject::Change(id) => of_change(state, current, *id),
        about => is_there(state, &current, about).then(|| {
            let (build, artifact) = moved_by(&current, digest_of(about));
            FoundSubject { plan: current, change: None, build, artifact }
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
        return is_standing(&current).then_some(FoundSubject {
            plan: current,
            change: None,
            build: None,
            artifact: None,
        });
    }
    let change = CHANGES.get(state, &id).filter(|change| change.plan == current.name)?;
    let progress = PROGRESS.get(state, &id)?;
    let is_live = progress.state.is_live() || (progress.state == ChangeState::Closed && is_standing(&current));
    let of_its_own = plans::of_version(state, &current.name, change.asked.version);
    let subject = match change.asked.request {
        ChangeRequest::Promote { artifact, .. } => artifact,
        _ => None,
    };
    let (build, artifact) = moved_by(&current, subject);
    let plan = of_its_own.unwrap_or(current);
    is_live.then_some(FoundSubject { plan, change: Some((change, progress)), build, artifact })
}

fn is_there(state: &State, plan: &KeptRef, about: &StatementSubject) -> bool {
    match about {
        StatementSubject::Plan => true,
        StatementSubject::Stage(stage) => plan.kept.place(stage).is_some(),
        StatementSubject::Phase(phase) => plan.phase(state, phase).is_some(),
        StatementSubject::Scope(path) => is_scope(plan, path),
        StatementSubject::Artifact(digest) if plan.kept.is_of_node() => {
            releases::queries::release(state, &BuildHash(digest.0)).is_some()
        }
        StatementSubject::Artifact(digest) => is_kept(state, &plan.name, digest),
        StatementSubject::Change(_) => false,
    }
}

/// An artifact that was registered, and not let go since.
fn is_kept(state: &State, plan: &Name, digest: &Digest) -> bool {
    let artifact = artifacts::queries::artifact(state, plan, digest);
    artifact.is_some_and(|artifact| artifact.standing != ArtifactStanding::Released)
}

/// A node's plan has the root alone; an application's the root, and what lies under its stages.
fn is_scope(plan: &KeptRef, path: &Path) -> bool {
    let is_of_stage = crate::judge::asked::stage_of_path(plan, path).is_some();
    let is_deep = path.depth() > usize::from(plan.kept.depth()).saturating_add(1);
    path.is_root() || (!plan.kept.is_of_node() && is_of_stage && !is_deep)
}

fn digest_of(about: &StatementSubject) -> Option<Digest> {
    match about {
        StatementSubject::Artifact(digest) => Some(*digest),
        _ => None,
    }
}

/// A digest as what it is under a plan: a build of this network, or an artifact of an application.
fn moved_by(plan: &KeptRef, subject: Option<Digest>) -> (Option<BuildHash>, Option<Digest>) {
    if plan.kept.is_of_node() { (subject.map(|build| BuildHash(build.0)), None) } else { (None, subject) }
}
