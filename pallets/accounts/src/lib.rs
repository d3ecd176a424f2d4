//! Balances, holds, nonces and fees, and what accounts say of themselves.
//!
//! An account has tokens that are free and tokens that are held (for a bond or a deposit; the pallet that holds them knows
//! why). The fee and the nonce of a transaction are taken by the runtime through [`charge`] before its call is decided, so
//! a refused call still pays. What the [schedule](FeeSchedule) asks is burned, so that a block costs whoever fills it, its
//! proposer too; what a transaction offers above it goes to the block's proposer.
//!
//! What people sign and what a node sends by itself is counted apart, in two [lanes](Lane).
//!
//! An account can give itself a [name and a link](Description), which prove nothing: they stand beside its key, never for it.
//!
//! # Invariants
//! - Supply is conserved: free + held over all accounts + [burned](queries::burned) never changes after genesis, but by what another
//!   pallet [takes](apply::take) and [gives](apply::give), and counts.
//! - A nonce only grows, by one for each included transaction of its lane.
//! - No name could be taken for a key, a hash, an address or a number, and none has a letter that looks like one of another script.
#![cfg_attr(test, allow(clippy::restriction, reason = "a test may stop where it fails"))]

pub mod apply;
mod audit;
mod decide;
mod description;
mod genesis;
mod lane;
pub mod queries;
mod storage;
#[cfg(test)]
mod tests;
mod words;

use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Amount};
use serde::{Deserialize, Serialize};

pub use apply::charge;
pub use description::{Description, DisplayName, LinkFlaw, NameFlaw, WebLink};
pub use genesis::{AccountsGenesis, Endowment};
pub use lane::Lane;

/// What an account holder can ask for.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "AccountsCall"))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case", prefix = "accounts.")]
pub enum Call {
    /// Moves free tokens to another account.
    #[codec(index = 0)]
    Transfer {
        /// The account that receives.
        to: AccountId,
        /// How much; more than zero.
        amount: Amount,
    },
    /// Says what the account calls itself, and where more stands, in place of what it said before; what is empty is taken back.
    #[codec(index = 1)]
    Describe(Description),
}

/// What happened.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "AccountsEvent"))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", prefix = "accounts.")]
pub enum Event {
    /// Transactions cost this from now on.
    #[codec(index = 0)]
    FeesSet(FeeSchedule),
    /// An account got its first tokens.
    #[codec(index = 1)]
    Endowed {
        /// Whose.
        account: AccountId,
        /// How much.
        amount: Amount,
    },
    /// Free tokens moved.
    #[codec(index = 2)]
    Transferred {
        /// The account that paid.
        from: AccountId,
        /// The account that received.
        to: AccountId,
        /// How much.
        amount: Amount,
    },
    /// An account says this of itself from now on.
    #[codec(index = 3)]
    Described {
        /// Which.
        account: AccountId,
        /// All that it says; nothing, when it took back what it said.
        description: Description,
    },
}

/// Why a call was refused.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "AccountsRefusal"))]
#[serde(rename_all = "snake_case")]
pub enum Error {
    /// The free balance is too small.
    #[codec(index = 0)]
    #[error("this needs {need} free tokens and the account has {have}; add funds or lower the amount")]
    InsufficientBalance {
        /// Free tokens.
        have: Amount,
        /// Tokens needed.
        need: Amount,
    },
    /// The amount is zero.
    #[codec(index = 1)]
    #[error("the amount is zero; name how much to move")]
    ZeroAmount,
    /// The name could be taken for something else than a name.
    #[codec(index = 2)]
    #[error("the name {0}")]
    BadName(NameFlaw),
    /// The link could lead elsewhere than it looks.
    #[codec(index = 3)]
    #[error("the link {0}")]
    BadLink(LinkFlaw),
}

/// One account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Account {
    /// Tokens that can be spent.
    pub free: Amount,
    /// Tokens held by bonds and deposits.
    pub held: Amount,
    /// The nonce that the next transaction of a wallet must carry: how many of [`Lane::Wallet`] were included so far.
    pub nonce: u64,
    /// The nonce that the next transaction of its node must carry: how many of [`Lane::Node`] were included so far.
    pub node_nonce: u64,
}

/// What a transaction costs at least. That much of its fee is burned.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FeeSchedule {
    /// For every transaction.
    pub base: Amount,
    /// For each byte that it takes of a block: those of the encoded signed transaction, or more where it brings signatures inside.
    pub per_byte: Amount,
    /// For each row of state that a verdict which it asks may read (ROLLOUTS 3.4).
    pub per_read: Amount,
}

impl FeeSchedule {
    /// The least fee of a transaction that takes so many bytes of a block and asks no verdict.
    pub fn least(&self, weight: u64) -> Amount {
        self.base.saturating_add(self.per_byte.saturating_mul(weight))
    }

    /// The least fee of one that asks a verdict, which may read so many rows.
    pub fn least_reading(&self, weight: u64, reads: u32) -> Amount {
        self.least(weight).saturating_add(self.per_read.saturating_mul(reads.into()))
    }
}
