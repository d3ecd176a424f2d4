//! A tree in memory: for genesis, tests, benches and simulators.

use super::{LeafNode, Node, TreeError, TreeUpdate, Version, update};
use crate::Writes;
use jmt::KeyHash;
use jmt::storage::{HasPreimage, NodeKey, TreeReader};
use primitives::StateRoot;
use std::collections::BTreeMap;

/// Every version of a tree, from genesis on.
#[derive(Debug, Clone, Default)]
pub struct MemoryTree {
    pub(super) nodes: BTreeMap<NodeKey, Node>,
    values: BTreeMap<(KeyHash, Version), Option<Vec<u8>>>,
    keys: BTreeMap<KeyHash, Vec<u8>>,
    next: Version,
}

impl MemoryTree {
    /// The height of the next commit; 0 for an empty tree.
    pub fn next_version(&self) -> Version {
        self.next
    }

    /// Stores the writes of the next block and returns its root.
    pub fn commit(&mut self, writes: &Writes) -> Result<StateRoot, TreeError> {
        let update = update(self, writes, self.next)?;
        let root = update.root;
        self.take(update, writes);
        Ok(root)
    }

    /// Stores an update that was computed from this tree, with the writes that it was computed from.
    pub fn take(&mut self, update: TreeUpdate, writes: &Writes) {
        for (hash, (key, value)) in update.key_hashes.into_iter().zip(writes) {
            self.values.insert((hash, update.version), value.clone());
            self.keys.insert(hash, key.clone());
        }
        self.nodes.extend(update.nodes);
        self.next = update.version.saturating_add(1);
    }

    /// Forgets every node that no height from `height` on uses.
    pub fn forget(&mut self, stale: impl IntoIterator<Item = NodeKey>) {
        for key in stale {
            self.nodes.remove(&key);
        }
    }
}

impl TreeReader for MemoryTree {
    fn get_node_option(&self, key: &NodeKey) -> anyhow::Result<Option<Node>> {
        Ok(self.nodes.get(key).cloned())
    }

    fn get_value_option(&self, max_version: Version, key: KeyHash) -> anyhow::Result<Option<Vec<u8>>> {
        let newest = self.values.range((key, 0)..=(key, max_version)).next_back();
        Ok(newest.and_then(|(_, value)| value.clone()))
    }

    fn get_rightmost_leaf(&self) -> anyhow::Result<Option<(NodeKey, LeafNode)>> {
        anyhow::bail!("only a tree that is being restored is asked for its rightmost leaf")
    }
}

impl HasPreimage for MemoryTree {
    fn preimage(&self, key: KeyHash) -> anyhow::Result<Option<Vec<u8>>> {
        Ok(self.keys.get(&key).cloned())
    }
}
