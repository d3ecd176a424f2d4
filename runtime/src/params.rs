//! The numbers of the chain itself; each comes from genesis.

use parity_scale_codec::{Decode, Encode};
use primitives::ChainId;
use serde::{Deserialize, Serialize};
use state::Item;

/// The rules of the chain itself.
pub const CHAIN: Item<Chain> = Item::new("chain/params");

/// What every block and transaction is judged by.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chain {
    /// The network's name; part of everything that is signed.
    pub chain_id: ChainId,
    /// Blocks in an epoch.
    pub epoch_length: u64,
    /// Bounds.
    pub limits: Limits,
    /// Timing of consensus.
    pub consensus: Consensus,
}

/// Bounds on blocks and transactions.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// The encoded transactions of a block together, in bytes.
    pub max_block_bytes: u32,
    /// Transactions in a block.
    pub max_block_transactions: u32,
    /// One encoded signed transaction, in bytes.
    pub max_transaction_bytes: u32,
    /// How far ahead a transaction's expiry may lie, in blocks.
    pub max_transaction_lifetime: u64,
}

/// Timing of consensus, in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consensus {
    /// From one block to the next; zero is as fast as the network decides.
    pub block_time_ms: u64,
    /// How long to wait for a proposal in the first round; later rounds wait longer.
    pub propose_timeout_ms: u64,
    /// How long to wait for the votes of others in the first round.
    pub vote_timeout_ms: u64,
    /// How far a block's time may be from a validator's clock.
    pub max_clock_drift_ms: u64,
}
