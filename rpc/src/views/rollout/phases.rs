//! The phases of a plan, and how far each has come.

use primitives::{ChangeId, Height, Moment, Name};
use rollouts::change::ChangeRequest;
use rollouts::plan::{Phase, PhaseState};
use rollouts::plans::KeptRef;
use rollouts::queries::{self, PhaseSeen};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use state::State;

/// The phases of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PhasesOfPlan {
    /// The newest block, after which this is so.
    pub height: Height,
    /// The plan.
    pub plan: Name,
    /// Its phases, in the order of their keys.
    #[schemars(length(max = 16))]
    pub phases: Vec<PhaseView>,
}

/// A phase, and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseView {
    /// What the plan says about it: what it needs, and the checks before it is opened and before it is locked.
    pub phase: Phase,
    /// How far it has come.
    pub state: PhaseState,
    /// Since when; null of one that is planned.
    pub since: Option<Moment>,
    /// The change that moved it there; null of one that is planned.
    pub by: Option<ChangeId>,
    /// Where it goes next; null of one that is done with.
    pub next: Option<PhaseState>,
    /// The change that waits to move it there, whose list `rollout.change` shows; the first, when there are several.
    pub waiting: Option<ChangeId>,
}

/// The phases of the version of a plan that is in force.
pub(crate) fn phases_of_plan(state: &State, height: Height, plan: &KeptRef) -> PhasesOfPlan {
    let shown = queries::phases(state, plan).into_iter().map(|seen| view(state, plan, seen));
    PhasesOfPlan { height, plan: plan.name.clone(), phases: shown.collect() }
}

fn view(state: &State, plan: &KeptRef, seen: PhaseSeen) -> PhaseView {
    let reached = seen.state();
    let PhaseSeen { rules, standing } = seen;
    let (since, by) = standing.map(|standing| (standing.since, standing.change)).unzip();
    PhaseView {
        state: reached,
        since,
        by,
        next: reached.next(),
        waiting: waiting(state, &plan.name, &rules.key),
        phase: rules,
    }
}

/// The first change that waits to move a phase.
fn waiting(state: &State, plan: &Name, phase: &Name) -> Option<ChangeId> {
    queries::live(state, plan).find(|id| {
        let waits = queries::progress(state, *id).is_some_and(|progress| progress.state.waits());
        let asked = queries::change(state, *id).filter(|_| waits).map(|change| change.asked.request);
        matches!(asked, Some(ChangeRequest::Phase { phase: moved, .. }) if moved == *phase)
    })
}
