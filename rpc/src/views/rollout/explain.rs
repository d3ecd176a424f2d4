//! What lists of checks come to, and why.

use super::clock::{DueEstimate, RolloutClock};
use super::plan::next_stage;
use crate::error::RpcRefusal;
use primitives::{ChangeId, Height, Moment, Name};
use rollouts::plan::PhaseState;
use rollouts::plans::{self, KeptRef};
use rollouts::queries;
use rollouts::verdict::{Answer, Finding, ListVerdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use state::State;

/// A list, judged, with every finding of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExplainedList {
    /// What it comes to; of an empty list GO.
    pub answer: Answer,
    /// Every check of it, in its order.
    pub findings: Vec<ExplainedFinding>,
}

/// How one check of a list stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExplainedFinding {
    /// What was found.
    #[serde(flatten)]
    pub finding: Finding,
    /// The same as `until`, as time and blocks.
    pub due: Option<DueEstimate>,
}

/// Why a stage can be entered or cannot, a phase be moved on, or a change be carried out or closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RolloutExplanation {
    /// The newest block, after which this is so.
    pub height: Height,
    /// Its moment, by which everything is judged.
    pub at: Moment,
    /// The plan.
    pub plan: Name,
    /// The version of it whose list this is.
    pub version: u32,
    /// The stage that is asked about; null of a change that is about none.
    pub stage: Option<Name>,
    /// The phase that is asked about, whether or not anybody asks to move it on.
    pub phase: Option<Name>,
    /// The change; null where a stage or a phase is asked about.
    pub change: Option<ChangeId>,
    /// What the list is for.
    pub purpose: ListPurpose,
    /// What it comes to.
    #[serde(flatten)]
    pub list: ExplainedList,
}

/// What a list is judged for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListPurpose {
    /// To enter a stage, before anybody asks to: what is about the change itself is missing.
    Enter,
    /// To carry a change out.
    Execute,
    /// To close a change that was carried out: what it owes.
    Close,
    /// To open a phase that is planned.
    OpenPhase,
    /// To freeze a phase that is open.
    FreezePhase,
    /// To lock a phase that is frozen; nothing is asked of one that is locked.
    LockPhase,
}

impl ExplainedList {
    /// A list as it was judged, with its deadlines as time.
    pub(super) fn of(clock: &RolloutClock, judged: ListVerdict) -> Self {
        let explained =
            |finding: Finding| ExplainedFinding { due: finding.until.map(|until| clock.due(until)), finding };
        Self { answer: judged.answer, findings: judged.findings.into_iter().map(explained).collect() }
    }

    /// The finding about a check.
    pub fn finding(&self, key: &Name) -> Option<&ExplainedFinding> {
        self.findings.iter().find(|explained| explained.finding.key == *key)
    }
}

/// Why a change can be carried out or closed, or not.
pub(crate) fn explained_change(
    state: &State,
    clock: &RolloutClock,
    id: ChangeId,
) -> Result<RolloutExplanation, RpcRefusal> {
    let unknown = || RpcRefusal::UnknownChange(id);
    let change = queries::change(state, id).ok_or_else(unknown)?;
    let progress = queries::progress(state, id).ok_or_else(unknown)?;
    let (purpose, judged) = match progress.executed {
        Some(_) => (ListPurpose::Close, queries::duties_of(state, clock.at, id)),
        None => (ListPurpose::Execute, queries::list_of(state, clock.at, id)),
    };
    Ok(RolloutExplanation {
        height: clock.at.height,
        at: clock.at,
        version: queries::version_of(state, &change).map_or(change.asked.version, |plan| plan.version),
        stage: queries::stage_of_change(state, &change),
        plan: change.plan,
        phase: None,
        change: Some(id),
        purpose,
        list: ExplainedList::of(clock, judged.unwrap_or_default()),
    })
}

/// Why a stage can be entered or cannot; of no stage, the next one.
pub(crate) fn explained_stage(
    state: &State,
    clock: &RolloutClock,
    plan: &Name,
    stage: Option<&Name>,
) -> Result<RolloutExplanation, RpcRefusal> {
    let kept = plans::current(state, plan).map_err(|_| RpcRefusal::UnknownPlan(plan.clone()))?;
    let stage = stage_of(state, &kept, stage)?;
    let judged = queries::list_to_enter(state, clock.at, &kept, &stage);
    Ok(RolloutExplanation {
        height: clock.at.height,
        at: clock.at,
        plan: kept.name,
        version: kept.version,
        stage: Some(stage),
        phase: None,
        change: None,
        purpose: ListPurpose::Enter,
        list: ExplainedList::of(clock, judged),
    })
}

/// Why a phase can be moved on to its next state or cannot.
pub(crate) fn explained_phase(
    state: &State,
    clock: &RolloutClock,
    plan: &Name,
    key: &Name,
) -> Result<RolloutExplanation, RpcRefusal> {
    let kept = plans::current(state, plan).map_err(|_| RpcRefusal::UnknownPlan(plan.clone()))?;
    let phases = queries::phases(state, &kept);
    let Some(seen) = phases.iter().find(|seen| seen.rules.key == *key) else {
        let all: Vec<&str> = phases.iter().map(|seen| seen.rules.key.as_str()).collect();
        let all = if all.is_empty() { "it has none".to_owned() } else { format!("its phases are {}", all.join(", ")) };
        return Err(RpcRefusal::Parameter(format!("plan {plan} has no phase {key}; {all}")));
    };
    let judged = queries::list_to_move_on(state, clock.at, &kept, key);
    Ok(RolloutExplanation {
        height: clock.at.height,
        at: clock.at,
        version: kept.version,
        stage: None,
        phase: Some(key.clone()),
        change: None,
        purpose: match seen.state() {
            PhaseState::Planned => ListPurpose::OpenPhase,
            PhaseState::Open => ListPurpose::FreezePhase,
            PhaseState::Frozen | PhaseState::Locked => ListPurpose::LockPhase,
        },
        list: ExplainedList::of(clock, judged.unwrap_or_default()),
        plan: kept.name,
    })
}

fn stage_of(state: &State, plan: &KeptRef, asked: Option<&Name>) -> Result<Name, RpcRefusal> {
    match asked {
        Some(stage) => require_stage(plan, stage).map(|()| stage.clone()),
        None => next_stage(state, plan).ok_or_else(|| {
            let (name, all) = (&plan.name, stages_of(plan));
            RpcRefusal::Parameter(format!("every stage of plan {name} stands, so none is next; name one of {all}"))
        }),
    }
}

/// Refuses a stage that a plan has not.
pub(crate) fn require_stage(plan: &KeptRef, stage: &Name) -> Result<(), RpcRefusal> {
    if plan.kept.place(stage).is_some() {
        return Ok(());
    }
    let (name, all) = (&plan.name, stages_of(plan));
    Err(RpcRefusal::Parameter(format!("plan {name} has no stage {stage}; its stages are {all}")))
}

fn stages_of(plan: &KeptRef) -> String {
    plan.kept.stages.iter().map(Name::as_str).collect::<Vec<_>>().join(", ")
}
