//! The hash tree of an artifact: what lets each 16 KiB of it be judged alone.
//!
//! A BLAKE3 hash is the root of a binary tree over the data, so the hash in chain state already commits to every part. A
//! source brings the inner nodes (`{hash}.bin.obao4`, the pre-order outboard of `bao-tree` with groups of 16 chunks and
//! without a length in front); they are checked down from the root, so it does not matter whose they are.
//!
//! # Invariants
//! - A [`HashTree`] exists only when every node of it hashes up to the root.
//! - A group that holds has the right bytes, place and length.

use blake3::hazmat::{ChainingValue, HasherExt as _, Mode, merge_subtrees_non_root, merge_subtrees_root};
use primitives::BuildHash;
use std::ops::Range;

/// Bytes that are judged together.
pub const GROUP: u64 = 16 * 1024;

/// Bytes of one node: the hashes of its two halves.
const NODE: usize = 64;

/// How many groups `size` bytes have; at least one.
pub fn groups(size: u64) -> u64 {
    size.div_ceil(GROUP).max(1)
}

/// A verified tree: the hash of every group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HashTree {
    root: BuildHash,
    size: u64,
    leaves: Vec<ChainingValue>,
}

impl HashTree {
    /// Reads an encoded tree; none when it is not the tree of `size` bytes that hash to `root`.
    ///
    /// It says how many groups there are and nothing about how long the last one is: where `size` is only somebody's word,
    /// it is proven by the last group's bytes ([`holds`](Self::holds)).
    pub fn verify(root: BuildHash, size: u64, mut encoded: &[u8]) -> Option<Self> {
        let groups = groups(size);
        // By what is there, not by what is said.
        let mut leaves = Vec::with_capacity(encoded.len() / NODE + 1);
        descend(groups, &root.0, true, &mut encoded, &mut leaves)?;
        encoded.is_empty().then_some(Self { root, size, leaves })
    }

    /// Bytes of the artifact.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// How many groups there are.
    pub fn groups(&self) -> u64 {
        self.leaves.len() as u64
    }

    /// The bytes of a group.
    pub fn bytes_of(&self, group: u64) -> Range<u64> {
        let start = group.saturating_mul(GROUP);
        start..start.saturating_add(GROUP).min(self.size)
    }

    /// Whether `bytes` are those of a group.
    pub fn holds(&self, group: u64, bytes: &[u8]) -> bool {
        let range = self.bytes_of(group);
        if bytes.len() as u64 != range.end.saturating_sub(range.start) {
            return false;
        }
        if self.leaves.len() == 1 {
            return blake3::hash(bytes) == self.root.0;
        }
        let Some(leaf) = usize::try_from(group).ok().and_then(|group| self.leaves.get(group)) else { return false };
        let mut hasher = blake3::Hasher::new();
        hasher.set_input_offset(range.start).update(bytes);
        hasher.finalize_non_root() == *leaf
    }
}

/// Checks the node over `groups` groups against the hash its parent has for it, then its halves, left first.
fn descend(
    groups: u64,
    expected: &ChainingValue,
    is_root: bool,
    rest: &mut &[u8],
    leaves: &mut Vec<ChainingValue>,
) -> Option<()> {
    if groups == 1 {
        leaves.push(*expected);
        return Some(());
    }
    let (node, after) = rest.split_at_checked(NODE)?;
    *rest = after;
    let (left, right) = node.split_at(NODE / 2);
    let (left, right): (ChainingValue, ChainingValue) = (left.try_into().ok()?, right.try_into().ok()?);
    let found = if is_root {
        *merge_subtrees_root(&left, &right, Mode::Hash).as_bytes()
    } else {
        merge_subtrees_non_root(&left, &right, Mode::Hash)
    };
    if found != *expected {
        return None;
    }
    let in_left = groups.next_power_of_two() / 2;
    descend(in_left, &left, false, rest, leaves)?;
    descend(groups - in_left, &right, false, rest, leaves)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bao_tree::BlockSize;
    use bao_tree::io::outboard::PreOrderMemOutboard;
    use builds::{BLOCK, tree_size};
    use proptest::prelude::*;

    fn bytes(size: usize) -> Vec<u8> {
        (0..size).map(|at| (at * 7 + at / 251) as u8).collect()
    }

    /// The root and the encoded tree as `bao-tree` makes them.
    fn encoded(data: &[u8]) -> (BuildHash, Vec<u8>) {
        let outboard = PreOrderMemOutboard::create(data, BLOCK);
        (BuildHash(*outboard.root.as_bytes()), outboard.data)
    }

    fn group(data: &[u8], tree: &HashTree, group: u64) -> Vec<u8> {
        let range = tree.bytes_of(group);
        data[range.start as usize..range.end as usize].to_vec()
    }

    #[test]
    fn the_tree_of_bao_is_read_at_every_boundary() {
        let group_bytes = GROUP as usize;
        for size in
            [1, 1023, 1024, group_bytes - 1, group_bytes, group_bytes + 1, 3 * group_bytes, 5 * group_bytes + 77]
        {
            let data = bytes(size);
            let (root, nodes) = encoded(&data);
            assert_eq!(root.0, *blake3::hash(&data).as_bytes());
            assert_eq!(nodes.len() as u64, tree_size(size as u64), "{size}");
            let tree = HashTree::verify(root, size as u64, &nodes).unwrap();
            for index in 0..tree.groups() {
                assert!(tree.holds(index, &group(&data, &tree, index)), "{size} {index}");
            }
        }
    }

    #[test]
    fn h08_a_tree_may_verify_for_another_number_of_groups_and_then_no_last_group_holds() {
        let data = bytes(4 * GROUP as usize);
        let (root, nodes) = encoded(&data);
        // The halves of the whole in place of its groups, and the halves of its groups.
        let halves = PreOrderMemOutboard::create(&data, BlockSize::from_chunk_log(3));
        for (said, nodes) in [(2 * GROUP, &nodes[..NODE]), (8 * GROUP, &halves.data[..])] {
            let tree = HashTree::verify(root, said, nodes).unwrap();
            let last = tree.groups() - 1;
            assert!(data.chunks(GROUP as usize).all(|bytes| !tree.holds(last, bytes)), "{said}");
        }
    }

    proptest! {
        #[test]
        fn h08_a_tree_leaves_the_length_of_the_last_group_open_and_the_bytes_of_that_group_do_not(
            size in 20_000usize..200_000, off in 1u64..100,
        ) {
            let data = bytes(size);
            let (root, nodes) = encoded(&data);
            let size = size as u64;
            for said in [size - off, size + off].into_iter().filter(|said| groups(*said) == groups(size)) {
                let tree = HashTree::verify(root, said, &nodes).unwrap();
                let last = tree.groups() - 1;
                let range = tree.bytes_of(last);
                let mut sent = data[range.start as usize..range.end.min(size) as usize].to_vec();
                sent.resize((range.end - range.start) as usize, 0);
                prop_assert!(!tree.holds(last, &sent), "{} said, {} right", said, size);
            }
        }

        #[test]
        fn t01_no_other_byte_no_other_place_and_no_other_length_holds(
            size in 1usize..200_000, at in any::<prop::sample::Index>(), flip in 1u8..,
        ) {
            let data = bytes(size);
            let (root, nodes) = encoded(&data);
            let tree = HashTree::verify(root, size as u64, &nodes).unwrap();
            let index = at.index(tree.groups() as usize) as u64;
            let good = group(&data, &tree, index);
            let mut bad = good.clone();
            let place = at.index(bad.len());
            bad[place] ^= flip;
            prop_assert!(!tree.holds(index, &bad));
            prop_assert!(!tree.holds(index, &good[1..]));
            prop_assert!(!tree.holds(index + 1, &good) || tree.groups() == 1 && index + 1 == 1);
        }

        #[test]
        fn t01_a_changed_a_short_and_a_long_tree_are_none(
            size in 20_000usize..300_000, at in any::<prop::sample::Index>(), flip in 1u8..,
        ) {
            let (root, nodes) = encoded(&bytes(size));
            let size = size as u64;
            let mut changed = nodes.clone();
            changed[at.index(nodes.len())] ^= flip;
            prop_assert_eq!(HashTree::verify(root, size, &changed), None);
            prop_assert_eq!(HashTree::verify(root, size, &nodes[..nodes.len() - 1]), None);
            prop_assert_eq!(HashTree::verify(root, size, &[&nodes[..], &[0]].concat()), None);
            prop_assert_eq!(HashTree::verify(root, size + GROUP, &nodes), None);
        }
    }
}
