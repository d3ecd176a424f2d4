//! What a rollback comes to: what it moves, what is gone back to, and what stands no longer (ROLLOUTS 7.8). All of it follows from what
//! stands when it is carried out; nobody types it (REQ-086).

use super::moves::Moves;
use super::profile;
use super::requirements::{Along, take_along};
use crate::change::{ChangeState, Effected, LeftStanding};
use crate::plan::Playbook;
use crate::plans::{FIRST_CHANGE, KeptRef};
use crate::standing::StageStanding;
use crate::storage::{PROGRESS, STOOD};
use crate::{Error, RollbackFlaw, scope};
use flags::Targeting;
use flags::admit::FlagRoom;
use primitives::{ChangeId, Digest, Moment, Name, Path};
use state::State;

/// What a rollback goes back to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct GoneBack {
    /// What stands then: an artifact, or of the node's plan the build of the stage that is gone back to.
    pub subject: Option<Digest>,
    /// The promotion by which that stands again, of an artifact.
    pub stands_by: Option<ChangeId>,
    /// What stands no longer.
    pub left: Vec<LeftStanding>,
}

impl GoneBack {
    /// What a rollback of a stage goes back to now.
    ///
    /// # Errors
    /// [`RollbackFlaw::NotStanding`] and [`RollbackFlaw::NoGoodArtifact`].
    pub(crate) fn of(state: &State, plan: &KeptRef, stage: &Name) -> Result<Self, Error> {
        let absent = || RollbackFlaw::NotStanding { stage: stage.clone() };
        let standing = plan.standing(state, stage).ok_or_else(absent)?;
        if plan.kept.is_of_node() {
            Ok(of_node(state, plan, stage))
        } else {
            of_application(state, plan, stage, standing)
        }
    }

    /// The changes that are reverted by it.
    pub(crate) fn reverts(&self) -> impl Iterator<Item = ChangeId> {
        self.left.iter().map(|left| left.standing.change).filter(|id| *id != FIRST_CHANGE)
    }
}

/// The latest artifact that is good there, besides the one that stands.
fn of_application(state: &State, plan: &KeptRef, stage: &Name, standing: StageStanding) -> Result<GoneBack, Error> {
    let none = || RollbackFlaw::NoGoodArtifact { stage: stage.clone() };
    let target =
        artifacts::queries::good_before(state, &plan.name, stage, standing.subject.as_ref()).ok_or_else(none)?;
    let stands_by = STOOD.get(state, &(plan.name.clone(), stage.clone(), target));
    Ok(GoneBack { subject: Some(target), stands_by, left: vec![left(state, plan, stage.clone(), standing)] })
}

/// The stage whose values the playbook brings back stands again by its own change; without one nothing stands otherwise.
fn of_node(state: &State, plan: &KeptRef, stage: &Name) -> GoneBack {
    let profile = playbook_of(state, plan, stage).and_then(|playbook| playbook.profile);
    let Some(profile) = profile else { return GoneBack::default() };
    let place = plan.kept.place(&profile).map_or(usize::MAX, |place| place.saturating_add(1));
    let above = plan.kept.stages.iter().skip(place);
    let standing = above.filter_map(|above| Some((above.clone(), plan.standing(state, above)?)));
    GoneBack {
        subject: plan.standing(state, &profile).and_then(|standing| standing.subject),
        stands_by: None,
        left: standing.map(|(stage, standing)| left(state, plan, stage, standing)).collect(),
    }
}

fn left(state: &State, plan: &KeptRef, stage: Name, standing: StageStanding) -> LeftStanding {
    let was = PROGRESS.get(state, &standing.change).map(|progress| progress.state);
    let artifact = standing.subject.and_then(|digest| artifacts::queries::artifact(state, &plan.name, &digest));
    let lives = |state: &ChangeState| matches!(state, ChangeState::Active | ChangeState::Closed);
    LeftStanding { stage, standing, was: was.filter(lives), artifact_was: artifact.map(|artifact| artifact.standing) }
}

/// What was left of a stage into which another artifact is promoted: it stands again when that is undone.
pub(crate) fn replaced(state: &State, plan: &KeptRef, stage: &Name) -> Option<LeftStanding> {
    let standing = plan.standing(state, stage)?;
    // Its promotion goes on as it is, and so does what its artifact is taken for.
    Some(LeftStanding { stage: stage.clone(), standing, was: None, artifact_was: None })
}

fn playbook_of(state: &State, plan: &KeptRef, stage: &Name) -> Option<Playbook> {
    plan.playbook(state, &plan.stage(state, stage).ok()?.playbook)
}

/// What a rollback of a stage moves: of the node's plan, what its playbook disables, and the values of the stage that it goes back to as
/// the steps taken there left them. Of an application's, nothing: artifacts move no flag.
pub(super) fn of_rollback(state: &State, at: Moment, plan: &KeptRef, stage: &Name) -> Result<Vec<Effected>, Error> {
    let Some(playbook) = playbook_of(state, plan, stage).filter(|_| plan.kept.is_of_node()) else {
        return Ok(Vec::new());
    };
    let mut moves = Moves::of(state, &plan.name);
    if let Some(profile) = &playbook.profile {
        want_values_of(state, plan, &mut moves, profile)?;
    }
    for key in &playbook.disables {
        if !super::asked::known(state, &plan.name, key)?.emergency {
            return Err(Error::NoEmergency { flag: key.clone() });
        }
        moves.flag(key, &Path::ROOT, true, |side| side.disabled = true);
    }
    take_along(state, at, &plan.name, &mut moves, Along::Disable(&Path::ROOT))?;
    moves.bounded()
}

/// What is set again is not asked for by anybody: where what it requires goes off, it goes off as well.
fn want_values_of(state: &State, plan: &KeptRef, moves: &mut Moves<'_>, profile: &Name) -> Result<(), Error> {
    let mut room = FlagRoom::of(state, &plan.name);
    for key in &plan.kept.flags {
        let Some(flag) = flags::queries::flag(state, &plan.name, key).map(|defined| defined.flag) else { continue };
        let Some(wanted) = profile::wanted_at(state, plan, &flag, profile) else { continue };
        let is_there = match super::side(state, &plan.name, key, &Path::ROOT).targeting {
            Some(served) => served == wanted,
            None => wanted == Targeting::constant(flag.fallback),
        };
        if !is_there {
            room.setting(key, &Path::ROOT, scope::depth(plan), &wanted)?;
            moves.flag(key, &Path::ROOT, false, |side| side.targeting = Some(wanted));
        }
    }
    Ok(())
}
