//! Conditions that more than one call asks for.

use crate::change::{ChangeProgress, ChangeRequest, Effect, digest_of_members};
use crate::effects::GoneBack;
use crate::plan::{Stage, WindowRule};
use crate::plans::KeptRef;
use crate::storage::{ASKED_ROLLBACKS, CHANGES, LIVE, OVERDUE, PROGRESS};
use crate::verdict::{Answer, FindingState, ListVerdict};
use crate::{Error, FirstKeys, RollbackFlaw, effects, phase};
use primitives::{ChangeId, Digest, Moment, Name, Path};
use state::State;
use std::collections::BTreeSet;

/// A change is for the version in force (REQ-029).
pub(super) fn require_version(plan: &KeptRef, asked: u32) -> Result<(), Error> {
    let current = plan.version;
    if asked == current { Ok(()) } else { Err(Error::PlanVersion { plan: plan.name.clone(), asked, current }) }
}

/// A change names the bundle in force (REQ-028).
pub(super) fn require_bundle(plan: &KeptRef, asked: &Digest) -> Result<(), Error> {
    let current = plan.kept.bundle;
    if *asked == current { Ok(()) } else { Err(Error::BundleHash { asked: *asked, current }) }
}

/// A stage is entered after the one that stands, gone back to from one above it, and rolled back while it stands (REQ-005, REQ-006); an
/// artifact goes from one stage to the next (ROLLOUTS 7.5); and a phase moves on to its next state. Nothing else is asked of any other
/// request.
pub(super) fn require_stage(state: &State, plan: &KeptRef, request: &ChangeRequest) -> Result<(), Error> {
    match request {
        ChangeRequest::Promote { to, artifact: Some(artifact) } if moves_artifacts(plan) => {
            require_next_for(state, plan, to, artifact)
        }
        ChangeRequest::Promote { to, .. } => require_successor(state, plan, to),
        ChangeRequest::Demote { to } => require_below(state, plan, to),
        ChangeRequest::Rollback { stage, .. } => require_standing(state, plan, stage),
        ChangeRequest::Phase { phase, to } => phase::require_next(state, plan, phase, *to),
        ChangeRequest::Set { .. } | ChangeRequest::Disable { .. } | ChangeRequest::Freeze { .. } => Ok(()),
    }
}

/// Whether what is promoted under a plan are artifacts.
pub(super) fn moves_artifacts(plan: &KeptRef) -> bool {
    !plan.kept.is_of_node() && plan.kept.artifacts.is_some()
}

/// The artifact stands in the stage before, unless it enters the first one, and in none beyond.
fn require_next_for(state: &State, plan: &KeptRef, to: &Name, artifact: &Digest) -> Result<(), Error> {
    let asked = place(plan, to)?;
    let stands = |stage: &Name| plan.standing(state, stage).is_some_and(|it| it.subject == Some(*artifact));
    let last = plan.kept.stages.iter().rposition(stands);
    if plan.kept.policy.one_way && last.is_some_and(|last| asked < last) {
        return Err(Error::OneWay { plan: plan.name.clone(), to: to.clone() });
    }
    let is_next = match (last, asked.checked_sub(1)) {
        (Some(last), Some(before)) => last == before,
        (None, None) => true,
        _ => false,
    };
    if is_next {
        return Ok(());
    }
    let standing = last.and_then(|last| plan.kept.stages.get(last)).cloned();
    let next = plan.successor(standing.as_ref()).cloned();
    Err(Error::NotSuccessor { to: to.clone(), standing, next })
}

/// What is rolled back stands; of this network's plan it is the last that does, because its values are those in force.
fn require_standing(state: &State, plan: &KeptRef, stage: &Name) -> Result<(), Error> {
    place(plan, stage)?;
    let stands = plan.standing(state, stage).is_some();
    let is_last = || plan.last_standing(state).is_some_and(|(last, _)| last == *stage);
    if stands && (!plan.kept.is_of_node() || is_last()) {
        return Ok(());
    }
    Err(RollbackFlaw::NotStanding { stage: stage.clone() }.into())
}

/// The rollback of a stage that is open, approved or active; of each stage there is one at most (ROLLOUTS 7.7).
pub(crate) fn rollback_of(state: &State, plan: &Name, stage: &Name) -> Option<ChangeId> {
    LIVE.iter_under(state, plan).map(|(_, id)| id).find(|id| {
        let asked = CHANGES.get(state, id).map(|change| change.asked.request);
        matches!(asked, Some(ChangeRequest::Rollback { stage: other, .. }) if other == *stage)
    })
}

/// One rollback of a stage lives at a time: no other waits or owes something, and none was asked for in this very block.
pub(crate) fn require_sole(
    state: &State,
    plan: &KeptRef,
    request: &ChangeRequest,
    own: Option<ChangeId>,
) -> Result<(), Error> {
    let ChangeRequest::Rollback { stage, .. } = request else { return Ok(()) };
    match rollback_of(state, &plan.name, stage).filter(|other| Some(*other) != own) {
        Some(change) => Err(RollbackFlaw::Lives { stage: stage.clone(), change }.into()),
        None => Ok(()),
    }
}

/// There is something to go back to.
pub(super) fn require_target(state: &State, plan: &KeptRef, request: &ChangeRequest) -> Result<(), Error> {
    match request {
        ChangeRequest::Rollback { stage, .. } => GoneBack::of(state, plan, stage).map(|_| ()),
        _ => Ok(()),
    }
}

/// Whether a rollback of a stage is about to be opened, because a signal asked for it.
pub(crate) fn is_asked_back(state: &State, plan: &Name, stage: &Name) -> bool {
    ASKED_ROLLBACKS.contains(state, &(plan.clone(), stage.clone()))
}

fn require_successor(state: &State, plan: &KeptRef, to: &Name) -> Result<(), Error> {
    let asked = place(plan, to)?;
    let standing = plan.last_standing(state).map(|(stage, _)| stage);
    let next = plan.successor(standing.as_ref());
    if next == Some(to) {
        return Ok(());
    }
    let last = standing.as_ref().and_then(|stage| plan.kept.place(stage));
    if plan.kept.policy.one_way && last.is_some_and(|last| asked < last) {
        return Err(Error::OneWay { plan: plan.name.clone(), to: to.clone() });
    }
    let next = next.cloned();
    Err(Error::NotSuccessor { to: to.clone(), standing, next })
}

fn require_below(state: &State, plan: &KeptRef, to: &Name) -> Result<(), Error> {
    let asked = place(plan, to)?;
    if plan.kept.policy.one_way {
        return Err(Error::OneWay { plan: plan.name.clone(), to: to.clone() });
    }
    let last = plan.last_standing(state).and_then(|(stage, _)| plan.kept.place(&stage));
    let is_below = last.is_some_and(|last| asked < last) && plan.standing(state, to).is_some();
    if is_below { Ok(()) } else { Err(Error::NotBelow { to: to.clone() }) }
}

fn place(plan: &KeptRef, stage: &Name) -> Result<usize, Error> {
    let unknown = || Error::StageUnknown { plan: plan.name.clone(), stage: stage.clone() };
    plan.kept.place(stage).ok_or_else(unknown)
}

/// It is the time at which something may move in each of some stages (REQ-013, REQ-033). Where a window is announced, the latest
/// announcement of the change counts.
pub(super) fn require_window(
    state: &State,
    at: Moment,
    plan: &KeptRef,
    stages: &[Stage],
    progress: Option<&ChangeProgress>,
) -> Result<(), Error> {
    let announced = progress.and_then(|progress| progress.window);
    for window in stages.iter().filter_map(|stage| plan.window(state, &stage.window)) {
        let (is_open, opens) = match &window.rule {
            WindowRule::Announced { .. } => {
                let is_open = announced.is_some_and(|(from, until)| from <= at.time && at.time < until);
                (is_open, announced.map(|(from, _)| from).filter(|from| at.time < *from))
            }
            rule => (rule.holds(at.time), rule.next_start(at.time)),
        };
        if !is_open {
            return Err(Error::OutsideWindow { window: window.name, opens });
        }
    }
    Ok(())
}

/// Nothing is overdue at one of some paths, or above (REQ-035).
pub(super) fn require_nothing_overdue(state: &State, plan: &Name, paths: &BTreeSet<Path>) -> Result<(), Error> {
    let mut above = paths.iter().flat_map(Path::ancestors);
    let found = above.find_map(|path| {
        let mut rows = OVERDUE.iter_under(state, &(plan.clone(), path.clone()));
        let (change, check) = rows.find_map(|(_, _, change)| {
            let progress = PROGRESS.get(state, &change)?;
            let check = progress.overdue().next()?.check.clone();
            Some((change, check))
        })?;
        Some(Error::Overdue { change, check, path })
    });
    found.map_or(Ok(()), Err)
}

/// No incident is open that stops what is promoted at one of some paths (ROLLOUTS 7.4).
pub(super) fn require_no_incident(state: &State, plan: &Name, paths: &BTreeSet<Path>) -> Result<(), Error> {
    let first = |path: &Path| cases::queries::first_open_at(state, plan, path);
    let open = paths.iter().find_map(first);
    match open {
        Some(case) => {
            let path = cases::queries::case(state, case).map(|head| head.path).unwrap_or_default();
            Err(Error::IncidentOpen { case, path })
        }
        None => Ok(()),
    }
}

/// What a request was written against still stands: the first change that is carried out wins.
pub(super) fn require_unmoved(state: &State, plan: &Name, request: &ChangeRequest) -> Result<(), Error> {
    let ChangeRequest::Set { effects: asked } = request else { return Ok(()) };
    for effect in asked {
        match effect {
            Effect::Flag { flag, path, was, .. } => {
                if effects::side(state, plan, flag, path).digest() != *was {
                    return Err(Error::FlagMoved { flag: flag.clone(), path: path.clone() });
                }
            }
            Effect::Segment { name, was, .. } => {
                let members = flags::queries::segment(state, plan, name).unwrap_or_default();
                if digest_of_members(&members) != *was {
                    return Err(Error::SegmentMoved { segment: name.clone() });
                }
            }
        }
    }
    Ok(())
}

/// A list says yes; otherwise what keeps it from that is named. NO-GO names what failed, where anything did.
pub(super) fn require_go(verdict: &ListVerdict) -> Result<(), Error> {
    let keys = |is_named: &dyn Fn(FindingState) -> bool| -> Vec<Name> {
        verdict.unmet().filter(|finding| is_named(finding.state)).map(|finding| finding.key.clone()).collect()
    };
    let all = || keys(&|_| true);
    match verdict.answer {
        Answer::Go => Ok(()),
        Answer::NoGo => {
            let failed = keys(&|state| state == FindingState::Failed);
            let named = if failed.is_empty() { all() } else { failed };
            Err(Error::NoGo { of: count(&named), failed: first(named) })
        }
        Answer::Deferred => {
            let missing = all();
            Err(Error::Deferred { of: count(&missing), missing: first(missing) })
        }
    }
}

/// The first of some keys.
pub(crate) fn first(keys: Vec<Name>) -> FirstKeys {
    FirstKeys::truncate_from(keys)
}

fn count(keys: &[Name]) -> u16 {
    u16::try_from(keys.len()).unwrap_or(u16::MAX)
}
