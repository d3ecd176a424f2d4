//! What is answered about blocks.

use crate::topics::audit::answer::AuditEntry;
use primitives::{AccountId, BlockHash, Epoch, Height, Timestamp};
use rpc::views::Descriptions;
use runtime::Header;
use schemars::JsonSchema;
use serde::Serialize;

/// One block in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BlockRow {
    /// Its height.
    pub height: Height,
    /// Its hash.
    pub hash: BlockHash,
    /// Its epoch.
    pub epoch: Epoch,
    /// Its time.
    pub time: Timestamp,
    /// Who proposed it.
    pub proposer: AccountId,
    /// How many facts it has.
    pub facts: u64,
    /// How many of them are refusals.
    pub refused: u64,
}

/// One block with its facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BlockAnswer {
    /// Its hash.
    pub hash: BlockHash,
    /// Its epoch.
    pub epoch: Epoch,
    /// What is committed to.
    pub header: Header,
    /// The round it was decided in, from 0; none for genesis, which nobody decided.
    pub round: Option<u32>,
    /// How many validators' precommits are in the certificate that was verified.
    pub precommits: u64,
    /// Its facts, in order; [`MOST_FACTS`] at most, and the others are in the audit log.
    #[schemars(length(max = MOST_FACTS))]
    pub facts: Vec<AuditEntry>,
    /// How many facts it has in all.
    pub fact_count: u64,
    /// What its proposer, and those that asked for something, say of themselves.
    pub described: Descriptions,
}

/// The most facts that the answer about a block brings.
pub const MOST_FACTS: usize = 200;
