//! What validators and those who delegate to them are paid for being there.
//!
//! A *timetoke* is a millisecond of attested presence. While the gate is on, a block brings the precommits for its parent, and the time
//! since the parent is credited to everyone whose precommit is among them, at most as much of it as one block adds to the time that the
//! chain has run: a proposer's clock earns nothing. What an epoch comes to is kept in one cell, which is made in the epoch's first block
//! and says who is paid; in the first block of the next epoch it is paid from the pool, and nothing is minted.
//!
//! Of what an epoch can pay, most is for presence: a validator has its part of the power of all, for its part of the epoch's time. A tenth
//! or so is for proposers, by how many precommits beyond two thirds they brought, and as much for those who cosigned the epoch's
//! checkpoint. There is no threshold, and what somebody is not paid stays in the pool: nobody gains by another's absence.
//!
//! A validator's own part and its [commission](staking::queries::commission) are paid out; what is for its delegators waits, and each
//! [collects](Call::Collect) what its bond was of all bonds when the validator was elected. What nobody collects for as long as stake is
//! remembered goes back to the pool, because nobody could tell any more whose it is.
//!
//! Which blocks, gates and cosignatures there are, others know who stand right of this pallet; they say so ([`Brought`]).
//!
//! # Invariants
//! - Free + held + burned + the pool + what is to collect never changes after genesis.
//! - No epoch pays more than the pool has, or than the rules let one epoch pay.
//! - No presence is credited twice, and none to whom a block brings no precommit of.
//! - What one validator is paid does not hang on who else was there.
#![cfg_attr(test, allow(clippy::restriction, reason = "a test may stop where it fails"))]

pub mod apply;
mod attendance;
mod audit;
mod bits;
mod decide;
mod due;
mod genesis;
pub mod queries;
mod share;
mod storage;
#[cfg(test)]
mod tests;
mod words;

use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Amount, Epoch, Fraction, List};
use serde::{Deserialize, Serialize};
use staking::MAX_VALIDATORS;

pub use attendance::{Attendance, CandidatePresence};
pub use bits::Bits;
pub use due::{Brought, due};
pub use genesis::RewardsGenesis;

/// The most epochs that one call collects.
pub const MOST_COLLECTED: u32 = 64;

/// What an account can ask for.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RewardsCall"))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case", prefix = "rewards.")]
#[level(1)]
pub enum Call {
    /// Gives free tokens to the pool that rewards are paid from. Nobody gets them back.
    #[codec(index = 0)]
    Fund {
        /// How much; more than zero.
        amount: Amount,
    },
    /// Takes what the sender's delegation to a validator has earned and nobody has collected: of the oldest epochs first, of
    /// [`MOST_COLLECTED`] at most.
    #[codec(index = 1)]
    Collect {
        /// The validator.
        validator: AccountId,
    },
}

/// What happened.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RewardsEvent"))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", prefix = "rewards.")]
pub enum Event {
    /// Rewards follow these rules from now on.
    #[codec(index = 0)]
    ParamsSet {
        /// The rules.
        params: RewardsParams,
        /// What the pool begins with.
        pool: Amount,
    },
    /// Presence is counted in an epoch, for those who are paid.
    #[codec(index = 1)]
    Began {
        /// The epoch.
        epoch: Epoch,
        /// Who of the epoch's candidates is paid, by place.
        paid: Bits,
    },
    /// A block brought the precommits for its parent.
    #[codec(index = 2)]
    Attended {
        /// The parent's epoch, in which it counts.
        epoch: Epoch,
        /// Who of that epoch's candidates has precommitted, by place.
        present: Bits,
        /// The time since the parent, in milliseconds, as far as the chain ran in it.
        ms: u64,
        /// The place of the block's proposer among the candidates; none where it is none of them.
        leader: Option<u8>,
        /// How much of that time the proposer is credited for what it brought: its part of the power beyond two thirds that could have
        /// been brought.
        led_ms: u64,
    },
    /// Nothing is paid for an epoch: the gate is off.
    #[codec(index = 3)]
    Dropped {
        /// The epoch.
        epoch: Epoch,
    },
    /// An epoch was paid.
    #[codec(index = 4)]
    Rewarded {
        /// The epoch.
        epoch: Epoch,
        /// What each of those who are paid has, by place; who has nothing is among them.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<Payment>", length(max = MAX_VALIDATORS)))]
        paid: List<Payment, MAX_VALIDATORS>,
        /// How much of all that is for proposers.
        leader: Amount,
        /// How much of all that is for witnesses.
        witness: Amount,
        /// What the pool has afterwards.
        pool: Amount,
    },
    /// Somebody gave tokens to the pool.
    #[codec(index = 5)]
    Funded {
        /// Who.
        from: AccountId,
        /// How much.
        amount: Amount,
    },
    /// A delegator took what its delegation had earned.
    #[codec(index = 6)]
    Collected {
        /// Who.
        who: AccountId,
        /// The validator.
        validator: AccountId,
        /// How much of each epoch, the oldest first.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<(Epoch, Amount)>", length(max = MOST_COLLECTED)))]
        epochs: List<(Epoch, Amount), MOST_COLLECTED>,
    },
    /// What nobody collected of an epoch went back to the pool.
    #[codec(index = 7)]
    Lapsed {
        /// The epoch.
        epoch: Epoch,
        /// How much.
        amount: Amount,
    },
}

/// Why a call was refused.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RewardsRefusal"))]
#[serde(rename_all = "snake_case")]
pub enum Error {
    /// Too few free tokens, or none named.
    #[codec(index = 0)]
    #[error(transparent)]
    Accounts(#[from] accounts::Error),
    /// There is nothing to collect.
    #[codec(index = 1)]
    #[error(
        "nothing of the pool waits for what {who} had delegated to {validator}: it was collected, went back to the pool, or nothing was \
         earned yet; an epoch is paid in the first block of the next one"
    )]
    NothingDue {
        /// Who asked.
        who: AccountId,
        /// The validator.
        validator: AccountId,
    },
}

impl Error {
    /// The number by which programs know it, where it has a code; no other refusal ever gets it.
    pub fn number(&self) -> Option<u16> {
        match self {
            Error::Accounts(_) => None,
            Error::NothingDue { .. } => Some(540),
        }
    }
}

/// The rules of rewards; from genesis.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RewardsParams {
    /// The most that one epoch pays; less where the pool has less.
    pub per_epoch: Amount,
    /// The share of that which is for proposers.
    pub leader: Fraction,
    /// The share which is for those who cosigned the epoch's checkpoint. What neither is for is for presence.
    pub witness: Fraction,
}

impl RewardsParams {
    /// Nothing is paid.
    pub const NOTHING: Self = Self { per_epoch: Amount::ZERO, leader: Fraction::NOTHING, witness: Fraction::NOTHING };
}

/// What a validator has of an epoch.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Payment {
    /// The validator.
    pub validator: AccountId,
    /// For how many milliseconds of the epoch it was there.
    pub present_ms: u64,
    /// What it was paid for its own bond, and as commission.
    pub own: Amount,
    /// What waits for those who delegate to it.
    pub delegated: Amount,
    /// Which bonds that is divided by: all that others had to it. Nothing, where it has no delegators.
    pub delegation: Amount,
}

/// What waits for those who delegated to a validator, of an epoch.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Owed {
    /// What there was for all of them.
    pub amount: Amount,
    /// All that they had delegated.
    pub delegation: Amount,
    /// What nobody has collected.
    pub left: Amount,
}
