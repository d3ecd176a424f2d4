//! `contract account`.

use super::Send;
use super::keys::PassphraseArgs;
use super::staking::UnjailArgs;
use accounts::{DisplayName, WebLink};
use clap::{Args, Subcommand};
use primitives::{AccountId, Amount};
use std::path::PathBuf;

/// The commands on balances and stake.
#[derive(Debug, Subcommand)]
pub enum AccountArgs {
    /// Show an account's balance and stake
    Show {
        /// Whose.
        #[command(flatten)]
        whose: Whose,
        /// Where the passphrase of the key file comes from.
        #[command(flatten)]
        passphrase: PassphraseArgs,
    },
    /// Move free tokens to another account
    Transfer(Send<Transfer>),
    /// Give the account a name and a link, which are shown beside its key; what is left out is taken back
    Describe(Send<Describe>),
    /// Bond tokens to oneself: become a validator, or a stronger one
    Bond(Send<BondArgs>),
    /// Bond tokens to a validator
    Delegate(Send<Delegate>),
    /// Take tokens out of a bond; they are free after the unbonding period
    Unbond(Send<Unbond>),
    /// Stand for election again after a punishment, as `contract staking unjail` does
    Unjail(Send<UnjailArgs>),
}

/// Tokens for another account.
#[derive(Debug, Clone, Args)]
pub struct Transfer {
    /// The account that receives
    #[arg(long, value_name = "ACCOUNT")]
    pub to: AccountId,
    /// How many tokens
    #[arg(long, value_name = "TOKENS")]
    pub amount: Amount,
}

/// What an account says of itself.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = true)]
pub struct Describe {
    /// The name: letters A to Z of both sizes, digits, and single blanks, hyphens and underscores between them; at most 64
    /// characters, and nothing that looks like a key, a hash or a number
    #[arg(long, value_name = "NAME")]
    pub name: Option<DisplayName>,
    /// The link: an https:// URL of at most 128 characters
    #[arg(long, value_name = "URL")]
    pub link: Option<WebLink>,
}

/// Tokens that are bonded to oneself.
#[derive(Debug, Clone, Args)]
pub struct BondArgs {
    /// How many tokens
    #[arg(long, value_name = "TOKENS")]
    pub amount: Amount,
}

/// Tokens that are bonded to a validator.
#[derive(Debug, Clone, Args)]
pub struct Delegate {
    /// The validator
    #[arg(long, value_name = "ACCOUNT")]
    pub validator: AccountId,
    /// How many tokens
    #[arg(long, value_name = "TOKENS")]
    pub amount: Amount,
}

/// Tokens that leave a bond.
#[derive(Debug, Clone, Args)]
pub struct Unbond {
    /// The validator they are bonded to; without it, the own bond
    #[arg(long, value_name = "ACCOUNT")]
    pub validator: Option<AccountId>,
    /// How many tokens
    #[arg(long, value_name = "TOKENS")]
    pub amount: Amount,
}

/// An account, by name or by key file; without either, that of the key file in TB_KEY.
#[derive(Debug, Clone, Args)]
#[group(multiple = false)]
pub struct Whose {
    /// The account: 64 hex digits
    #[arg(value_name = "ACCOUNT")]
    pub account: Option<AccountId>,
    /// The account of this key file; without it and ACCOUNT, of the one that TB_KEY names
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
}
