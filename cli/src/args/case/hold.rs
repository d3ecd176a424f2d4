//! `contract hold`.

use super::{ActingOnCase, CasesArgs, OneCase};
use crate::args::Send;
use crate::args::rollout::ActingIn;
use crate::args::values::block_time;
use clap::{Args, Subcommand};
use primitives::{Height, Path, Reason, Text, Timestamp};

/// The commands on what has records and artifacts kept.
#[derive(Debug, Subcommand)]
pub enum HoldArgs {
    /// Have records and artifacts kept, whatever their time is
    Place(Box<Send<PlaceArgs>>),
    /// Confirm the hold of another, so that it lasts as long as that asked for
    Confirm(Box<Send<ConfirmArgs>>),
    /// End a hold
    Release(Box<Send<ReleaseHold>>),
    /// List the holds, the latest first
    List(CasesArgs),
    /// Show a hold: what it keeps, until when, and who wants it
    Show(OneCase),
}

/// Something that is kept.
#[derive(Debug, Clone, Args)]
pub struct PlaceArgs {
    /// Under which plan, and as what.
    #[command(flatten)]
    pub within: ActingIn,
    /// What is there, and below; everything of the plan when it is left out
    #[arg(long, value_name = "SCOPE")]
    pub scope: Option<Path>,
    /// The first block whose records are kept
    #[arg(long, value_name = "HEIGHT")]
    pub from: Height,
    /// When it ends, such as 2026-12-01T08:00:00Z
    #[arg(long, value_name = "TIME", value_parser = block_time)]
    pub until: Timestamp,
    /// What it refers to, such as the number of a case in court; at most 160 bytes
    #[arg(long, value_name = "TEXT")]
    pub reference: Option<Text<160>>,
    /// Why, for everyone to read; at most 1,024 bytes
    #[arg(long, value_name = "TEXT")]
    pub reason: Reason,
}

/// A hold of another. What it keeps, and until when, is asked of the node.
#[derive(Debug, Clone, Args)]
pub struct ConfirmArgs {
    /// Which.
    #[command(flatten)]
    pub on: ActingOnCase,
    /// Why, for everyone to read; at most 1,024 bytes
    #[arg(long, value_name = "TEXT")]
    pub reason: Reason,
}

/// A hold that ends.
#[derive(Debug, Clone, Args)]
pub struct ReleaseHold {
    /// Which.
    #[command(flatten)]
    pub on: ActingOnCase,
    /// Why, for everyone to read; at most 1,024 bytes
    #[arg(long, value_name = "TEXT")]
    pub reason: Reason,
}
