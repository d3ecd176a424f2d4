//! What a block does to the tree.

use super::change::{Change, Grown, Now, Put};
use super::{EMPTY_ROOT, Nodes, TreeChild, TreeError, TreeNode, TreePlace, Version};
use crate::Writes;
use primitives::StateRoot;
use sha2::{Digest, Sha256};

/// The difference between the tree at a height and the tree at the height before.
#[derive(Debug, Clone)]
pub struct TreeUpdate {
    /// The height whose tree this makes.
    pub version: Version,
    /// The root at that height.
    pub root: StateRoot,
    /// The nodes that are new, all of this version; the root is among them.
    pub nodes: Vec<(TreePlace, TreeNode)>,
    /// The nodes that this version no longer uses, all of earlier versions; heights before this one still do.
    pub stale: Vec<TreePlace>,
    /// The SHA-256 of each written key, in the order of the writes.
    pub key_hashes: Vec<[u8; 32]>,
}

/// Computes the tree at `version` from the tree at the version before and the writes between them.
///
/// Version 0 starts from an empty tree. Removing a key that has no value changes nothing. Large blocks are worked on by
/// all threads of the current rayon pool; the result does not depend on how many there are.
pub fn update<R: Nodes>(reader: &R, writes: &Writes, version: Version) -> Result<TreeUpdate, TreeError> {
    let mut puts = Vec::with_capacity(writes.len());
    for (key, value) in writes {
        match value {
            _ if key.is_empty() => return Err(TreeError::EmptyKey),
            Some(value) if value.is_empty() => return Err(TreeError::EmptyValue(key.clone())),
            _ => {}
        }
        let value = value.as_ref().map(|value| Sha256::digest(value).into());
        puts.push(Put { key: Sha256::digest(key).into(), value });
    }
    let key_hashes = puts.iter().map(|put| put.key).collect();
    puts.sort_unstable_by_key(|put| put.key);

    let before = version.checked_sub(1).map(TreePlace::root);
    let root = match before {
        Some(before) => reader.node(&before)?.ok_or(TreeError::NoRoot(before.version))?,
        None => TreeNode::Null,
    };
    let mut grown = Grown::default();
    let now = Change { reader, version }.root(&root, &puts, &mut grown)?;
    grown.stale.extend(before);
    let (hash, lone) = match now {
        // A height without changes has a root of its own all the same.
        Now::Unchanged => (root.hash(), Some(root)),
        Now::Nothing => (EMPTY_ROOT.0, Some(TreeNode::Null)),
        Now::Child(TreeChild::Leaf { leaf, hash }) => (hash, Some(TreeNode::Leaf(leaf))),
        Now::Child(TreeChild::Branch { hash, .. }) => (hash, None),
    };
    grown.nodes.extend(lone.map(|node| (TreePlace::root(version), node)));
    Ok(TreeUpdate { version, root: StateRoot(hash), nodes: grown.nodes, stale: grown.stale, key_hashes })
}
