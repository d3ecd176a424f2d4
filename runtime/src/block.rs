//! Blocks, headers and records.

use crate::{Certificate, Context, Event, Executed, Fact, LastCommitError, Transaction, TxError};
use parity_scale_codec::{Decode, DecodeAll, Encode};
use primitives::{AccountId, BlockHash, ChainId, Digest, Epoch, Height, StateRoot, Timestamp, merkle_root};
use releases::Levels;
use serde::{Deserialize, Serialize};

/// What a block commits to. Its hash is what validators vote for.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Header {
    /// The network.
    pub chain_id: ChainId,
    /// The number of the block.
    pub height: Height,
    /// The proposer's clock; later than the parent's.
    pub time: Timestamp,
    /// Who proposed it.
    pub proposer: AccountId,
    /// The block before.
    pub parent: BlockHash,
    /// RFC 6962 root of the encoded transactions.
    pub transactions_root: Digest,
    /// RFC 6962 root of the encoded facts.
    pub facts_root: Digest,
    /// State after this block.
    pub state_root: StateRoot,
    /// The set that decides this block.
    pub validators_hash: Digest,
    /// The set that decides the next block.
    pub next_validators_hash: Digest,
    /// BLAKE3 of the encoded precommits for the parent, or of there being none.
    pub last_commit_hash: Digest,
}

/// A header, and what it commits to: precommits for its parent, and transactions.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Block {
    /// What is committed to.
    pub header: Header,
    /// What the proposer had of the parent's precommits; there exactly while presence is paid for (ROLLOUTS 3.2).
    pub last_commit: Option<Certificate>,
    /// In the order of execution.
    pub transactions: Vec<Transaction>,
}

/// A header and the facts it commits to: the chain's audit log, one block of it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Record {
    /// What is committed to.
    pub header: Header,
    /// In the order they came about.
    pub facts: Vec<Fact>,
}

/// Why a block is not valid. Such a block is never voted for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// The bytes are not a block.
    #[error("the bytes are not a block: {0}")]
    Undecodable(String),
    /// A transaction cannot be in it.
    #[error("transaction {index} is invalid: {error}")]
    Transaction {
        /// Its place in the block, from 0.
        index: u64,
        /// Why.
        error: TxError,
    },
    /// Too much of what a block's limits count.
    #[error("the block has {have} {unit} and may have {most}")]
    TooLarge {
        /// How many.
        have: u64,
        /// The bound.
        most: u64,
        /// What is counted: `transactions`, for which there is the room that the clock leaves, `bytes of transactions`,
        /// `signatures inside calls`, or `rows that verdicts read`, which are counted up to the first transaction beyond the bound.
        unit: &'static str,
    },
    /// It does not bring the precommits for its parent as it has to.
    #[error("the block is not valid by the precommits for its parent: {0}")]
    LastCommit(#[from] LastCommitError),
    /// It stands where other hashes are missing in the tree of blocks than it was given.
    #[error("{need} blocks before the parent are missing in the tree of blocks, and {have} are given")]
    Missing {
        /// How many are given.
        have: u64,
        /// How many are appended with the parent.
        need: u64,
    },
    /// The time does not grow.
    #[error("the block's time {time} is not after its parent's {parent}")]
    TimeNotAfterParent {
        /// The block's time.
        time: Timestamp,
        /// The parent's.
        parent: Timestamp,
    },
    /// A field of the header is not what execution gives.
    #[error("the header's {field} is {found}, and execution gives {expected}")]
    HeaderMismatch {
        /// Which field.
        field: &'static str,
        /// What the header says.
        found: String,
        /// What is right.
        expected: String,
    },
}

impl Header {
    /// The most bytes that one has when it is encoded: the longest name of a network, height and time, and eight digests.
    pub const MOST_ENCODED: u32 = ChainId::MOST_ENCODED + 2 * 8 + 8 * 32;

    /// The header that execution gives.
    pub fn over(context: &Context, transactions: &[Transaction], executed: &Executed, state_root: StateRoot) -> Self {
        Self {
            chain_id: context.chain_id.clone(),
            height: context.height,
            time: context.time,
            proposer: context.proposer,
            parent: context.parent,
            transactions_root: merkle_root(transactions.iter().map(Encode::encode)),
            facts_root: merkle_root(executed.facts.iter().map(Encode::encode)),
            state_root,
            validators_hash: executed.validators_hash,
            next_validators_hash: executed.next_validators_hash,
            last_commit_hash: hash_of_last_commit(context.last_commit.as_ref()),
        }
    }

    /// The hash by which the block is known.
    pub fn hash(&self) -> BlockHash {
        BlockHash::of(&self.encode())
    }

    /// Refuses a header that differs from the one execution gives, and names the first field that does.
    pub fn require(&self, expected: &Header) -> Result<(), BlockError> {
        let fields: [(&'static str, String, String); 11] = [
            ("chain_id", self.chain_id.to_string(), expected.chain_id.to_string()),
            ("height", self.height.to_string(), expected.height.to_string()),
            ("time", self.time.to_string(), expected.time.to_string()),
            ("proposer", self.proposer.to_string(), expected.proposer.to_string()),
            ("parent", self.parent.to_string(), expected.parent.to_string()),
            ("transactions_root", self.transactions_root.to_string(), expected.transactions_root.to_string()),
            ("facts_root", self.facts_root.to_string(), expected.facts_root.to_string()),
            ("state_root", self.state_root.to_string(), expected.state_root.to_string()),
            ("validators_hash", self.validators_hash.to_string(), expected.validators_hash.to_string()),
            ("next_validators_hash", self.next_validators_hash.to_string(), expected.next_validators_hash.to_string()),
            ("last_commit_hash", self.last_commit_hash.to_string(), expected.last_commit_hash.to_string()),
        ];
        match fields.into_iter().find(|(_, found, expected)| found != expected) {
            None => Ok(()),
            Some((field, found, expected)) => Err(BlockError::HeaderMismatch { field, found, expected }),
        }
    }
}

impl Record {
    /// The levels of the network after this block, of an epoch, by those before it: for whoever folds records and has no state.
    pub fn levels_after(&self, levels: Levels, epoch: Epoch) -> Levels {
        self.facts.iter().fold(levels, |levels, fact| match &fact.outcome {
            Ok(Event::Releases(event)) => levels.after(epoch, event),
            _ => levels,
        })
    }
}

impl Block {
    /// Reads exactly one block; bytes left over refuse it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BlockError> {
        Self::decode_all(&mut &bytes[..]).map_err(|error| BlockError::Undecodable(error.to_string()))
    }

    /// The hash by which it is known: its header's.
    pub fn hash(&self) -> BlockHash {
        self.header.hash()
    }

    /// Refuses transactions and precommits that are not those its header commits to; its hash alone says nothing about them.
    pub fn require_body(&self) -> Result<(), BlockError> {
        let Header { transactions_root, last_commit_hash, .. } = self.header;
        let transactions = merkle_root(self.transactions.iter().map(Encode::encode));
        let fields = [
            ("transactions_root", transactions_root, transactions),
            ("last_commit_hash", last_commit_hash, hash_of_last_commit(self.last_commit.as_ref())),
        ];
        match fields.into_iter().find(|(_, found, expected)| found != expected) {
            None => Ok(()),
            Some((field, found, expected)) => {
                Err(BlockError::HeaderMismatch { field, found: found.to_string(), expected: expected.to_string() })
            }
        }
    }
}

/// What a header commits to of the precommits for its parent.
fn hash_of_last_commit(last_commit: Option<&Certificate>) -> Digest {
    Digest::blake3(&last_commit.encode())
}
