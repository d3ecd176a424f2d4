//! How far the phases of a plan have come (ROLLOUTS 7.6).

use crate::change::{ChangeDraft, ChangeRequest, SubmittedChange};
use crate::judge::{lists, verdict as judge};
use crate::plan::{ListOf, Nature, Phase, PhaseState};
use crate::plans::KeptRef;
use crate::standing::PhaseStanding;
use crate::storage::{LATEST, PHASE_STANDINGS, PHASES};
use crate::verdict::{Answer, Finding, FindingState, ListVerdict};
use crate::{Error, phase};
use primitives::{List, Moment, Name, Reason, ReleaseClass, Text};
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

/// What it takes to move a phase on to its next state now, while nobody asks to: how far those have come that it requires before it is
/// opened, each with the code by which a change is refused, and then what is asked of such a change. What is about the change itself
/// is missing. Nothing is asked of a phase that is locked.
///
/// # Errors
/// The plan has no such phase.
pub fn list_to_move_on(state: &State, at: Moment, plan: &KeptRef, key: &Name) -> Result<ListVerdict, Error> {
    let rules = phase::known(state, plan, key)?;
    let Some(to) = phase::state_of(state, &plan.name, key).next() else {
        return Ok(ListVerdict { answer: Answer::Go, findings: Vec::new() });
    };
    let required = rules.requires.iter().filter(|_| to == PhaseState::Open);
    let mut findings: Vec<Finding> =
        required.map(|(required, needed)| come_so_far(state, plan, required, *needed)).collect();
    let is_behind = findings.iter().any(|finding| !finding.state.is_settled());
    let asked = nobody_asks(state, at, plan, key, to);
    let judged =
        asked.map(|asked| judge(state, at, plan, Some(&asked), None, &lists::promotion_list(state, plan, &asked)));
    let ListVerdict { answer, findings: others } = judged.unwrap_or_default();
    findings.extend(others);
    let answer = if is_behind && answer == Answer::Go { Answer::Deferred } else { answer };
    Ok(ListVerdict { answer, findings })
}

/// Whether a phase has come as far as another one requires.
fn come_so_far(state: &State, plan: &KeptRef, required: &Name, needed: PhaseState) -> Finding {
    let found = phase::state_of(state, &plan.name, required);
    Finding {
        key: required.clone(),
        from: ListOf::Start,
        stage: None,
        state: if found >= needed { FindingState::Met } else { FindingState::Missing },
        code: Name::new("E_PHASE").unwrap_or_else(|| required.clone()),
        owner: None,
        measured: true,
        have: format!("phase {required} is {found}"),
        need: format!("phase {required} {needed}"),
        missing: Vec::new(),
        until: None,
    }
}

/// The change that would move a phase on, which nobody has submitted: what is said about the phase is found by it.
fn nobody_asks(state: &State, at: Moment, plan: &KeptRef, key: &Name, to: PhaseState) -> Option<SubmittedChange> {
    let draft = ChangeDraft {
        version: plan.version,
        bundle: plan.kept.bundle,
        request: ChangeRequest::Phase { phase: key.clone(), to },
        class: ReleaseClass::Minor,
        nature: Nature::Feature,
        phase: None,
        sealer: None,
        ticket: None,
        reason: Reason::new("nobody asks for it yet")?,
        milestone: None,
        impact: Text::default(),
        features: List::new(),
    };
    Some(SubmittedChange::new(LATEST.get_or_default(state).next(), plan.name.clone(), None, at, draft))
}
