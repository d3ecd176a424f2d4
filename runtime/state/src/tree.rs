//! The state root: a Jellyfish Merkle tree over the SHA-256 of every key, by the `jmt` crate.
//!
//! A tree version is a block height: [`update`] turns the writes of a block into the [`TreeUpdate`] that takes the tree
//! from the height before to that block's, without storing anything; [`prove`] answers what a key was at a height, in the
//! ICS-23 format, as a [`StateProof`].
//!
//! ```
//! use state::tree::{MemoryTree, prove};
//! let mut tree = MemoryTree::default();
//! let root = tree.commit(&[(b"example/age".to_vec(), Some(vec![42]))].into())?;
//! prove(&tree, b"example/age", 0)?.verify(root)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Invariants
//! - The root is a function of the entries alone: not of the order of writes, the history, or the number of threads.
//! - Every height has a root node of its own, also when its block writes nothing.
//! - Keys and values are not empty: ICS-23 cannot prove anything about an empty key or value, or beside one.

mod branch;
mod form;
mod insert;
mod memory;
mod remove;
mod update;

pub use form::{node_bytes, node_from_bytes, node_key_bytes};
pub use memory::MemoryTree;
pub use update::{TreeUpdate, update};

use crate::StateProof;
use jmt::storage::{HasPreimage, NibblePath, NodeKey, TreeReader};
use jmt::{KeyHash, Sha256Jmt};
use primitives::StateRoot;
use prost::Message;
use sha2::{Digest, Sha256};

/// What jmt's nodes, keys and readers are called, so that a store needs no other name for them.
pub use jmt::storage::{LeafNode, Node};
pub use jmt::{Version, storage};

/// Why the tree cannot answer.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// A block writes an empty key.
    #[error("a block writes an empty key; ICS-23 cannot prove anything beside it")]
    EmptyKey,
    /// A block writes an empty value.
    #[error("the value of key {} is empty; ICS-23 cannot prove it, write at least one byte", printable(.0))]
    EmptyValue(Vec<u8>),
    /// The tree has no root at a height.
    #[error("the state tree has no root at height {0}: that height was pruned, or is not committed yet")]
    NoRoot(Version),
    /// Absence cannot be proved in an empty tree.
    #[error("the state tree at height {0} is empty, so there is no neighbour that would prove a key's absence")]
    Empty(Version),
    /// The store failed, or holds a tree that does not fit together.
    #[error("the state tree cannot be read: {0:#}")]
    Read(#[from] anyhow::Error),
    /// A node does not have the form that jmt gives it.
    #[error("a node of the state tree does not decode: {0}")]
    Node(#[from] std::io::Error),
}

/// A key as text where it is text, with the rest escaped: for messages.
pub fn printable(key: &[u8]) -> String {
    format!("\"{}\"", key.escape_ascii())
}

/// Where a key stands in the tree: its SHA-256.
pub fn key_hash(key: &[u8]) -> KeyHash {
    KeyHash(Sha256::digest(key).into())
}

/// The key of the root node at a height.
pub fn root_key(version: Version) -> NodeKey {
    NodeKey::new(version, NibblePath::from_iter(std::iter::empty()))
}

/// The leaf that commits to a key and its value.
pub fn leaf(key: &[u8], value: &[u8]) -> LeafNode {
    LeafNode::new(key_hash(key), jmt::ValueHash(Sha256::digest(value).into()))
}

/// The hash of a node, as its parent (or the header, for the root) names it.
pub fn node_hash(node: &Node) -> [u8; 32] {
    match node {
        Node::Null => EMPTY_ROOT.0,
        Node::Internal(branch) => branch.hash::<Sha256>(),
        Node::Leaf(leaf) => leaf.hash::<Sha256>(),
    }
}

/// The root of a state without entries.
pub const EMPTY_ROOT: StateRoot = StateRoot(Sha256Jmt::<'static, MemoryTree>::EMPTY_ROOT.0);

/// The root at a height.
pub fn root<R: TreeReader>(reader: &R, version: Version) -> Result<StateRoot, TreeError> {
    let node = reader.get_node_option(&root_key(version))?.ok_or(TreeError::NoRoot(version))?;
    Ok(StateRoot(node_hash(&node)))
}

/// Proves what `key` was after the block at `version`: its value, or that it had none.
pub fn prove<R: TreeReader + HasPreimage>(reader: &R, key: &[u8], version: Version) -> Result<StateProof, TreeError> {
    match reader.get_node_option(&root_key(version))? {
        None => return Err(TreeError::NoRoot(version)),
        Some(Node::Null) => return Err(TreeError::Empty(version)),
        Some(_) if key.is_empty() => return Err(TreeError::EmptyKey),
        Some(_) => {}
    }
    let (value, proof) = Sha256Jmt::new(reader).get_with_ics23_proof(key.to_vec(), version)?;
    Ok(StateProof { key: key.to_vec(), value, proof: proof.encode_to_vec() })
}

#[cfg(test)]
mod tests;
