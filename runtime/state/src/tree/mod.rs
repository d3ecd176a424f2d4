//! The state root: a Jellyfish Merkle tree over the SHA-256 of every key, as the `jmt` crate defines it.
//!
//! A tree version is a block height: [`update`] turns the writes of a block into the [`TreeUpdate`] that takes the tree
//! from the height before to that block's, without storing anything; [`prove`] answers what a key was at a height, in the
//! ICS-23 format, as a [`StateProof`](crate::StateProof).
//!
//! jmt makes the proofs, and is what the tests compare every root with. It could also write the tree, one key after the
//! other; here a block is written at once, each branch once, with its leaves in it (`node/benches/commit.rs` measures it).
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

mod change;
mod memory;
mod node;
mod place;
mod proving;
mod update;

pub use memory::MemoryTree;
pub use node::{Branch, Hash, Leaf, TreeChild, TreeNode};
pub use place::{TreePath, TreePlace, nibble};
pub use proving::prove;
pub use update::{TreeUpdate, update};

use crate::StateEntry;
use primitives::StateRoot;
use sha2::{Digest, Sha256};

/// A version of the tree: the height of the block that made it.
pub type Version = u64;

/// The root of a state without entries.
pub const EMPTY_ROOT: StateRoot = StateRoot(*b"SPARSE_MERKLE_PLACEHOLDER_HASH__");

/// Where the nodes of committed versions are.
pub trait Nodes: Sync {
    /// A node; `None` when there is none of that name.
    fn node(&self, place: &TreePlace) -> Result<Option<TreeNode>, TreeError>;
}

/// Nodes, and what their leaves stand for.
pub trait TreeHistory: Nodes {
    /// The key with this SHA-256 and its value after the block at `version`; `None` when it had none.
    fn entry(&self, key_hash: &[u8; 32], version: Version) -> Result<Option<StateEntry>, TreeError>;

    /// The value of a key after the block at `version`; `None` when it had none.
    fn value(&self, key: &[u8], version: Version) -> Result<Option<Vec<u8>>, TreeError> {
        Ok(self.entry(&Sha256::digest(key).into(), version)?.map(|(_, value)| value))
    }
}

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
    /// A node that another one leads to is not there, or is one that cannot stand there.
    #[error("the state tree lacks the node at path \"{:?}\" that block {} wrote", .0.path, .0.version)]
    Missing(TreePlace),
    /// A value is another one than the leaf of its key commits to.
    #[error("the state gives the key with SHA-256 {} a value that the state tree does not commit to", hex::encode(.0))]
    Value([u8; 32]),
    /// jmt does not read its own form.
    #[error("jmt does not read a node of the state tree: {0}")]
    Node(#[from] std::io::Error),
    /// The store failed.
    #[error("the state tree cannot be read: {0}")]
    Read(Box<dyn std::error::Error + Send + Sync>),
}

impl TreeError {
    /// What jmt reports: our own error where it came from our reader.
    fn of(error: anyhow::Error) -> Self {
        error.downcast().unwrap_or_else(|error| Self::Read(error.into()))
    }
}

/// A key as text where it is text, with the rest escaped: for messages.
pub fn printable(key: &[u8]) -> String {
    format!("\"{}\"", key.escape_ascii())
}

/// The root at a height.
pub fn root<R: Nodes>(reader: &R, version: Version) -> Result<StateRoot, TreeError> {
    let node = reader.node(&TreePlace::root(version))?.ok_or(TreeError::NoRoot(version))?;
    Ok(StateRoot(node.hash()))
}

#[cfg(test)]
mod tests;
