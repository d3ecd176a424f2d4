//! What a block does to the tree.

use super::{Node, TreeError, Version, insert, key_hash, node_hash, remove, root_key};
use crate::Writes;
use jmt::KeyHash;
use jmt::storage::{NodeKey, TreeReader};
use primitives::StateRoot;
use std::collections::{BTreeMap, BTreeSet};

/// The difference between the tree at a height and the tree at the height before.
#[derive(Debug, Clone)]
pub struct TreeUpdate {
    /// The height whose tree this makes.
    pub version: Version,
    /// The root at that height.
    pub root: StateRoot,
    /// The nodes that are new, all of this version; the root is among them.
    pub nodes: BTreeMap<NodeKey, Node>,
    /// The nodes that this version no longer uses, all of earlier versions; heights before this one still do.
    pub stale: BTreeSet<NodeKey>,
    /// The hash of each written key, in the order of the writes.
    pub key_hashes: Vec<KeyHash>,
}

/// Computes the tree at `version` from the tree at the version before and the writes between them.
///
/// Version 0 starts from an empty tree. Removing a key that has no value changes nothing. Large blocks are worked on by
/// all threads of the current rayon pool; the result does not depend on how many there are.
pub fn update<R: TreeReader + Sync>(reader: &R, writes: &Writes, version: Version) -> Result<TreeUpdate, TreeError> {
    let mut removals = Vec::new();
    let mut puts = Vec::new();
    let mut key_hashes = Vec::with_capacity(writes.len());
    for (key, value) in writes {
        let hash = key_hash(key);
        key_hashes.push(hash);
        match value {
            _ if key.is_empty() => return Err(TreeError::EmptyKey),
            Some(value) if value.is_empty() => return Err(TreeError::EmptyValue(key.clone())),
            Some(value) => puts.push((hash, value.clone())),
            None => removals.push(hash),
        }
    }
    // jmt takes a missing root for an empty tree, which would silently commit to nothing but this block.
    let before = version.checked_sub(1);
    if let Some(before) = before
        && reader.get_node_option(&root_key(before))?.is_none()
    {
        return Err(TreeError::NoRoot(before));
    }
    let mut draft = Draft { reader, version, nodes: BTreeMap::new(), stale: BTreeSet::new() };
    if !removals.is_empty() || puts.is_empty() {
        remove::pass(&mut draft, removals)?;
    }
    if !puts.is_empty() {
        insert::pass(&mut draft, puts)?;
    }
    // Where nothing changed, jmt copies the root to the new version without calling the old one stale.
    draft.stale.extend(before.map(root_key));
    let root = draft.nodes.get(&root_key(version)).ok_or(TreeError::NoRoot(version))?;
    Ok(TreeUpdate { version, root: StateRoot(node_hash(root)), nodes: draft.nodes, stale: draft.stale, key_hashes })
}

/// A version in the making: what has been computed so far, over what is stored.
///
/// jmt computes a version from the version before it. To take removals and insertions in two passes, a draft shows the
/// root that the first pass made where jmt looks for the previous one.
pub(super) struct Draft<'a, R> {
    pub reader: &'a R,
    pub version: Version,
    pub nodes: BTreeMap<NodeKey, Node>,
    pub stale: BTreeSet<NodeKey>,
}

impl<R: TreeReader> Draft<'_, R> {
    /// Takes the result of a pass: nodes of this version that it replaced were never stored, so they just go.
    pub fn take(&mut self, nodes: impl IntoIterator<Item = (NodeKey, Node)>, stale: impl IntoIterator<Item = NodeKey>) {
        for key in stale {
            if key.version() == self.version {
                self.nodes.remove(&key);
            } else {
                self.stale.insert(key);
            }
        }
        self.nodes.extend(nodes);
    }

    /// The root that the next pass starts from.
    pub fn root(&self) -> anyhow::Result<Option<Node>> {
        match (self.nodes.get(&root_key(self.version)), self.version.checked_sub(1)) {
            (Some(node), _) => Ok(Some(node.clone())),
            (None, Some(before)) => self.reader.get_node_option(&root_key(before)),
            (None, None) => Ok(None),
        }
    }
}

impl<R: TreeReader> TreeReader for Draft<'_, R> {
    fn get_node_option(&self, key: &NodeKey) -> anyhow::Result<Option<Node>> {
        if key.nibble_path().is_empty() && Some(key.version()) == self.version.checked_sub(1) {
            return self.root();
        }
        match self.nodes.get(key) {
            Some(node) => Ok(Some(node.clone())),
            None => self.reader.get_node_option(key),
        }
    }

    fn get_value_option(&self, max_version: Version, key: KeyHash) -> anyhow::Result<Option<Vec<u8>>> {
        self.reader.get_value_option(max_version, key)
    }

    fn get_rightmost_leaf(&self) -> anyhow::Result<Option<(NodeKey, super::LeafNode)>> {
        self.reader.get_rightmost_leaf()
    }
}
