//! A tree in memory: for genesis, tests, benches and simulators.

use super::{Nodes, StateEntry, TreeError, TreeHistory, TreeNode, TreePlace, TreeUpdate, Version, update};
use crate::Writes;
use primitives::StateRoot;
use std::collections::BTreeMap;

/// Every version of a tree, from genesis on.
#[derive(Debug, Clone, Default)]
pub struct MemoryTree {
    pub(super) nodes: BTreeMap<TreePlace, TreeNode>,
    entries: BTreeMap<([u8; 32], Version), Option<StateEntry>>,
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
            let entry = value.clone().map(|value| (key.clone(), value));
            self.entries.insert((hash, update.version), entry);
        }
        self.nodes.extend(update.nodes);
        self.next = update.version.saturating_add(1);
    }

    /// Forgets nodes.
    pub fn forget(&mut self, stale: impl IntoIterator<Item = TreePlace>) {
        for place in stale {
            self.nodes.remove(&place);
        }
    }
}

impl Nodes for MemoryTree {
    fn node(&self, place: &TreePlace) -> Result<Option<TreeNode>, TreeError> {
        Ok(self.nodes.get(place).cloned())
    }
}

impl TreeHistory for MemoryTree {
    fn entry(&self, key_hash: &[u8; 32], version: Version) -> Result<Option<StateEntry>, TreeError> {
        let newest = self.entries.range((*key_hash, 0)..=(*key_hash, version)).next_back();
        Ok(newest.and_then(|(_, entry)| entry.clone()))
    }
}
