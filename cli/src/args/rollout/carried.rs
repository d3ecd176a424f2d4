//! What is done with a change that somebody asked for.

use super::ActingOn;
use crate::args::values::block_time;
use clap::Args;
use primitives::{ChangeId, Name, Reason, Text, Timestamp};

/// A change that its submitter takes back.
#[derive(Debug, Clone, Args)]
pub struct WithdrawArgs {
    /// Which.
    #[command(flatten)]
    pub on: ActingOn,
}

/// A window.
#[derive(Debug, Clone, Args)]
pub struct AnnounceArgs {
    /// Which.
    #[command(flatten)]
    pub on: ActingOn,
    /// When the window begins, such as 2026-12-01T08:00:00Z
    #[arg(long, value_name = "TIME", value_parser = block_time)]
    pub from: Timestamp,
    /// When it is over
    #[arg(long, value_name = "TIME", value_parser = block_time)]
    pub until: Timestamp,
    /// What users are told; at most 1,024 bytes
    #[arg(long, value_name = "TEXT")]
    pub text: Text<1024>,
}

/// A change that is carried out.
#[derive(Debug, Clone, Args)]
pub struct ExecuteArgs {
    /// Which.
    #[command(flatten)]
    pub on: ActingOn,
}

/// A step of a stage.
#[derive(Debug, Clone, Args)]
pub struct StepArgs {
    /// The promotion by which the stage stands.
    #[command(flatten)]
    pub on: ActingOn,
    /// The step; without it, the next one that is not taken
    #[arg(long, value_name = "STEP")]
    pub step: Option<Name>,
}

/// A change that owes nothing any more.
#[derive(Debug, Clone, Args)]
pub struct CloseArgs {
    /// Which.
    #[command(flatten)]
    pub on: ActingOn,
}

/// A change that the stake ends.
#[derive(Debug, Clone, Args)]
pub struct AbortArgs {
    /// The number of the change
    #[arg(long, value_name = "CHANGE")]
    pub change: ChangeId,
    /// Why, for everyone to read; at most 1,024 bytes
    #[arg(long, value_name = "TEXT")]
    pub reason: Reason,
}
