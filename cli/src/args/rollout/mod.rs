//! `contract rollout`: one file per group of commands.

pub mod artifact;
pub mod asked;
pub mod carried;
pub mod installed;
pub mod read;
pub mod records;
pub mod said;

use super::gov::Page;
use super::{Propose, Send};
use artifact::ArtifactArgs;
use asked::{DemoteArgs, DisableArgs, FreezeArgs, PhaseArgs, PromoteArgs, RollbackArgs, SetArgs};
use carried::{AbortArgs, AnnounceArgs, CloseArgs, ExecuteArgs, StepArgs, WithdrawArgs};
use clap::{Args, Subcommand};
use installed::InstallArgs;
use primitives::{ChangeId, Name};
use read::{ChangesArgs, ExplainArgs, NotesArgs, OfPlan, PlanArgs, ProfileArgs, SimulateArgs, StatementsArgs};
use records::{ExportArgs, RetrospectiveArgs};
use said::{AttestArgs, DrillArgs};

/// The commands on plans of rollouts, and on the changes under them.
#[derive(Debug, Subcommand)]
pub enum RolloutArgs {
    /// Read a profile as a chain would take it, and list every mistake at once; prints the hash of its bundle, as b3sum does
    Lint(ProfileArgs),
    /// Show a plan that is in force, or with --file the plan that a profile comes to: as a profile that holds its bundle, or as
    /// the page that people read
    Plan(PlanArgs),
    /// List the plans that were ever installed
    Plans(Page),
    /// Show a plan at a glance: what stands, what is waited for, what is late
    #[command(visible_alias = "status")]
    Board(OfPlan),
    /// List the changes, the latest first
    Changes(ChangesArgs),
    /// Show one change: what it asks, how its list stands, what it owes, and who acts next
    Change {
        /// Its number
        #[arg(value_name = "CHANGE")]
        change: ChangeId,
        /// Follow it until it is closed, undone or ended; on a terminal it is redrawn in place, else whatever becomes different is a
        /// line, with --json an object a line; ctrl-c exits with 130
        #[arg(long)]
        watch: bool,
    },
    /// Say why a change can be carried out or closed, a stage be entered, or a phase be moved on, or not
    #[command(
        after_help = "Exit codes: 0 GO, 1 NO-GO, 2 DEFERRED, 3 it could not be asked, 64 usage, 130 ended by ctrl-c."
    )]
    Explain(ExplainArgs),
    /// List who said what under a plan, the latest of each speaker
    Statements(StatementsArgs),
    /// Show what nodes advertise, held against the stage that stands and the next one
    Fleet(OfPlan),
    /// Ask what would come of a call in the next block, with everything that is in its way; sends nothing
    Simulate(SimulateArgs),
    /// Ask to enter the next stage
    Promote(Box<Send<PromoteArgs>>),
    /// Ask to go back to an earlier stage
    Demote(Box<Send<DemoteArgs>>),
    /// Ask to move what a flag serves, or who is in a segment
    Set(Box<Send<SetArgs>>),
    /// Disable flags in an emergency, with what requires them
    Disable(Box<Send<DisableArgs>>),
    /// Go back to what was good in a stage: at once by whoever may, else once it is decided
    Rollback(Box<Send<RollbackArgs>>),
    /// Ask to move a phase on: open it, freeze it, or lock it
    Phase(Box<Send<PhaseArgs>>),
    /// List the phases of a plan, how far each has come, and what it takes to open and to lock it
    Phases(OfPlan),
    /// List the playbooks of a plan, who keeps each, and whether it is tried as often as it says
    Playbooks(OfPlan),
    /// Print release notes as Markdown: what the changes for a milestone bring to users, as an explorer has it
    Notes(NotesArgs),
    /// What an application promotes: register an artifact, list them, mark one
    #[command(subcommand)]
    Artifact(ArtifactArgs),
    /// Stop changes at a scope and below, until the change is closed
    #[command(visible_alias = "pause")]
    Freeze(Box<Send<FreezeArgs>>),
    /// Take a change of one's own back that is not carried out yet
    Withdraw(Box<Send<WithdrawArgs>>),
    /// Announce the window in which a change is carried out
    Announce(Box<Send<AnnounceArgs>>),
    /// Carry a change out
    Execute(Box<Send<ExecuteArgs>>),
    /// Take the next step of a stage
    Step(Box<Send<StepArgs>>),
    /// Close a change of which every duty is met; of a freeze, which then ends, also as whoever asked for it
    #[command(visible_alias = "thaw")]
    Close(Box<Send<CloseArgs>>),
    /// Propose to the stake to end a change that waits, or the freeze of one that is active
    Abort(Box<Propose<AbortArgs>>),
    /// State something: evidence, a sign-off, a waiver, a signal
    Attest(Box<Send<AttestArgs>>),
    /// Say that the drill of a playbook began, or ended
    Drill(Box<Send<DrillArgs>>),
    /// Print what a plan went through in a quarter, as an explorer has it: every gate with the time it spent, and what happened beside
    Retrospective(RetrospectiveArgs),
    /// Take what is on record about a plan as a tree of files, with their hashes, for an audit or a repository
    Export(ExportArgs),
    /// Put the plan of a profile into force: of this network by a vote of the stake, which this proposes; of an application its
    /// first version, at once
    Install(Box<Propose<InstallArgs>>),
}

impl RolloutArgs {
    /// Whether no node is asked.
    pub fn is_offline(&self) -> bool {
        matches!(self, Self::Lint(_) | Self::Plan(PlanArgs { file: Some(_), .. }))
    }
}

/// Under which plan somebody acts, and as what.
#[derive(Debug, Clone, Args)]
pub struct ActingIn {
    /// The plan; without it, that of this network
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<Name>,
    /// The role in which the account acts; without it, the one that it has and that may
    #[arg(long = "as", value_name = "ROLE")]
    pub acting: Option<Name>,
}

/// Which change, and as what somebody acts on it.
#[derive(Debug, Clone, Args)]
pub struct ActingOn {
    /// The number of the change
    #[arg(long, value_name = "CHANGE")]
    pub change: ChangeId,
    /// The role in which the account acts; without it, the one that it has and that may
    #[arg(long = "as", value_name = "ROLE")]
    pub acting: Option<Name>,
}
