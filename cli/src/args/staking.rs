//! `contract staking`.

use super::Send;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// The commands on validators that contradicted themselves.
#[derive(Debug, Subcommand)]
pub enum StakingArgs {
    /// Stand for election again after a punishment, once the time is over and with the minimum bond
    Unjail(Send<UnjailArgs>),
    /// Prove that a validator signed two messages that contradict each other
    Evidence(Send<EvidenceArgs>),
}

/// Nothing but the account that signs.
#[derive(Debug, Clone, Args)]
pub struct UnjailArgs {}

/// The proof of an offence.
#[derive(Debug, Clone, Args)]
pub struct EvidenceArgs {
    /// A file of one offence as JSON, such as a node keeps in the folder evidence of its home; - reads standard input
    #[arg(long = "offence", value_name = "FILE")]
    pub file: PathBuf,
}
