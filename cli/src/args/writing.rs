//! What every command that sends a transaction takes.

use super::keys::{KEY_VARIABLE, PassphraseArgs};
use clap::Args;
use host::variables::unless_empty;
use primitives::{Amount, ChainId, typed_number};
use std::path::PathBuf;

/// A call, and how it is sent: for another call, its own arguments are all there is to write.
#[derive(Debug, Clone, Args)]
pub struct Send<C: Args> {
    /// What is asked.
    #[command(flatten)]
    pub call: C,
    /// How it is sent.
    #[command(flatten)]
    pub writing: Writing,
}

/// How a transaction is signed and sent.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Sending")]
pub struct Writing {
    /// The key file of the account that asks and pays
    #[arg(long, value_name = "FILE", env = unless_empty(KEY_VARIABLE), hide_env_values = true)]
    pub key: PathBuf,
    /// Where its passphrase comes from.
    #[command(flatten)]
    pub passphrase: PassphraseArgs,
    /// Print the transaction's hash without waiting for a block to include it
    #[arg(long, conflicts_with = "dry_run")]
    pub no_wait: bool,
    /// Ask the node what would happen, and send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Send it also when it would be refused, which costs its fee, or would change nothing
    #[arg(long, conflicts_with = "dry_run")]
    pub force: bool,
    /// Refuse to sign for any other chain than this one
    #[arg(long, value_name = "ID")]
    pub chain_id: Option<ChainId>,
    /// Refuse to sign when the node asks for a higher fee
    #[arg(long, value_name = "TOKENS", default_value = "20000000")]
    pub max_fee: Amount,
    /// How long to wait for a block to include the transaction
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = typed_number)]
    pub timeout: u64,
}
