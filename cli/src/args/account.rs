//! `contract account`.

use super::Writing;
use super::keys::Passphrase;
use clap::{Args, Subcommand};
use primitives::{AccountId, Amount};
use std::path::PathBuf;

/// The commands on balances and stake.
#[derive(Debug, Subcommand)]
pub enum Account {
    /// Show an account's balance and stake
    Show {
        /// Whose.
        #[command(flatten)]
        whose: Whose,
        /// Where the passphrase of the key file comes from.
        #[command(flatten)]
        passphrase: Passphrase,
    },
    /// Move free tokens to another account
    Transfer {
        /// The account that receives
        #[arg(long, value_name = "ACCOUNT")]
        to: AccountId,
        /// How many tokens
        #[arg(long, value_name = "TOKENS")]
        amount: Amount,
        /// How it is sent.
        #[command(flatten)]
        writing: Writing,
    },
    /// Bond tokens to oneself: become a validator, or a stronger one
    Bond {
        /// How many tokens
        #[arg(long, value_name = "TOKENS")]
        amount: Amount,
        /// How it is sent.
        #[command(flatten)]
        writing: Writing,
    },
    /// Bond tokens to a validator
    Delegate {
        /// The validator
        #[arg(long, value_name = "ACCOUNT")]
        validator: AccountId,
        /// How many tokens
        #[arg(long, value_name = "TOKENS")]
        amount: Amount,
        /// How it is sent.
        #[command(flatten)]
        writing: Writing,
    },
    /// Take tokens out of a bond; they are free after the unbonding period
    Unbond {
        /// The validator they are bonded to; without it, the own bond
        #[arg(long, value_name = "ACCOUNT")]
        validator: Option<AccountId>,
        /// How many tokens
        #[arg(long, value_name = "TOKENS")]
        amount: Amount,
        /// How it is sent.
        #[command(flatten)]
        writing: Writing,
    },
}

/// An account, by name or by key file.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
pub struct Whose {
    /// The account: 64 hex digits
    #[arg(value_name = "ACCOUNT")]
    pub account: Option<AccountId>,
    /// The account of this key file
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
}
