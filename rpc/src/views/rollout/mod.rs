//! Plans, what changes under them, and what that takes: one file each for what is answered, and for reading it where that is long.

mod artifact;
mod board;
mod change;
mod clock;
mod detail;
mod explain;
mod fleet;
mod foresee;
mod glance;
mod phases;
mod plan;
mod playbooks;
mod simulate;
mod statements;
mod summary;

pub use artifact::ArtifactView;
pub use board::{
    BoardCell, BoardFlag, BoardFreeze, BoardNext, BoardPause, BoardSoak, BoardStage, MOST_ON_BOARD, RolloutBoard,
};
pub use change::{
    AnnouncedWindow, ChangeDetail, ChangeDuty, ChangeMoment, ChangeMomentKind, ChangeStateName, ChangeSummary,
    MOST_PATHS_SHOWN, MOST_POLLS_SHOWN, NextDuty, StageStep,
};
pub use clock::{DueEstimate, RolloutClock};
pub use explain::{ExplainedFinding, ExplainedList, ListPurpose, RolloutExplanation};
pub use fleet::{FleetMatch, FleetNode, RolloutFleet};
pub use phases::{PhaseView, PhasesOfPlan};
pub use plan::{PlanDetail, PlanSummary};
pub use playbooks::{DrillView, PlaybookView, PlaybooksOfPlan};
pub use simulate::{RolloutSimulation, SimulatedFlag, SimulatedRefusal};
pub use statements::StatementPage;
pub use summary::ChangeFilter;

pub(crate) use artifact::artifact_page;
pub(crate) use detail::change_detail;
pub(crate) use explain::{explained_change, explained_phase, explained_stage, require_stage};
pub(crate) use fleet::rollout_fleet;
pub(crate) use foresee::simulation;
pub(crate) use glance::rollout_board;
pub(crate) use phases::phases_of_plan;
pub(crate) use plan::{plan_detail, plan_page};
pub(crate) use playbooks::playbooks_of_plan;
pub(crate) use statements::statement_page;
pub(crate) use summary::change_page;
