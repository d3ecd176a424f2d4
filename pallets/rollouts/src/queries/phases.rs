//! How far the phases of a plan have come (ROLLOUTS 7.6).

use crate::plan::{Phase, PhaseState};
use crate::plans::KeptRef;
use crate::standing::PhaseStanding;
use crate::storage::{PHASE_STANDINGS, PHASES};
use state::State;

/// The phases of a version of a plan, in the order of their keys, each with how far it has come.
pub fn phases(state: &State, plan: &KeptRef) -> Vec<PhaseSeen> {
    let rules = PHASES.iter_under(state, &(plan.name.clone(), plan.version)).map(|(_, phase)| phase);
    let seen = rules.map(|rules| {
        let standing = PHASE_STANDINGS.get(state, &(plan.name.clone(), rules.key.clone()));
        PhaseSeen { rules, standing }
    });
    seen.collect()
}

/// A phase, with how far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhaseSeen {
    /// The phase.
    pub rules: Phase,
    /// How far it has come, since when and by which change; none of one that is planned.
    pub standing: Option<PhaseStanding>,
}

impl PhaseSeen {
    /// How far it has come.
    pub fn state(&self) -> PhaseState {
        self.standing.as_ref().map_or(PhaseState::Planned, |standing| standing.state)
    }
}
