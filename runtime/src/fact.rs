//! What is on record: each decision, with what asked for it.

use crate::{Error, Event};
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Amount, ProposalId, TransactionHash};
use serde::{Deserialize, Serialize};

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct Fact {
    /// What asked for it.
    pub cause: Cause,
    /// What happened, or why it was refused.
    pub outcome: Result<Event, Error>,
}

/// What asks for a decision.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A transaction; its fee and nonce are taken whatever the outcome.
    Transaction {
        /// Which.
        hash: TransactionHash,
        /// Whose.
        account: AccountId,
        /// What it paid to the block's proposer.
        fee: Amount,
    },
    /// A proposal that passed and whose epoch has come.
    Proposal(ProposalId),
    /// The clock: heights and epochs.
    Clock,
}
