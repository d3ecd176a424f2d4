//! Laws of the tree, of its proofs and of its texts, with what others make of the same as oracles.

mod texts;
mod trees;

use crate::BlockLeaf;
use crate::testing::AllHashes;
use primitives::{BlockHash, Digest, Height};

/// The leaf of a height in all tests.
pub(crate) fn leaf(height: u64) -> BlockLeaf {
    BlockLeaf { height: Height(height), block: BlockHash(Digest::blake3(&height.to_le_bytes()).0) }
}

/// Every hash of the tree of so many of them.
pub(crate) fn all_hashes(size: u64) -> AllHashes {
    AllHashes::over((0..size).map(|height| leaf(height).hash()))
}
