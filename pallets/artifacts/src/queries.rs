//! What can be asked about artifacts.

use crate::pins::{self, NeededOfStage};
use crate::{ArtifactPin, ArtifactStanding, Error, InstalledArtifactRules, RegisteredArtifact, retention, storage::*};
use primitives::{Digest, Name};
use state::State;

/// How much of what an artifact is needed for is told.
pub const MOST_PINS: usize = 64;

/// The rules of the version of a plan that is in force; none of a plan whose artifacts are not registered, such as the node's.
pub fn rules(state: &State, plan: &Name) -> Option<InstalledArtifactRules> {
    RULES.get(state, plan)
}

/// An artifact of a plan; also one that was let go.
pub fn artifact(state: &State, plan: &Name, digest: &Digest) -> Option<RegisteredArtifact> {
    ARTIFACTS.get(state, &(plan.clone(), *digest))
}

/// Which artifact of a plan has a name.
pub fn by_name(state: &State, plan: &Name, name: &Name) -> Option<Digest> {
    NAMES.get(state, &(plan.clone(), name.clone()))
}

/// How many artifacts of a plan were ever registered.
pub fn listed_count(state: &State, plan: &Name) -> u64 {
    LISTED.count(state, plan)
}

/// An artifact of a plan by its number from 1, in the order in which they were registered; also one that was let go.
pub fn listed(state: &State, plan: &Name, number: u64) -> Option<RegisteredArtifact> {
    artifact(state, plan, &LISTED.get(state, plan, number)?)
}

/// The artifacts that stood in a stage and were not let go, the latest first: [`MOST_ARTIFACTS`](crate::MOST_ARTIFACTS) at most.
pub fn of_stage(state: &State, plan: &Name, stage: &Name) -> impl Iterator<Item = RegisteredArtifact> {
    pins::latest(state, plan, stage).filter_map(move |digest| artifact(state, plan, &digest))
}

/// What stands in a stage; none when nothing does, or never did.
pub fn standing_in(state: &State, plan: &Name, stage: &Name) -> Option<Digest> {
    HEADS.get(state, &(plan.clone(), stage.clone()))?.current
}

/// Whether anything ever stood in a stage.
pub fn has_stood(state: &State, plan: &Name, stage: &Name) -> bool {
    HEADS.get(state, &(plan.clone(), stage.clone())).is_some_and(|head| head.stood > 0)
}

/// What a rollback of a stage goes back to: the latest artifact that stood there and is good there, besides the one that stands
/// (REQ-098). That a promotion of it to another stage was closed is not enough. None when there is none.
pub fn good_before(state: &State, plan: &Name, stage: &Name, current: Option<&Digest>) -> Option<Digest> {
    let mut others = pins::latest(state, plan, stage).filter(|digest| Some(digest) != current);
    others.find(|digest| pins::is_good(state, plan, stage, digest))
}

/// How many artifacts of a plan were not let go.
pub fn count(state: &State, plan: &Name) -> u32 {
    COUNTS.get(state, plan).unwrap_or_default()
}

/// How many rows are read at most to look for [what a rollback of a stage goes back to](good_before).
pub fn most_read_back(state: &State, plan: &Name) -> u32 {
    retention::counted(state, plan).saturating_mul(2).saturating_add(2)
}

/// How many rows are read at most to find anew what there is to let go of a plan. Whoever moves what stands there, or has something kept,
/// pays for as many.
pub fn most_read(state: &State, plan: &Name) -> u32 {
    retention::most_read(state, plan)
}

/// What an artifact is needed for, the first [`MOST_PINS`]: by open incidents and holds first, then in the stages of the plan in which it
/// stood. Nothing of one that was let go, and of one that nothing needs. However many are open, those are read that keep it.
pub fn pins(state: &State, plan: &Name, digest: &Digest) -> Vec<ArtifactPin> {
    let Some(row) = artifact(state, plan, digest).filter(|row| row.standing != ArtifactStanding::Released) else {
        return Vec::new();
    };
    let is_let_go = RELEASABLE.contains(state, &(plan.clone(), row.registered.height, *digest));
    let cases = pins::of_cases(state, plan, &row).filter(|(scope, _)| scope.tenant().is_none() || !is_let_go);
    let of_cases = cases.map(|(_, pin)| ArtifactPin::from(pin));
    let installed = rules(state, plan);
    let is_of_plan = |stage: &&Name| installed.as_ref().is_some_and(|installed| installed.place(stage).is_some());
    let stages = row.stood.iter().map(|stood| &stood.stage).filter(is_of_plan);
    let of_stages = stages.flat_map(|stage| NeededOfStage::of(state, plan, stage).reasons(stage, digest));
    of_cases.chain(of_stages).take(MOST_PINS).collect()
}

/// Whether an artifact may be promoted to a stage of its plan (ROLLOUTS 7.5): it is registered, neither bad nor let go, says all
/// that the version in force asks, and is for that stage or one beyond.
///
/// # Errors
/// [`Error::NoRules`], [`Error::Unknown`], [`Error::Gone`], [`Error::Bad`], what is wrong with what is said of it, and
/// [`Error::ShortTarget`].
pub fn require_for(state: &State, plan: &Name, digest: &Digest, stage: &Name) -> Result<(), Error> {
    let installed = rules(state, plan).ok_or_else(|| Error::NoRules { plan: plan.clone() })?;
    let row = known(state, plan, digest)?;
    let name = || row.artifact.name.clone();
    if row.standing == ArtifactStanding::Bad {
        return Err(Error::Bad { plan: plan.clone(), name: name() });
    }
    installed.check_meta(&row.artifact)?;
    match row.artifact.target() {
        Some(target) if installed.place(&target) < installed.place(stage) => {
            Err(Error::ShortTarget { name: name(), target, stage: stage.clone() })
        }
        _ => Ok(()),
    }
}

/// An artifact of a plan that was not let go.
pub(crate) fn known(state: &State, plan: &Name, digest: &Digest) -> Result<RegisteredArtifact, Error> {
    let row = artifact(state, plan, digest);
    let row = row.ok_or_else(|| Error::Unknown { plan: plan.clone(), digest: *digest })?;
    if row.standing == ArtifactStanding::Released {
        return Err(Error::Gone { plan: plan.clone(), name: row.artifact.name });
    }
    Ok(row)
}
