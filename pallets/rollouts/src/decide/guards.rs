//! Conditions that more than one call asks for.

use crate::change::{ChangeProgress, ChangeRequest, Effect, digest_of_members};
use crate::plan::{Stage, WindowRule};
use crate::plans::KeptRef;
use crate::storage::{OVERDUE, PROGRESS};
use crate::verdict::{Answer, FindingState, ListVerdict};
use crate::{Error, FirstKeys, effects};
use primitives::{Digest, Moment, Name, Path};
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

/// A stage is entered after the one that stands, and gone back to from one above it (REQ-005, REQ-006). Nothing else is asked of any
/// other request.
pub(super) fn require_stage(state: &State, plan: &KeptRef, request: &ChangeRequest) -> Result<(), Error> {
    match request {
        ChangeRequest::Promote { to, .. } => require_successor(state, plan, to),
        ChangeRequest::Demote { to } => require_below(state, plan, to),
        _ => Ok(()),
    }
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
