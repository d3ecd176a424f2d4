//! Proofs, which jmt makes: it is shown the tree of one height as it would have stored it.

use super::{Branch, Leaf, Nodes, TreeChild, TreeError, TreeHistory, TreeNode, TreePath, TreePlace, Version};
use crate::StateProof;
use borsh::BorshSerialize;
use jmt::storage::{HasPreimage, LeafNode, NodeKey, TreeReader};
use jmt::{KeyHash, Sha256Jmt, ValueHash};
use prost::Message;
use sha2::Sha256;

/// Proves what `key` was after the block at `version`: its value, or that it had none.
pub fn prove<R: TreeHistory>(reader: &R, key: &[u8], version: Version) -> Result<StateProof, TreeError> {
    if key.is_empty() {
        return Err(TreeError::EmptyKey);
    }
    let root = reader.node(&TreePlace::root(version))?.ok_or(TreeError::NoRoot(version))?;
    if root == TreeNode::Null {
        return Err(TreeError::Empty(version));
    }
    let view = At { reader, version, key };
    let (value, proof) = Sha256Jmt::new(&view).get_with_ics23_proof(key.to_vec(), version).map_err(TreeError::of)?;
    Ok(StateProof { key: key.to_vec(), value, proof: proof.encode_to_vec() })
}

/// The node at a path of a height, as jmt has it. A node's name says the height whose block wrote it; here that is left
/// out, for every node is asked for as part of the same tree.
pub(super) fn as_jmt<R: Nodes>(
    reader: &R,
    version: Version,
    path: impl Iterator<Item = u8>,
) -> Result<Option<jmt::storage::Node>, TreeError> {
    let mut at = TreePath::ROOT;
    let mut node = reader.node(&TreePlace::root(version))?;
    for way in path {
        let Some(TreeNode::Branch(branch)) = &node else { return Ok(None) };
        at = at.child(way);
        node = match branch.child(way) {
            None => None,
            Some(TreeChild::Leaf { leaf, .. }) => Some(TreeNode::Leaf(*leaf)),
            Some(TreeChild::Branch { version, .. }) => reader.node(&TreePlace { version: *version, path: at })?,
        };
    }
    Ok(match node {
        None => None,
        Some(TreeNode::Null) => Some(jmt::storage::Node::Null),
        Some(TreeNode::Leaf(Leaf { key, value })) => {
            Some(jmt::storage::Node::Leaf(LeafNode::new(KeyHash(key), ValueHash(value))))
        }
        Some(TreeNode::Branch(branch)) => Some(jmt::storage::Node::Internal(borsh::from_slice(&jmt_form(&branch)?)?)),
    })
}

/// jmt's branches have no public constructor; this is their encoding.
fn jmt_form(branch: &Branch) -> std::io::Result<Vec<u8>> {
    #[derive(BorshSerialize)]
    struct Form {
        children: [Option<FormChild>; 16],
        count: u64,
        leaves: u64,
    }
    #[derive(BorshSerialize)]
    struct FormChild {
        hash: [u8; 32],
        version: Version,
        kind: Kind,
    }
    #[derive(BorshSerialize)]
    enum Kind {
        Leaf,
        Internal { leaves: u64 },
    }
    let mut form = Form { children: Default::default(), count: 0, leaves: branch.leaves() };
    for (way, child) in branch.children() {
        let kind = match child {
            TreeChild::Leaf { .. } => Kind::Leaf,
            TreeChild::Branch { leaves, .. } => Kind::Internal { leaves: *leaves },
        };
        if let Some(slot) = form.children.get_mut(usize::from(way)) {
            *slot = Some(FormChild { hash: *child.hash(), version: 0, kind });
        }
        form.count = form.count.saturating_add(1);
    }
    borsh::to_vec(&form)
}

/// A tree at a height, as jmt reads it.
struct At<'a, R> {
    reader: &'a R,
    version: Version,
    /// The key that is proved.
    key: &'a [u8],
}

impl<R: TreeHistory> TreeReader for At<'_, R> {
    fn get_node_option(&self, key: &NodeKey) -> anyhow::Result<Option<jmt::storage::Node>> {
        Ok(as_jmt(self.reader, self.version, key.nibble_path().nibbles().map(u8::from))?)
    }

    fn get_value_option(&self, max_version: Version, key: KeyHash) -> anyhow::Result<Option<Vec<u8>>> {
        if key == KeyHash::with::<Sha256>(self.key) {
            return Ok(self.reader.value(self.key, max_version)?);
        }
        Ok(self.reader.entry(&key.0, max_version)?.map(|(_, value)| value))
    }

    fn get_rightmost_leaf(&self) -> anyhow::Result<Option<(NodeKey, LeafNode)>> {
        anyhow::bail!("only a tree that is being restored is asked for its rightmost leaf")
    }
}

impl<R: TreeHistory> HasPreimage for At<'_, R> {
    fn preimage(&self, key: KeyHash) -> anyhow::Result<Option<Vec<u8>>> {
        Ok(self.reader.entry(&key.0, self.version)?.map(|(key, _)| key))
    }
}
