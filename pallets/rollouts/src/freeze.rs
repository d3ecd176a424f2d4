//! What stops others: the freeze of a stage that is being entered, and pauses (ROLLOUTS 7.6).

use crate::Error;
use crate::change::{ChangeProgress, ChangeRequest, ChangeState, SubmittedChange};
use crate::deadline::ChangeDeadline;
use crate::plan::ChangeKind;
use crate::plans::{self, KeptRef, version_of};
use crate::polls::vote_rules;
use crate::standing::{ChangePause, StageFreeze, ThawedWhy};
use crate::storage::*;
use primitives::{ChangeId, Moment, Name, Path, TrackName};
use state::State;
use std::collections::BTreeSet;

/// The freeze that holds in a plan: of the first change that brings one.
pub fn frozen(state: &State, at: Moment, plan: &Name) -> Option<(ChangeId, StageFreeze)> {
    frozen_but_by(state, at, plan, None)
}

/// The same, but for the one that a change brings itself.
pub(crate) fn frozen_but_by(
    state: &State,
    at: Moment,
    plan: &Name,
    change: Option<ChangeId>,
) -> Option<(ChangeId, StageFreeze)> {
    let freezes = FREEZES.iter_under(state, plan).map(|((_, id), freeze)| (id, freeze));
    freezes.filter(|(id, _)| Some(*id) != change).find(|(id, freeze)| {
        // What is announced and not approved stops nobody.
        let has_begun = PROGRESS.get(state, id).is_some_and(|progress| progress.state != ChangeState::Open);
        has_begun && freeze.holds(at)
    })
}

/// The changes of a kind that a freeze stops from being submitted and carried out. Steps and closing go on.
pub(crate) fn stops(kind: ChangeKind) -> bool {
    match kind {
        ChangeKind::Promote | ChangeKind::Demote | ChangeKind::Set | ChangeKind::Phase => true,
        ChangeKind::Disable | ChangeKind::Rollback | ChangeKind::Freeze => false,
    }
}

/// Refuses a change of a kind while another freezes its plan.
pub(crate) fn require_unfrozen(
    state: &State,
    at: Moment,
    plan: &Name,
    kind: ChangeKind,
    change: Option<ChangeId>,
) -> Result<(), Error> {
    match frozen_but_by(state, at, plan, change).filter(|_| stops(kind)) {
        Some((change, freeze)) => Err(Error::Frozen { plan: plan.clone(), change, stage: freeze.stage }),
        None => Ok(()),
    }
}

/// Whether something may be put to the vote now: not while a stage is entered that this network stands still for. It is asked of the
/// plan of this network alone, and of what accounts propose.
///
/// What is never frozen says the plan: what is on the expedited track, where it says so. What no freeze stops at all, such as stopping
/// a proposal or replacing members, is not asked here (ROLLOUTS 7.6).
///
/// # Errors
/// [`Error::Frozen`].
pub fn require_thawed(state: &State, at: Moment, track: TrackName) -> Result<(), Error> {
    let Some(plan) = plans::of_node(state) else { return Ok(()) };
    let is_spared = plan.kept.policy.never_frozen.iter().any(|spared| spared.as_str() == track_name(track));
    if is_spared { Ok(()) } else { require_unfrozen(state, at, &plan.name, ChangeKind::Promote, None) }
}

fn track_name(track: TrackName) -> &'static str {
    match track {
        TrackName::Routine => "routine",
        TrackName::Expedited => "expedited",
        TrackName::Council => "council",
    }
}

/// The first pause that holds at a path: there, or above.
pub fn paused(state: &State, at: Moment, plan: &Name, path: &Path) -> Option<(ChangeId, Path)> {
    let mut above = path.ancestors();
    above.find_map(|above| {
        let mut pauses = PAUSES.iter_under(state, &(plan.clone(), above.clone()));
        pauses.find(|(_, pause)| pause.holds(at)).map(|((_, _, id), _)| (id, above))
    })
}

/// Refuses what is paused at one of its paths. No pause stops an emergency, or another pause.
pub(crate) fn require_unpaused(
    state: &State,
    at: Moment,
    plan: &Name,
    kind: ChangeKind,
    paths: &BTreeSet<Path>,
) -> Result<(), Error> {
    if matches!(kind, ChangeKind::Disable | ChangeKind::Rollback | ChangeKind::Freeze) {
        return Ok(());
    }
    match paths.iter().find_map(|path| paused(state, at, plan, path)) {
        Some((change, path)) => Err(Error::Paused { change, path }),
        None => Ok(()),
    }
}

/// Refuses a role that paused there a moment ago: a pause is not made endless by one key.
pub(crate) fn require_may_pause(state: &State, at: Moment, plan: &Name, role: &Name, path: &Path) -> Result<(), Error> {
    let again = PAUSE_AGAIN.get(state, &(plan.clone(), path.clone(), role.clone())).unwrap_or_default();
    match again.saturating_sub(at.running) {
        0 => Ok(()),
        left_ms => Err(Error::PausedLately { role: role.clone(), path: path.clone(), left_ms }),
    }
}

/// Why the freeze or pause of a change is over, if it is and nobody has said so yet.
pub(crate) fn thawed(
    state: &State,
    at: Moment,
    change: &SubmittedChange,
    progress: &ChangeProgress,
) -> Option<ThawedWhy> {
    let (end, why) = end_of_stop(state, change, progress)?;
    end.is_over(at).then_some(why)
}

/// When the freeze or pause of a change is over, as far as that is known by now, and why it is then. It hangs on where the change stands and
/// on what it stops others by, and on nothing else that may become another meanwhile: whatever writes one of these tells the clock.
pub(crate) fn end_of_stop(
    state: &State,
    change: &SubmittedChange,
    progress: &ChangeProgress,
) -> Option<(ChangeDeadline, ThawedWhy)> {
    if !progress.state.is_live() {
        return None;
    }
    match FREEZES.get(state, &(change.plan.clone(), change.id)) {
        Some(freeze) => end_of_freeze(state, change, progress, &freeze),
        None => end_of_pause(state, change, progress),
    }
}

fn end_of_freeze(
    state: &State,
    change: &SubmittedChange,
    progress: &ChangeProgress,
    freeze: &StageFreeze,
) -> Option<(ChangeDeadline, ThawedWhy)> {
    if freeze.executed.is_none() {
        // A window that was over before the change was approved froze nothing.
        let (_, until) = freeze.window?;
        let began = progress.state == ChangeState::Approved && progress.since.time < until;
        return began.then_some((ChangeDeadline::Time(until), ThawedWhy::WindowOver));
    }
    let plan = version_of(state, change).ok()?;
    let thaws = plan.stage(state, &freeze.stage).ok()?.thaws;
    let is_met = thaws.and_then(|check| progress.duty(&check).map(|duty| duty.state.is_met()));
    if is_met == Some(true) {
        return Some((ChangeDeadline::OVER, ThawedWhy::Met));
    }
    freeze.ends.map(|end| (end, ThawedWhy::TimeOver))
}

fn end_of_pause(
    state: &State,
    change: &SubmittedChange,
    progress: &ChangeProgress,
) -> Option<(ChangeDeadline, ThawedWhy)> {
    let pause = pause_of(state, change)?;
    // Whoever had to ratify it did not in time. Whatever else comes of that by its procedure, it stops nobody any more.
    let is_vote = |plan: &KeptRef| progress.overdue().any(|duty| vote_rules(state, plan, &duty.check).is_some());
    let has_lapsed = progress.overdue().next().is_some() && version_of(state, change).is_ok_and(|plan| is_vote(&plan));
    let end = if has_lapsed { Some(ChangeDeadline::OVER) } else { pause.ends };
    end.map(|end| (end, ThawedWhy::TimeOver))
}

/// The pause that a change brought and that is not over.
pub(crate) fn pause_of(state: &State, change: &SubmittedChange) -> Option<ChangePause> {
    let ChangeRequest::Freeze { scope, .. } = &change.asked.request else { return None };
    PAUSES.get(state, &(change.plan.clone(), scope.clone(), change.id))
}

/// Whether a change stops others, or would from its announced window on.
pub(crate) fn brings_one(state: &State, change: &SubmittedChange) -> bool {
    FREEZES.contains(state, &(change.plan.clone(), change.id)) || pause_of(state, change).is_some()
}
