//! The two lanes of an account, and the counter of each.

use crate::Account;
use parity_scale_codec::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// By which of an account's two counters a transaction is counted (ROLLOUTS 3.2). Each lane begins with nonce 0 and has an order of
/// its own; both pay from the same tokens. Any call may be in either.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Encode,
    Decode,
    Serialize,
    Deserialize,
    strum::Display,
    primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Lane {
    /// What people sign, with whatever wallet.
    #[default]
    #[codec(index = 0)]
    Wallet,
    /// What a node sends by itself, such as receipts and evidence, so that it never takes a nonce that its operator's wallet has
    /// prepared.
    #[codec(index = 1)]
    Node,
}

impl Account {
    /// The nonce that the next transaction in a lane must carry.
    pub fn nonce_in(&self, lane: Lane) -> u64 {
        match lane {
            Lane::Wallet => self.nonce,
            Lane::Node => self.node_nonce,
        }
    }

    /// The account with another nonce in a lane.
    #[must_use]
    pub fn with_nonce(self, lane: Lane, nonce: u64) -> Self {
        match lane {
            Lane::Wallet => Self { nonce, ..self },
            Lane::Node => Self { node_nonce: nonce, ..self },
        }
    }

    /// The account after one more transaction in a lane, whatever that costs.
    #[must_use]
    pub fn counted(self, lane: Lane) -> Self {
        let next = self.nonce_in(lane).saturating_add(1);
        self.with_nonce(lane, next)
    }
}
