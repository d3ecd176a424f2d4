//! Validators, bonds, delegations, and the stake that was in force in each epoch.
//!
//! A bond ties tokens to a validator: one's own (which makes the account a validator) or another's (a delegation). A change
//! made in epoch `e` is in force from `e + 1`; what is in force in an epoch that has begun never changes again. So a
//! *snapshot* is no copy, only the number of an epoch, and an electorate costs nothing to take.
//! At the start of epoch `e` the validator set of epoch `e + 1` is elected from the stake in force in `e`.
//!
//! What strangers can make much of waits in lines, and the clock serves each line a few at a time ([`ripe`]): tokens that left a
//! bond until they are free, and bonds of which nothing is left until nobody needs to remember them. Whoever waits counts in no
//! election and in no vote, because what left a bond is in force no more; so it does not matter to an epoch whether those who
//! waited for it are free when it begins. An epoch has as many places in the line as its blocks can free: when they are taken,
//! tokens wait for the next one, and whoever unbonds is told for which.
//!
//! # Invariants
//! - The power of a validator is the sum of the bonds to it, in every epoch that is remembered.
//! - Tokens that leave a bond stay held for the unbonding period, and are freed once, in the epoch that was said when they left.
//! - The validator set is never empty: an election without candidates keeps the set.
//! - An election reads as many candidates as it elects, however many there are or were.
//! - Of a bond that nothing is left of, and that nobody needs to remember, nothing stays.
#![cfg_attr(test, allow(clippy::restriction, reason = "a test may stop where it fails"))]

mod apply;
mod candidates;
mod decide;
mod due;
mod genesis;
mod history;
mod line;
mod memory;
pub mod queries;
mod storage;
#[cfg(test)]
mod tests;
mod words;

use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Amount, Digest, Epoch, List};
use serde::{Deserialize, Serialize};

pub use due::{due, ripe};
pub use genesis::{GenesisBond, StakingGenesis};
pub use history::StakeHistory;

/// The most validators a network can have.
pub const MAX_VALIDATORS: u32 = 128;

/// The most validators one account can be bonded to.
pub const MAX_BONDS: u32 = 16;

/// What a stake holder can ask for.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "StakingCall"))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case", prefix = "staking.")]
pub enum Call {
    /// Bonds tokens to oneself: becomes a validator, or a stronger one.
    Bond {
        /// How much; the whole own bond must reach the minimum.
        amount: Amount,
    },
    /// Bonds tokens to another validator.
    Delegate {
        /// The validator.
        validator: AccountId,
        /// How much; the whole delegation must reach the minimum.
        amount: Amount,
    },
    /// Takes tokens out of a bond; they are free after the unbonding period.
    Unbond {
        /// The validator; oneself for one's own bond.
        validator: AccountId,
        /// How much; at most what is bonded, and what is left must reach the minimum or be nothing.
        amount: Amount,
    },
}

/// What happened.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "StakingEvent"))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", prefix = "staking.")]
pub enum Event {
    /// Stake follows these rules from now on.
    ParamsSet {
        /// The rules.
        params: StakingParams,
        /// How many who wait an epoch can free: what the limits of the chain's blocks give.
        most_freed: u64,
    },
    /// Tokens were bonded.
    Bonded {
        /// The account whose tokens they are.
        who: AccountId,
        /// The validator they strengthen.
        validator: AccountId,
        /// How much.
        amount: Amount,
        /// The first epoch in which they count.
        from_epoch: Epoch,
        /// The first epoch whose stake stays remembered.
        remembered_from: Epoch,
    },
    /// Tokens left a bond and wait.
    Unbonding {
        /// The account whose tokens they are.
        who: AccountId,
        /// The validator they strengthened.
        validator: AccountId,
        /// How much.
        amount: Amount,
        /// The first epoch in which they count no more.
        from_epoch: Epoch,
        /// The epoch at whose start they are free.
        free_epoch: Epoch,
        /// The first epoch whose stake stays remembered.
        remembered_from: Epoch,
    },
    /// Tokens that waited are free.
    Unbonded {
        /// The account whose tokens they are.
        who: AccountId,
        /// The validator they strengthened.
        validator: AccountId,
        /// How much.
        amount: Amount,
        /// The epoch they waited for.
        free_epoch: Epoch,
    },
    /// The validator set of an epoch is known.
    Elected {
        /// The epoch it decides blocks in.
        epoch: Epoch,
        /// The set.
        validators: ValidatorSet,
        /// The first epoch whose set stays remembered.
        remembered_from: Epoch,
    },
    /// Nobody needs to remember a bond any more, of which nothing was left.
    Forgotten {
        /// The account that was bonded.
        who: AccountId,
        /// The validator it was bonded to.
        validator: AccountId,
        /// The first epoch in which nobody needs to remember it.
        forget_epoch: Epoch,
        /// Whether the validator's power is forgotten with it: nobody is bonded to it, and no vote needs to know who was.
        with_power: bool,
    },
}

/// Why a call was refused.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "StakingRefusal"))]
#[serde(rename_all = "snake_case")]
pub enum Error {
    /// Too few free tokens.
    #[error(transparent)]
    Accounts(#[from] accounts::Error),
    /// The own bond would be below the minimum.
    #[error("a validator's own bond must be at least {need} and would be {have}; bond more, or unbond all of it")]
    BelowMinimumBond {
        /// What the bond would be.
        have: Amount,
        /// The minimum.
        need: Amount,
    },
    /// The account is not a validator.
    #[error("{0} is not a validator")]
    UnknownValidator(AccountId),
    /// The account is bonded to as many validators as allowed.
    #[error("an account can be bonded to at most {0} validators; unbond from one, and wait until its votes are past")]
    TooManyBonds(u32),
    /// More was asked for than is bonded.
    #[error("{have} is bonded to {validator}, less than the {need} asked for")]
    BondTooSmall {
        /// The validator.
        validator: AccountId,
        /// What is bonded.
        have: Amount,
        /// What was asked for.
        need: Amount,
    },
    /// The delegation would be below the minimum.
    #[error("a delegation must be at least {need} and would be {have}; delegate more, or unbond all of it")]
    BelowMinimumDelegation {
        /// What the delegation would be.
        have: Amount,
        /// The minimum.
        need: Amount,
    },
}

/// The rules of staking; from genesis.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StakingParams {
    /// How many validators decide blocks; the strongest are elected.
    pub max_validators: u32,
    /// The least own bond of a validator.
    pub minimum_bond: Amount,
    /// The least that can be delegated to one validator; at least one. Each delegation is work for the whole network.
    pub minimum_delegation: Amount,
    /// How many epochs tokens wait after leaving a bond; longer when more leave than an epoch can free.
    pub unbonding_epochs: u64,
    /// How many past epochs stake is remembered for; at least as many as a proposal can live.
    pub remembered_epochs: u64,
}

/// One account's bond to one validator.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Bond {
    /// The validator.
    pub validator: AccountId,
    /// The amount, as it was over time.
    pub history: StakeHistory,
}

/// All bonds of one account.
pub type Bonds = List<Bond, MAX_BONDS>;

/// One member of a validator set.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Validator {
    /// The account, which is its consensus key.
    pub account: AccountId,
    /// Its share in decisions: the stake bonded to it.
    pub power: Amount,
}

/// Who decides blocks in an epoch: by power, the strongest first; accounts in order where power is equal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct ValidatorSet {
    /// The members.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Validator>", length(max = MAX_VALIDATORS)))]
    pub validators: List<Validator, MAX_VALIDATORS>,
}

impl ValidatorSet {
    /// The strongest `most` of some validators, in the order of a set.
    pub fn strongest(mut validators: Vec<Validator>, most: u32) -> Self {
        validators.sort_by(|a, b| b.power.cmp(&a.power).then(a.account.cmp(&b.account)));
        validators.truncate(most.min(MAX_VALIDATORS) as usize);
        Self { validators: List::truncate_from(validators) }
    }

    /// The power of all members together.
    pub fn total_power(&self) -> Amount {
        self.validators.iter().map(|validator| validator.power).sum()
    }

    /// The power of one member.
    pub fn power_of(&self, who: &AccountId) -> Option<Amount> {
        self.validators.iter().find(|validator| validator.account == *who).map(|validator| validator.power)
    }

    /// What a header commits to: the BLAKE3 of the SCALE encoding.
    pub fn hash(&self) -> Digest {
        Digest::blake3(&self.encode())
    }
}
