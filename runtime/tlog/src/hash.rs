//! The hashes of RFC 6962 section 2.1, and what a leaf of the tree of blocks is.

use primitives::{BlockHash, Digest, Height};
use sha2::{Digest as _, Sha256};

/// Which block stands at a height. It is the leaf whose index is the height; genesis is the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockLeaf {
    /// The height, and the index of the leaf.
    pub height: Height,
    /// The hash of the block's header.
    pub block: BlockHash,
}

impl BlockLeaf {
    /// The number of bytes of one.
    pub const BYTES: usize = 40;

    /// What is hashed: the height, its highest byte first, and the hash of the block.
    pub fn encode(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let parts = self.height.0.to_be_bytes().into_iter().chain(self.block.0);
        bytes.iter_mut().zip(parts).for_each(|(byte, part)| *byte = part);
        bytes
    }

    /// The hash of the leaf: SHA-256 of a zero byte and [`encode`](Self::encode).
    pub fn hash(&self) -> Digest {
        Digest(Sha256::new().chain_update([0]).chain_update(self.encode()).finalize().into())
    }
}

/// The hash of what has two subtrees: SHA-256 of a byte of one, the left one and the right one.
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    Digest(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
}

/// The root of a tree without leaves: SHA-256 of nothing.
pub fn empty_root() -> Digest {
    Digest::sha256(&[])
}

/// The root of a tree of which these are the perfect subtrees, from left to right and so from the largest to the smallest.
pub(crate) fn joined<'d>(subtrees: impl DoubleEndedIterator<Item = &'d Digest>) -> Digest {
    let mut from_the_right = subtrees.rev();
    match from_the_right.next() {
        None => empty_root(),
        Some(last) => from_the_right.fold(*last, |right, left| node_hash(left, &right)),
    }
}
