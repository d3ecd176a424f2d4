//! Proofs, which jmt makes: it is shown the tree of one height as it would have stored it.

use super::{Branch, Leaf, Nodes, TreeChild, TreeError, TreeHistory, TreeNode, TreePath, TreePlace, Version};
use crate::StateProof;
use borsh::BorshSerialize;
use jmt::storage::{HasPreimage, LeafNode, Node, NodeKey, TreeReader};
use jmt::{KeyHash, Sha256Jmt, ValueHash};
use prost::Message;
use sha2::{Digest as _, Sha256};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Proves what `key` was after the block at `version`: its value, or that it had none.
pub fn prove<R: TreeHistory>(reader: &R, key: &[u8], version: Version) -> Result<StateProof, TreeError> {
    if key.is_empty() {
        return Err(TreeError::EmptyKey);
    }
    let shown = Shown::of(reader, version, key);
    match shown.node(TreePlace::root(version))? {
        None => return Err(TreeError::NoRoot(version)),
        Some(Node::Null) => return Err(TreeError::Empty(version)),
        Some(Node::Internal(_) | Node::Leaf(_)) => {}
    }
    let proved = Sha256Jmt::new(&shown).get_with_ics23_proof(key.to_vec(), version);
    if let Some(error) = shown.failed.take() {
        return Err(error);
    }
    let (value, proof) = proved.map_err(TreeError::of)?;
    Ok(StateProof { key: key.to_vec(), value, proof: proof.encode_to_vec() })
}

/// The tree of a height as jmt would have stored it, for one proof.
pub(super) struct Shown<'a, R> {
    reader: &'a R,
    version: Version,
    /// The key that is proved.
    key: &'a [u8],
    /// What was read so far, a few nodes at every depth: jmt goes down from the root for each part of a proof.
    seen: RefCell<BTreeMap<TreePath, Node>>,
    /// Why the first node that could not be read was not. jmt panics where a neighbour of a branch cannot, or where a way ends at nothing that
    /// was to end at a leaf, so from then on it is shown one leaf that is none wherever it looks; what it makes of that counts for nothing.
    failed: RefCell<Option<TreeError>>,
}

/// How many nibbles a key's hash has: a branch stands above the last of them.
const DEEPEST: u8 = 64;

/// What stands for a node that cannot be read.
const UNREAD: Leaf = Leaf { key: [0; 32], value: [0; 32] };

impl<'a, R: Nodes> Shown<'a, R> {
    pub(super) fn of(reader: &'a R, version: Version, key: &'a [u8]) -> Self {
        Self { reader, version, key, seen: RefCell::default(), failed: RefCell::default() }
    }

    /// A node, read once. A leaf is seen with its branch, from which alone jmt knows that it is there.
    fn node(&self, place: TreePlace) -> Result<Option<Node>, TreeError> {
        if let Some(node) = self.seen.borrow().get(&place.path) {
            return Ok(Some(node.clone()));
        }
        let Some(node) = self.reader.node(&place)? else { return Ok(None) };
        let mut seen = self.seen.borrow_mut();
        let node = match node {
            TreeNode::Null | TreeNode::Leaf(_) if place.path != TreePath::ROOT => return Ok(None),
            TreeNode::Null => Node::Null,
            TreeNode::Leaf(leaf) => jmt_leaf(leaf),
            TreeNode::Branch(branch) if !may_stand(&branch, place.path) => return Ok(None),
            TreeNode::Branch(branch) => {
                for (way, child) in branch.children() {
                    if let TreeChild::Leaf { leaf, .. } = child {
                        seen.insert(place.path.child(way), jmt_leaf(*leaf));
                    }
                }
                Node::Internal(borsh::from_slice(&jmt_form(&branch)?)?)
            }
        };
        seen.insert(place.path, node.clone());
        Ok(Some(node))
    }

    /// The value, if it is what the leaf of its key commits to.
    fn committed(&self, key: KeyHash, value: Vec<u8>) -> Result<Vec<u8>, TreeError> {
        let due = Node::Leaf(LeafNode::new(key, ValueHash(Sha256::digest(&value).into())));
        let is_leaf = |node: &&Node| matches!(node, Node::Leaf(leaf) if leaf.key_hash() == key);
        match self.seen.borrow().values().find(is_leaf) {
            Some(leaf) if *leaf != due => Err(TreeError::Value(key.0)),
            _ => Ok(value),
        }
    }
}

/// Whether a branch leads anywhere, and to leaves whose keys begin with the way to them: jmt panics where it does not find a leaf again by its
/// key.
fn may_stand(branch: &Branch, path: TreePath) -> bool {
    path.depth() < DEEPEST
        && branch.only_child() != Err(0)
        && branch.children().all(|(way, child)| match child {
            TreeChild::Leaf { leaf, .. } => path.child(way).leads_to(&leaf.key),
            TreeChild::Branch { .. } => true,
        })
}

fn jmt_leaf(leaf: Leaf) -> Node {
    Node::Leaf(LeafNode::new(KeyHash(leaf.key), ValueHash(leaf.value)))
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
        let (version, kind) = match child {
            // The height that wrote a leaf is not kept, for nothing is found by it.
            TreeChild::Leaf { .. } => (0, Kind::Leaf),
            TreeChild::Branch { version, leaves, .. } => (*version, Kind::Internal { leaves: *leaves }),
        };
        if let Some(slot) = form.children.get_mut(usize::from(way)) {
            *slot = Some(FormChild { hash: *child.hash(), version, kind });
        }
        form.count = form.count.saturating_add(1);
    }
    borsh::to_vec(&form)
}

impl<R: TreeHistory> TreeReader for Shown<'_, R> {
    fn get_node_option(&self, key: &NodeKey) -> anyhow::Result<Option<Node>> {
        if self.failed.borrow().is_some() {
            return Ok(Some(jmt_leaf(UNREAD)));
        }
        let path = key.nibble_path().nibbles().fold(TreePath::ROOT, |path, way| path.child(way.into()));
        let place = TreePlace { version: key.version(), path };
        match self.node(place).and_then(|node| node.ok_or(TreeError::Missing(place))) {
            Ok(node) => Ok(Some(node)),
            Err(error) => {
                self.failed.replace(Some(error));
                Ok(Some(jmt_leaf(UNREAD)))
            }
        }
    }

    fn get_value_option(&self, max_version: Version, key: KeyHash) -> anyhow::Result<Option<Vec<u8>>> {
        let value = if key == KeyHash::with::<Sha256>(self.key) {
            self.reader.value(self.key, max_version)?
        } else {
            self.reader.entry(&key.0, max_version)?.map(|(_, value)| value)
        };
        Ok(value.map(|value| self.committed(key, value)).transpose()?)
    }

    fn get_rightmost_leaf(&self) -> anyhow::Result<Option<(NodeKey, LeafNode)>> {
        anyhow::bail!("only a tree that is being restored is asked for its rightmost leaf")
    }
}

impl<R: TreeHistory> HasPreimage for Shown<'_, R> {
    fn preimage(&self, key: KeyHash) -> anyhow::Result<Option<Vec<u8>>> {
        Ok(self.reader.entry(&key.0, self.version)?.map(|(key, _)| key))
    }
}
