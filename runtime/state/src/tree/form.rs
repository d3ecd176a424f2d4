//! How nodes and their keys are written to a store.

use super::{Node, TreeError};
use jmt::storage::NodeKey;

/// The key of a node as bytes: version, number of nibbles, nibbles two to a byte. Later versions sort after earlier ones,
/// so that a store appends.
pub fn node_key_bytes(key: &NodeKey) -> Vec<u8> {
    let path = key.nibble_path();
    let mut out = Vec::with_capacity(16);
    out.extend_from_slice(&key.version().to_be_bytes());
    out.push(u8::try_from(path.num_nibbles()).unwrap_or(u8::MAX));
    let mut nibbles = path.nibbles().map(u8::from);
    while let Some(high) = nibbles.next() {
        out.push((high << 4) | nibbles.next().unwrap_or(0));
    }
    out
}

/// A node as bytes, in jmt's own encoding.
pub fn node_bytes(node: &Node) -> Result<Vec<u8>, TreeError> {
    Ok(borsh::to_vec(node)?)
}

/// The node that bytes stand for.
pub fn node_from_bytes(bytes: &[u8]) -> Result<Node, TreeError> {
    Ok(borsh::from_slice(bytes)?)
}
