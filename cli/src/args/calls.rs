//! What `contract gov` asks for besides proposals.

use super::values::word;
use clap::Args;
use governance::{Choice, Reason};
use primitives::ProposalId;
use std::path::PathBuf;

/// A sealed proposal that is opened.
#[derive(Debug, Clone, Args)]
pub struct Reveal {
    /// The file
    #[arg(long, value_name = "FILE")]
    pub sealed: PathBuf,
}

/// A yes.
#[derive(Debug, Clone, Args)]
pub struct Approve {
    /// The proposal's number
    #[arg(long)]
    pub id: ProposalId,
    /// Why, for everyone to read; at most 1,024 bytes
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<Reason>,
}

/// A vote of any kind.
#[derive(Debug, Clone, Args)]
pub struct VoteArgs {
    /// The proposal's number
    #[arg(long)]
    pub id: ProposalId,
    /// How
    #[arg(long, value_parser = word::<Choice>())]
    pub choice: Choice,
    /// Why, for everyone to read; at most 1,024 bytes
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<Reason>,
}

/// A proposal that its proposer takes back.
#[derive(Debug, Clone, Args)]
pub struct Withdraw {
    /// The proposal's number
    #[arg(long)]
    pub id: ProposalId,
}
