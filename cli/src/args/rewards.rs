//! `contract rewards`.

use super::Send;
use super::account::Whose;
use super::keys::PassphraseArgs;
use clap::{Args, Subcommand};
use primitives::{AccountId, Amount, Epoch};

/// The commands on what presence is paid.
#[derive(Debug, Subcommand)]
pub enum RewardsArgs {
    /// Show who is there in an epoch, and what was paid for one
    Show {
        /// The epoch; without it, who is there now, and what the epoch before paid
        #[arg(long, value_name = "EPOCH")]
        epoch: Option<Epoch>,
    },
    /// List what an account can collect of what its delegations have earned
    Due {
        /// Whose.
        #[command(flatten)]
        whose: Whose,
        /// Where the passphrase of the key file comes from.
        #[command(flatten)]
        passphrase: PassphraseArgs,
    },
    /// Collect what a delegation to a validator has earned, of 64 epochs at most
    Collect(Send<CollectArgs>),
    /// Give tokens to the pool that rewards are paid from; nobody gets them back
    Fund(Send<FundArgs>),
}

/// A delegation that has earned something.
#[derive(Debug, Clone, Args)]
pub struct CollectArgs {
    /// The validator
    #[arg(long, value_name = "ACCOUNT")]
    pub validator: AccountId,
}

/// Tokens for the pool.
#[derive(Debug, Clone, Args)]
pub struct FundArgs {
    /// How many tokens
    #[arg(long, value_name = "TOKENS")]
    pub amount: Amount,
}
