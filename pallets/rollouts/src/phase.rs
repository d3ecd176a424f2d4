//! How far phases have come, and what that lets through (ROLLOUTS 7.6).

use crate::change::ChangeDraft;
use crate::plan::{ChangeKind, ListOf, Phase, PhaseState};
use crate::plans::KeptRef;
use crate::storage::{PHASE_STANDINGS, PHASES};
use crate::{Error, PhaseFlaw};
use primitives::Name;
use state::State;

/// How far a phase of a plan has come; one that nothing was done about is planned.
pub(crate) fn state_of(state: &State, plan: &Name, phase: &Name) -> PhaseState {
    let standing = PHASE_STANDINGS.get(state, &(plan.clone(), phase.clone()));
    standing.map_or(PhaseState::Planned, |standing| standing.state)
}

/// Refuses to move a phase on to another state than the next one, and to open one before those that it requires have come so far.
pub(crate) fn require_next(state: &State, plan: &KeptRef, phase: &Name, to: PhaseState) -> Result<(), Error> {
    let rules = known(state, plan, phase)?;
    let from = state_of(state, &plan.name, phase);
    if from.next() != Some(to) {
        return Err(PhaseFlaw::NotNext { phase: phase.clone(), from, to }.into());
    }
    let asked = rules.requires.iter().filter(|_| to == PhaseState::Open);
    let mut behind = asked.map(|(required, needed)| (required, *needed, state_of(state, &plan.name, required)));
    match behind.find(|(_, needed, state)| state < needed) {
        Some((required, needed, state)) => {
            Err(PhaseFlaw::Before { phase: phase.clone(), required: required.clone(), needed, state }.into())
        }
        None => Ok(()),
    }
}

/// What is asked before a phase is moved on, with the list that it is from. That a phase is frozen is signed by whoever asks for it.
pub(crate) fn list_of(state: &State, plan: &KeptRef, phase: &Name, to: PhaseState) -> (Vec<Name>, ListOf) {
    let rules = plan.phase(state, phase);
    match to {
        PhaseState::Open => (rules.map(|rules| rules.start.into_inner()).unwrap_or_default(), ListOf::Start),
        PhaseState::Locked => (rules.map(|rules| rules.exit.into_inner()).unwrap_or_default(), ListOf::Exit),
        PhaseState::Planned | PhaseState::Frozen => (Vec::new(), ListOf::Approve),
    }
}

/// The phase about which a list asks that opens one: the first that comes before it, because nothing is said yet about what is planned; of
/// one that needs no other, itself.
pub(crate) fn asked_to_begin(state: &State, plan: &KeptRef, phase: &Name) -> Name {
    let rules = plan.phase(state, phase);
    let before = rules.and_then(|rules| rules.requires.first().map(|(required, _)| required.clone()));
    before.unwrap_or_else(|| phase.clone())
}

/// A promotion of a plan that has phases belongs to one which lets it through, and nothing else belongs to any (REQ-073).
pub(crate) fn require_for_change(state: &State, plan: &KeptRef, draft: &ChangeDraft) -> Result<(), Error> {
    let belongs = draft.request.kind() == ChangeKind::Promote && has_phases(state, plan);
    match (&draft.phase, belongs) {
        (None, false) => Ok(()),
        (Some(phase), false) => Err(PhaseFlaw::Needless { phase: phase.clone() }.into()),
        (None, true) => Err(PhaseFlaw::Missing { plan: plan.name.clone() }.into()),
        (Some(phase), true) => require_lets_through(state, plan, phase, draft),
    }
}

fn require_lets_through(state: &State, plan: &KeptRef, key: &Name, draft: &ChangeDraft) -> Result<(), Error> {
    let (rules, phase) = (known(state, plan, key)?, || key.clone());
    match state_of(state, &plan.name, key) {
        PhaseState::Planned => Err(PhaseFlaw::Planned { phase: phase() }.into()),
        PhaseState::Locked => Err(PhaseFlaw::Locked { phase: phase() }.into()),
        PhaseState::Frozen if !rules.allows.contains(&draft.nature) => {
            Err(PhaseFlaw::Frozen { phase: phase(), nature: draft.nature, allows: rules.allows }.into())
        }
        PhaseState::Open | PhaseState::Frozen => Ok(()),
    }
}

fn has_phases(state: &State, plan: &KeptRef) -> bool {
    PHASES.iter_under(state, &(plan.name.clone(), plan.version)).next().is_some()
}

/// A phase of a plan, which a refusal names where there is none.
pub(crate) fn known(state: &State, plan: &KeptRef, phase: &Name) -> Result<Phase, Error> {
    let unknown = || PhaseFlaw::Unknown { plan: plan.name.clone(), phase: phase.clone() };
    plan.phase(state, phase).ok_or_else(|| unknown().into())
}
