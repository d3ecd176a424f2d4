//! What is read of plans and changes, and tried without being sent.

use crate::args::gov::Page;
use crate::args::values::{page_size, subject, word};
use clap::Args;
use primitives::{AccountId, ChangeId, Name, Path};
use rollouts::plan::ChangeKind;
use rollouts::queries::StatementPlace;
use rollouts::statement::StatementSubject;
use rpc::views::ChangeStateName;
use std::path::PathBuf;

/// A profile and where its documents are.
#[derive(Debug, Clone, Args)]
pub struct ProfileArgs {
    /// The profile, such as config/profiles/chain.toml
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The folder that the documents it names lie below
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub root: PathBuf,
}

/// A plan, and how it is printed.
#[derive(Debug, Clone, Args)]
pub struct PlanArgs {
    /// The plan that is in force; without it, that of this network
    #[arg(value_name = "PLAN", conflicts_with = "file")]
    pub plan: Option<Name>,
    /// A profile instead, such as config/profiles/chain.toml; no node is asked
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The folder that the documents which the profile names lie below
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub root: PathBuf,
    /// Print the page that docs/rollout_plan.md is
    #[arg(long)]
    pub markdown: bool,
}

/// A plan.
#[derive(Debug, Clone, Args)]
pub struct OfPlan {
    /// The plan; without it, that of this network
    #[arg(value_name = "PLAN")]
    pub plan: Option<Name>,
}

/// Which changes are listed.
#[derive(Debug, Clone, Args)]
pub struct ChangesArgs {
    /// Only those under this plan
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<Name>,
    /// Only those that stand so
    #[arg(long, value_parser = word::<ChangeStateName>())]
    pub state: Option<ChangeStateName>,
    /// Only those of this kind
    #[arg(long, value_parser = word::<ChangeKind>())]
    pub kind: Option<ChangeKind>,
    /// Only those that move something there, or below
    #[arg(long, value_name = "SCOPE")]
    pub scope: Option<Path>,
    /// Only those that came before this one: where older ones were not looked at, the list says from which to go on
    #[arg(long, value_name = "CHANGE")]
    pub before: Option<ChangeId>,
    /// Which part of the list.
    #[command(flatten)]
    pub page: Page,
}

/// What is to be explained.
#[derive(Debug, Clone, Args)]
pub struct ExplainArgs {
    /// Why this change can be carried out, or once it was, be closed
    #[arg(long, value_name = "CHANGE", conflicts_with_all = ["plan", "stage", "phase"])]
    pub change: Option<ChangeId>,
    /// The plan; without it, that of this network
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<Name>,
    /// Why this stage can be entered; without it, --phase and --change, the next one
    #[arg(long, value_name = "STAGE", conflicts_with = "phase")]
    pub stage: Option<Name>,
    /// Why this phase can be moved on to its next state: opened, frozen or locked
    #[arg(long, value_name = "PHASE")]
    pub phase: Option<Name>,
}

/// Which release notes are printed.
#[derive(Debug, Clone, Args)]
pub struct NotesArgs {
    /// The plan; without it, that of this network
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<Name>,
    /// The milestone, as changes name it; without it, the one with the latest change
    #[arg(long, value_name = "NAME")]
    pub milestone: Option<Name>,
    /// The explorer, such as http://127.0.0.1:26690
    #[arg(long, value_name = "URL")]
    pub explorer: String,
}

/// Which statements are listed.
#[derive(Debug, Clone, Args)]
pub struct StatementsArgs {
    /// The plan; without it, that of this network
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<Name>,
    /// Only those on this check, signal, step or row
    #[arg(long, value_name = "CHECK")]
    pub check: Option<Name>,
    /// Only those about this: plan, stage:NAME, change:ID, artifact:BLAKE3, phase:NAME or scope:PATH
    #[arg(long, value_name = "SUBJECT", value_parser = subject)]
    pub about: Option<StatementSubject>,
    /// Only from this place on, KEY/BLAKE3/ACCOUNT: where more was stated than is listed, the list ends with the one to go on from
    #[arg(long, value_name = "PLACE")]
    pub from: Option<StatementPlace>,
    /// How many at most
    #[arg(long, value_name = "N", default_value = "20", value_parser = page_size)]
    pub page_size: u32,
}

/// What is tried.
#[derive(Debug, Clone, Args)]
#[command(group = clap::ArgGroup::new("tried").required(true).args(["change", "call"]))]
pub struct SimulateArgs {
    /// Carrying out this change
    #[arg(long, value_name = "CHANGE")]
    pub change: Option<ChangeId>,
    /// Taking this step of its stage instead
    #[arg(long, value_name = "STEP", requires = "change")]
    pub step: Option<Name>,
    /// A call of `rollouts` as JSON that submits, executes or steps, at most 1 MiB; - reads standard input
    #[arg(long, value_name = "FILE")]
    pub call: Option<PathBuf>,
    /// Who would do it; without it, the first member of the acting role that may
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<AccountId>,
    /// The role in which; without it, the only one that may
    #[arg(long = "as", value_name = "ROLE", requires = "change")]
    pub acting: Option<Name>,
}
