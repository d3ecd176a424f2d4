//! Every hash of a tree, for tests and benches.

use crate::{Hashes, node_hash};
use primitives::Digest;

/// Every hash of every perfect subtree, by level.
#[derive(Debug, Clone)]
pub struct AllHashes(Vec<Vec<Digest>>);

impl AllHashes {
    /// Those over the hashes of all leaves, in their order.
    pub fn over(leaves: impl IntoIterator<Item = Digest>) -> Self {
        let (mut levels, mut row): (Vec<_>, Vec<_>) = (Vec::new(), leaves.into_iter().collect());
        while !row.is_empty() {
            let above = row.as_chunks::<2>().0.iter().map(|[left, right]| node_hash(left, right)).collect();
            levels.push(std::mem::replace(&mut row, above));
        }
        Self(levels)
    }
}

/// A hash was asked for that the tree has not: of which level, and at which index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoSuchNode(pub u8, pub u64);

impl Hashes for AllHashes {
    type Error = NoSuchNode;

    fn node(&self, level: u8, index: u64) -> Result<Digest, NoSuchNode> {
        let row = self.0.get(usize::from(level));
        let found = row.zip(usize::try_from(index).ok()).and_then(|(row, index)| row.get(index));
        found.copied().ok_or(NoSuchNode(level, index))
    }
}
