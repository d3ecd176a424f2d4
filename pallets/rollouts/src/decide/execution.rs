//! What carrying a change out comes to: worked out in whole before anything is written.

use crate::change::{
    ChangeProgress, ChangeRequest, DutyState, Effected, Execution, MOST_EFFECTS, OwedDuty, SubmittedChange,
};
use crate::deadline::ChangeDeadline;
use crate::effects::GoneBack;
use crate::judge::asked::path_of;
use crate::plan::{ChangeKind, Duty, Stage};
use crate::plans::{FIRST_CHANGE, KeptRef};
use crate::standing::StageFreeze;
use crate::verdict::Answer;
use crate::{Error, effects, polls};
use cases::{IncidentCause, OpenedCase};
use primitives::{AlertSeverity, ChangeId, List, Moment, Name};
use state::State;

/// What comes of a change that is carried out now and moves that, when its list came to an answer.
pub(super) fn of(
    state: &State,
    at: Moment,
    plan: &KeptRef,
    (change, progress): (&SubmittedChange, Option<&ChangeProgress>),
    verdict: Answer,
    effects: Vec<Effected>,
) -> Result<Execution, Error> {
    let request = &change.asked.request;
    let gone_back = gone_back(state, plan, request)?;
    let opened = opened(state, plan, change, progress);
    let linked = progress.and_then(|progress| progress.incident);
    let duties = duties(state, at, plan, request)?;
    let freeze = freeze(state, at, plan, request, progress)?;
    let closed = duties.is_empty() && freeze.is_none() && change.kind() != ChangeKind::Freeze;
    let map = match request {
        ChangeRequest::Promote { to, .. } | ChangeRequest::Demote { to } => effects::map_at(state, plan, to),
        _ => Vec::new(),
    };
    Ok(Execution {
        verdict,
        map: List::truncate_from(map),
        pause_ends: pause_ends(state, at, plan, request, &duties),
        // What is over at once waits for nobody.
        emergencies: if closed { 0 } else { emergencies(request, &effects) },
        bypasses: effects::bypasses(state, &plan.name, &effects),
        effects: bounded(effects)?,
        duties: List::truncate_from(duties),
        reverts: List::truncate_from(reverted(state, plan, request, &gone_back)),
        subject: match request {
            ChangeRequest::Promote { artifact, .. } => *artifact,
            _ => gone_back.subject,
        },
        left: List::truncate_from(gone_back.left),
        stands_by: gone_back.stands_by,
        incident: opened.as_ref().map(|opened| opened.id).or(linked),
        opened: opened.map(Box::new),
        freeze,
        closed,
    })
}

/// What a rollback goes back to; and what stood in a stage into which another artifact is promoted.
fn gone_back(state: &State, plan: &KeptRef, request: &ChangeRequest) -> Result<GoneBack, Error> {
    match request {
        ChangeRequest::Rollback { stage, .. } => GoneBack::of(state, plan, stage),
        ChangeRequest::Promote { to, .. } => {
            let left = effects::replaced(state, plan, to).into_iter().collect();
            Ok(GoneBack { left, ..GoneBack::default() })
        }
        _ => Ok(GoneBack::default()),
    }
}

/// A rollback opens an incident, unless the signal that asked for it did, and that is not resolved (REQ-089).
fn opened(
    state: &State,
    plan: &KeptRef,
    change: &SubmittedChange,
    progress: Option<&ChangeProgress>,
) -> Option<OpenedCase> {
    let linked = progress.and_then(|progress| progress.incident);
    let is_open = |id| cases::queries::case(state, id).is_some_and(|head| !head.step.is_last());
    if change.kind() != ChangeKind::Rollback || linked.is_some_and(is_open) {
        return None;
    }
    let cause = IncidentCause::Rollback(change.id);
    cases::queries::opened(state, &plan.name, &path_of(plan, change), AlertSeverity::Critical, cause)
}

/// The effects of one fact.
pub(super) fn bounded(effects: Vec<Effected>) -> Result<List<Effected, MOST_EFFECTS>, Error> {
    let have = u32::try_from(effects.len()).unwrap_or(u32::MAX);
    List::try_from(effects).map_err(|_| Error::TooManyEffects { have, most: MOST_EFFECTS })
}

/// What is owed from now on: by its procedure, and of a promotion by its stage; each check once.
fn duties(state: &State, at: Moment, plan: &KeptRef, request: &ChangeRequest) -> Result<Vec<OwedDuty>, Error> {
    let procedure = plan.procedure(state, request.kind(), request.stage());
    let mut all: Vec<Duty> = procedure.map(|procedure| procedure.close.into_inner()).unwrap_or_default();
    if let ChangeRequest::Promote { to, .. } = request {
        all.extend(plan.stage(state, to)?.close);
    }
    let mut owed: Vec<OwedDuty> = Vec::new();
    for duty in all {
        if !owed.iter().any(|known| known.check == duty.check) {
            owed.push(begun(at, duty));
        }
    }
    Ok(owed)
}

/// A duty that begins now: its deadline is fixed in its own unit.
pub(super) fn begun(at: Moment, duty: Duty) -> OwedDuty {
    OwedDuty {
        check: duty.check,
        from: at,
        ends: duty.within.map(|span| ChangeDeadline::after(at, span)),
        missed: duty.missed,
        or_incident: duty.or_incident,
        state: DutyState::Owed,
        poll: None,
    }
}

/// The freeze that a promotion into a freezing stage brings. One that has thawed does not begin again.
fn freeze(
    state: &State,
    at: Moment,
    plan: &KeptRef,
    request: &ChangeRequest,
    progress: Option<&ChangeProgress>,
) -> Result<Option<StageFreeze>, Error> {
    let ChangeRequest::Promote { to, .. } = request else { return Ok(None) };
    let Stage { freezes, name, .. } = plan.stage(state, to)?;
    let has_thawed = progress.is_some_and(|progress| progress.thawed.is_some());
    Ok((freezes && !has_thawed).then(|| StageFreeze {
        stage: name,
        window: progress.and_then(|progress| progress.window),
        executed: Some(at),
        ends: Some(ChangeDeadline::after(at, plan.kept.policy.freeze_at_most)),
    }))
}

/// A pause on which nobody votes within a time ends by itself, so that one key does not pause for ever.
fn pause_ends(
    state: &State,
    at: Moment,
    plan: &KeptRef,
    request: &ChangeRequest,
    duties: &[OwedDuty],
) -> Option<ChangeDeadline> {
    let mut timed = duties.iter().filter(|duty| duty.ends.is_some());
    let mut is_voted = || timed.any(|duty| polls::vote_rules(state, plan, &duty.check).is_some());
    let ends_alone = matches!(request, ChangeRequest::Freeze { .. }) && !is_voted();
    ends_alone.then(|| ChangeDeadline::after(at, plan.kept.policy.freeze_at_most))
}

/// How many emergencies a request counts as: each flag that it switches off is one, those among them that go along; a rollback is as many
/// as its playbook switches off, and one at least; and so is a pause.
pub(super) fn emergencies(request: &ChangeRequest, effects: &[Effected]) -> u8 {
    match request {
        ChangeRequest::Disable { .. } => u8::try_from(effects.len()).unwrap_or(u8::MAX),
        ChangeRequest::Rollback { .. } => {
            let goes_off = |effect: &&Effected| match effect {
                Effected::Flag { before, after, .. } => !before.disabled && after.disabled,
                Effected::Segment { .. } => false,
            };
            u8::try_from(effects.iter().filter(goes_off).count()).unwrap_or(u8::MAX).max(1)
        }
        ChangeRequest::Freeze { .. } => 1,
        _ => 0,
    }
}

/// The promotions of the stages above the one that is gone back to, and of what is rolled back from.
fn reverted(state: &State, plan: &KeptRef, request: &ChangeRequest, gone_back: &GoneBack) -> Vec<ChangeId> {
    match request {
        ChangeRequest::Demote { to } => {
            let above = above(plan, to).filter_map(|stage| plan.standing(state, stage));
            above.map(|standing| standing.change).filter(|id| *id != FIRST_CHANGE).collect()
        }
        ChangeRequest::Rollback { .. } => gone_back.reverts().collect(),
        _ => Vec::new(),
    }
}

/// The stages after one, in their order.
pub(crate) fn above<'p>(plan: &'p KeptRef, stage: &Name) -> impl Iterator<Item = &'p Name> {
    let place = plan.kept.place(stage).map_or(usize::MAX, |place| place.saturating_add(1));
    plan.kept.stages.iter().skip(place)
}
