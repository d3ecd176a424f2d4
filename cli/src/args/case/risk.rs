//! `contract risk`.

use super::{ActingOnCase, CasesArgs, OneCase};
use crate::args::Send;
use crate::args::rollout::ActingIn;
use crate::args::values::{block_time, word};
use clap::{Args, Subcommand};
use primitives::{AlertSeverity, Name, Path, Reason, Text, Timestamp};

/// The commands on the risk register.
#[derive(Debug, Subcommand)]
pub enum RiskArgs {
    /// Enter a risk into the register
    Open(Box<Send<OpenRiskArgs>>),
    /// Say what was done against a risk; it counts until it is accepted or closed
    Mitigate(Box<Send<MitigateArgs>>),
    /// Say that a risk is lived with until it is looked at again
    Accept(Box<Send<AcceptArgs>>),
    /// Say that a risk is none any more, once it was mitigated or accepted
    Close(Box<Send<CloseRiskArgs>>),
    /// List the risks, the latest first
    List(CasesArgs),
    /// Show a risk: what was said about it, and what comes next
    Show(OneCase),
}

/// Something that could happen.
#[derive(Debug, Clone, Args)]
pub struct OpenRiskArgs {
    /// Under which plan, and as what.
    #[command(flatten)]
    pub within: ActingIn,
    /// Where, such as PROD/t1; everywhere when it is left out
    #[arg(long, value_name = "SCOPE")]
    pub scope: Option<Path>,
    /// How bad it would be
    #[arg(long, value_parser = word::<AlertSeverity>(), ignore_case = true)]
    pub severity: AlertSeverity,
    /// What could happen; at most 1,024 bytes
    #[arg(long, value_name = "TEXT")]
    pub text: Text<1024>,
    /// The role of the plan that answers for it
    #[arg(long, value_name = "ROLE")]
    pub owner: Name,
}

/// What was done against a risk.
#[derive(Debug, Clone, Args)]
pub struct MitigateArgs {
    /// Which.
    #[command(flatten)]
    pub on: ActingOnCase,
    /// What was done; at most 1,024 bytes
    #[arg(long, value_name = "TEXT")]
    pub mitigation: Text<1024>,
}

/// A risk that is lived with.
#[derive(Debug, Clone, Args)]
pub struct AcceptArgs {
    /// Which.
    #[command(flatten)]
    pub on: ActingOnCase,
    /// When it counts again, such as 2026-12-01T08:00:00Z; within a year
    #[arg(long, value_name = "TIME", value_parser = block_time)]
    pub review: Timestamp,
    /// Why, for everyone to read; at most 1,024 bytes
    #[arg(long, value_name = "TEXT")]
    pub reason: Reason,
}

/// A risk that is none any more.
#[derive(Debug, Clone, Args)]
pub struct CloseRiskArgs {
    /// Which.
    #[command(flatten)]
    pub on: ActingOnCase,
    /// Why, for everyone to read; at most 1,024 bytes
    #[arg(long, value_name = "TEXT")]
    pub reason: Reason,
}
