//! Proof that something is on record, however long ago it was, checked without the chain (ROLLOUTS 9).
//!
//! A fact is of a block when it is among those that the block's header commits to. A block is of the chain when its hash is a leaf of the
//! tree of blocks whose root is in the state of a trusted header, or when its own header is trusted, where no tree has it.

use crate::file::{self, FileError, MAX_TICKET_BYTES};
use crate::{Anchor, Distrust, MAX_HOPS, SignedHeader};
use parity_scale_codec::{Decode, DecodeAll, Encode};
use primitives::{Height, List, merkle_leaf, merkle_path};
use runtime::{Fact, Header, Record};
use serde::{Deserialize, Serialize};
use state::tree::printable;
use state::{ProofError, StateProof};
use tlog::{BlockLeaf, Inclusion};
use witnesses::queries::log_key;

/// The first line of its file.
const FIRST_LINE: &[u8] = b"the-block/fact/v1\n";

/// A fact, that it is of its block, and that the block is of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FactProof {
    /// The fact, and that it is of its block.
    pub fact: FactInBlock,
    /// That the block is of the chain.
    pub proof: BlockProof,
}

/// A fact, the header of its block, and the way from it to what the header commits to.
///
/// A header commits to no count of its facts. That the fact is one of them is shown; its place among them is the word of whoever made
/// this, as far as the way allows it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FactInBlock {
    /// The header of its block.
    pub header: Header,
    /// The fact.
    pub fact: Fact,
    /// Its place among the facts of the block, from 0, and the hashes on the way to their root.
    pub inclusion: Inclusion,
}

/// That a block is of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum BlockProof {
    /// It is a leaf of the tree of blocks, whose root is in state under a newer header: the same route whatever its age.
    #[codec(index = 0)]
    Tree {
        /// Headers that lead trust from the anchor to the newer one, ascending; mostly none.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<SignedHeader>", length(max = MAX_HOPS)))]
        hops: List<SignedHeader, MAX_HOPS>,
        /// The newer header.
        head: SignedHeader,
        /// What state has of the tree.
        log: StateProof,
        /// The place of the leaf, which is the height of its block, and the hashes on the way to the root.
        inclusion: Inclusion,
    },
    /// Its own header is trusted: it is too new for the tree, or the tree stands still.
    #[codec(index = 1)]
    Direct {
        /// Headers that lead trust from the anchor to it, ascending; mostly none.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<SignedHeader>", length(max = MAX_HOPS)))]
        hops: List<SignedHeader, MAX_HOPS>,
        /// Its header.
        head: SignedHeader,
    },
}

/// Why it is not shown that something is on record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FactProofError {
    /// More bytes than any such file has.
    #[error("it has {0} bytes, and the proof of a fact has at most {MAX_TICKET_BYTES}")]
    TooLarge(usize),
    /// Another file.
    #[error("it is not the proof of a fact")]
    NotAProof,
    /// Cut off or damaged.
    #[error("it is cut off or damaged, or of a newer version: {0}")]
    Undecodable(String),
    /// The fact is none of the block's.
    #[error("the fact is not among those that the header of block {0} commits to")]
    NotInBlock(Height),
    /// Trust does not reach one of its headers.
    #[error("its header cannot be trusted: {0}")]
    Distrust(#[from] Distrust),
    /// It speaks of another key.
    #[error("its state proof is about {found}, and {expected} has the tree of blocks")]
    OtherKey {
        /// The key it proves.
        found: String,
        /// The key that is needed.
        expected: String,
    },
    /// The claimed value is not in state.
    #[error("its state proof does not verify: {0}")]
    Proof(#[from] ProofError),
    /// There was no tree.
    #[error("the state of block {0} has no tree of blocks")]
    NoTree(Height),
    /// The value is proven and unknown here.
    #[error("the tree that it proves cannot be read by this version: {0}; use a newer build")]
    Value(String),
    /// The way begins at another leaf, or is that of another tree.
    #[error("it shows leaf {found} of {size}, and the block is leaf {expected} of {leaves}")]
    OtherLeaf {
        /// The leaf that it shows.
        found: u64,
        /// Among so many.
        size: u64,
        /// The leaf of the block.
        expected: u64,
        /// Of so many.
        leaves: u64,
    },
    /// The hash of the block is not in the tree.
    #[error("block {0} as it is shown is not in the tree of blocks")]
    NotInTree(Height),
    /// The trusted header is of another block.
    #[error("the header that is trusted is that of block {found}, and not of block {expected} as it is shown")]
    OtherBlock {
        /// The height of the trusted one.
        found: Height,
        /// The height of the block that is shown.
        expected: Height,
    },
}

impl From<FileError> for FactProofError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::TooLarge(bytes) => Self::TooLarge(bytes),
            FileError::Another => Self::NotAProof,
            FileError::Undecodable(error) => Self::Undecodable(error),
        }
    }
}

impl FactInBlock {
    /// The fact at a place of a record, from 0; none when it has not so many.
    pub fn of(record: &Record, index: u64) -> Option<Self> {
        let place = usize::try_from(index).ok()?;
        let fact = record.facts.get(place)?.clone();
        let path = merkle_path(record.facts.iter().map(Encode::encode), index)?;
        let inclusion = Inclusion { index, size: record.facts.len() as u64, path: List::try_from(path).ok()? };
        Some(Self { header: record.header.clone(), fact, inclusion })
    }

    /// The height of its block.
    pub fn height(&self) -> Height {
        self.header.height
    }

    /// The leaf that its block is in the tree of blocks.
    pub fn leaf(&self) -> BlockLeaf {
        BlockLeaf { height: self.header.height, block: self.header.hash() }
    }

    /// Shows that the fact is one of those that the header commits to. Says nothing of the header.
    ///
    /// # Errors
    /// When it is not.
    pub fn require(&self) -> Result<(), FactProofError> {
        let is_in = self.inclusion.verify(&merkle_leaf(&self.fact.encode()), &self.header.facts_root);
        if is_in { Ok(()) } else { Err(FactProofError::NotInBlock(self.header.height)) }
    }
}

impl BlockProof {
    /// Shows, from what `anchor` trusts, that a block is of the chain. Gives the anchor that trusting the proof gives, which is that of
    /// [its newest header](Self::head).
    ///
    /// # Errors
    /// The first thing that does not hold: a header, a certificate, a step of trust, a proof.
    pub fn verify(&self, anchor: &Anchor, leaf: &BlockLeaf) -> Result<Anchor, FactProofError> {
        let trusted = anchor.follow(self.headers())?;
        let head = self.head();
        match self {
            Self::Tree { log, inclusion, .. } => require_in_tree(head, log, inclusion, leaf)?,
            Self::Direct { .. } => {
                if (head.height(), head.header.hash()) != (leaf.height, leaf.block) {
                    return Err(FactProofError::OtherBlock { found: head.height(), expected: leaf.height });
                }
            }
        }
        Ok(trusted)
    }

    /// Its headers, ascending, the one that is proven with last.
    pub fn headers(&self) -> impl Iterator<Item = &SignedHeader> {
        let (Self::Tree { hops, head, .. } | Self::Direct { hops, head }) = self;
        hops.iter().chain([head])
    }

    /// The header under which the block is proven: a newer one, or its own.
    pub fn head(&self) -> &SignedHeader {
        let (Self::Tree { head, .. } | Self::Direct { head, .. }) = self;
        head
    }
}

impl FactProof {
    /// The file: a line that says what it is, and the SCALE encoding.
    pub fn to_bytes(&self) -> Vec<u8> {
        file::write(FIRST_LINE, self)
    }

    /// Reads exactly one.
    ///
    /// # Errors
    /// For too many bytes, another file, one that is cut off, and bytes left over.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FactProofError> {
        Ok(file::read(FIRST_LINE, bytes)?)
    }

    /// Shows, from what `anchor` trusts, that the fact is of a block of the chain. Gives the anchor that trusting the proof gives.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn verify(&self, anchor: &Anchor) -> Result<Anchor, FactProofError> {
        self.fact.require()?;
        self.proof.verify(anchor, &self.fact.leaf())
    }
}

/// Shows that a leaf is in the tree that the state of a header has. The leaf of a block is at the place of its height, among as many as
/// the state says.
fn require_in_tree(
    head: &SignedHeader,
    log: &StateProof,
    inclusion: &Inclusion,
    leaf: &BlockLeaf,
) -> Result<(), FactProofError> {
    let key: &[u8] = log_key();
    if log.key != key {
        return Err(FactProofError::OtherKey { found: printable(&log.key), expected: printable(key) });
    }
    log.verify(head.header.state_root)?;
    let mut value = log.value.as_deref().ok_or(FactProofError::NoTree(head.height()))?;
    let tree = witnesses::BlockLog::decode_all(&mut value).map_err(|error| FactProofError::Value(error.to_string()))?;
    let (expected, leaves) = (leaf.height.0, tree.frontier.size());
    if (inclusion.index, inclusion.size) != (expected, leaves) {
        return Err(FactProofError::OtherLeaf { found: inclusion.index, size: inclusion.size, expected, leaves });
    }
    let is_in = inclusion.verify(&leaf.hash(), &tree.frontier.root());
    if is_in { Ok(()) } else { Err(FactProofError::NotInTree(leaf.height)) }
}
