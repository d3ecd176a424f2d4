//! Answers that join several chain types. What is one chain type is answered as that type.
//!
//! A view reads: each is made by a function of state (and the store, where it needs history), and holds no rule of its own.

mod account;
mod artifact;
mod at_height;
mod audit;
mod candidates;
mod case;
mod chain;
mod described;
mod flag;
mod flag_snapshot;
mod flag_ticket;
mod found;
mod log;
mod meaning;
mod node;
mod overlay;
mod pace;
mod page;
mod proposal;
mod rebuild;
mod release;
mod rewards;
mod role;
mod rollout;
mod stage_proofs;
mod status;
mod subject;
#[cfg(test)]
mod tests;
mod ticket;
mod transaction;
mod trust;
mod uptake;

pub use self::rewards::{DueOfValidator, EpochPayments, EpochPresence, EpochRewards, RewardsDue, ValidatorPresence};
pub use account::{AccountView, Bonded, Unbonding};
pub use artifact::{Artifact, Pinned, Unpinned};
pub use at_height::AtHeight;
pub use audit::{AuditAnchor, AuditIntegrity, AuditWalk, MOST_DOWNGRADES, SeverityDowngrade};
pub use candidates::EpochCandidates;
pub use case::{CaseDetail, CaseFilter, CaseStateName, CaseSummary};
pub use chain::{
    CertifiedRecord, ChainStatus, Feed, GovernanceEvent, ParamsView, StateProofAt, StateValue, StorageKey, WithHash,
};
pub use described::{DescribedAccount, Descriptions, shown_link, shown_name};
pub use flag::{
    AttributeValue, EvaluationAttributes, FlagDetail, FlagDisabling, FlagEvaluation, FlagServed, FlagSetting, FlagView,
    FlagsOfPlan,
};
pub use flag_snapshot::{FlagsSnapshot, SnapshotFlag, SnapshotSegment};
pub use flag_ticket::flag_ticket;
pub use found::{FoundPage, MOST_LOOKED_THROUGH};
pub use log::{
    CheckpointCosignature, LogCheckpoint, ProvenBlock, WitnessOfLog, WitnessesOfLog, block_proof, fact_proof,
};
pub use meaning::meaning;
pub use node::{ChainHealth, Health, LogLevel, NodeVersion, PeerView};
pub use overlay::{Dialling, Direction, Forgotten, LivePeer, OverlayStatus, RefusedPeer, SharedKey};
pub use pace::{BlockPace, Deadline};
pub use page::{MOST_PER_PAGE, PageOf, PageRange};
pub use proposal::proposal_detail;
pub use proposal::{MOST_MISSING, Missing, ProposalDetail, ProposalView, VoteProgress};
pub use rebuild::RebuildView;
pub use release::{Advice, HistoryFilter, Install, ReleaseAdvice, ReleaseDetail, ReleaseSigners, ReleaseView};
pub use release::{release_detail, release_history};
pub use role::{HeldRole, RoleDetail, RoleSummary, RolesOfPlan};
pub use rollout::{
    AnnouncedWindow, ChangeDetail, ChangeDuty, ChangeFilter, ChangeMoment, ChangeMomentKind, ChangeStateName,
    ChangeSummary, MOST_PATHS_SHOWN, MOST_POLLS_SHOWN, NextDuty, StageStep,
};
pub use rollout::{ArtifactView, DrillView, PhaseView, PhasesOfPlan, PlaybookView, PlaybooksOfPlan};
pub use rollout::{
    BoardCell, BoardFlag, BoardFreeze, BoardNext, BoardPause, BoardSoak, BoardStage, MOST_ON_BOARD, RolloutBoard,
};
pub use rollout::{
    DueEstimate, ExplainedFinding, ExplainedList, FleetMatch, FleetNode, ListPurpose, PlanDetail, PlanSummary,
    RolloutClock, RolloutExplanation, RolloutFleet, RolloutSimulation, SimulatedFlag, SimulatedRefusal, StatementPage,
};
pub use stage_proofs::StageProofs;
pub use status::DecisionStatus;
pub use subject::{ProposalSubject, ReleaseProposal};
pub use ticket::release_ticket;
pub use transaction::{Dropped, DryRun, PreparedTransaction, Submission, TransactionStatus};
pub use trust::{TrustPath, trust_path};
pub use uptake::{NodeReport, NodeStage, release_nodes};

pub(crate) use self::rewards::{epoch_presence, epoch_rewards, rewards_due};
pub(crate) use account::account;
pub(crate) use candidates::epoch_candidates;
pub(crate) use case::{case_detail, case_page};
pub(crate) use chain::{governance_events, governance_params, status};
pub(crate) use flag::{evaluation, flag, flags_of_plan};
pub(crate) use flag_snapshot::flags_snapshot;
pub(crate) use log::{log_checkpoint, witnesses_of_log};
pub(crate) use page::size_of_page;
pub(crate) use proposal::{ballots, proposals};
pub(crate) use rebuild::{first_rebuilds, rebuilds};
pub(crate) use release::{advice, history_while, rosters, signers};
pub(crate) use role::{held_roles, role, roles_of_plan};
pub(crate) use rollout::{
    artifact_page, change_detail, change_page, explained_change, explained_phase, explained_stage, phases_of_plan,
    plan_detail, plan_page, playbooks_of_plan, require_stage, rollout_board, rollout_fleet, simulation, statement_page,
};
pub(crate) use stage_proofs::stage_proofs;
pub(crate) use transaction::{dry_run, inclusion, prepare};
pub(crate) use uptake::nodes_while;
