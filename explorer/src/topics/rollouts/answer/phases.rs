//! What is answered about the phases of a product, and about its playbooks.

use super::CheckLine;
use primitives::{Moment, Name, Span};
use roles::Actor;
use rollouts::plan::{Phase, PhaseState, Playbook};
use rollouts::standing::PhaseStanding;
use rollouts::statement::StatementOutcome;
use rollouts::verdict::FindingState;
use rpc::views::{Descriptions, DueEstimate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The phases of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PhasesAnswer {
    /// The newest block, after which this is so.
    pub at: Moment,
    /// The plan.
    pub plan: Name,
    /// Its phases, in its order; none of a plan that does without.
    #[schemars(length(max = 16))]
    pub phases: Vec<PhaseLine>,
    /// What those who are named here say of themselves.
    pub described: Descriptions,
}

/// A phase, with how far it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PhaseLine {
    /// The phase, as the version in force has it.
    pub rules: Phase,
    /// How far it has come.
    pub state: PhaseState,
    /// Since when, and by which change; null of one that is planned.
    pub standing: Option<PhaseStanding>,
    /// What is asked before it is opened, then what is asked before it is locked, with what was said. What a list comes to, a node says.
    #[schemars(length(max = 96))]
    pub checks: Vec<CheckLine>,
}

/// The playbooks of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PlaybooksAnswer {
    /// The newest block, after which this is so.
    pub at: Moment,
    /// The plan.
    pub plan: Name,
    /// Its playbooks, in its order.
    #[schemars(length(max = 32))]
    pub playbooks: Vec<PlaybookLine>,
    /// What those who are named here say of themselves.
    pub described: Descriptions,
}

/// A playbook, with how it was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PlaybookLine {
    /// The playbook, as the version in force has it.
    pub playbook: Playbook,
    /// How the last drill stands by its dates and its outcome; null of a playbook that nobody has to try.
    pub state: Option<FindingState>,
    /// When the last drill will be too old; null where it is not met.
    pub until: Option<DueEstimate>,
    /// The drills, the latest first; at most ten.
    #[schemars(length(max = 10))]
    pub drills: Vec<DrillLine>,
}

/// A drill: one time that a playbook was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DrillLine {
    /// The word that it began.
    pub began: DrillWord,
    /// The word that it ended; null while it is under way.
    pub ended: Option<DrillWord>,
    /// How long it took, from the one block to the other; null while it is under way.
    pub took: Option<Span>,
}

/// A word about a drill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DrillWord {
    /// Who said it, in which role.
    pub by: Actor,
    /// The block that took it.
    pub at: Moment,
    /// What came out.
    pub outcome: StatementOutcome,
}
