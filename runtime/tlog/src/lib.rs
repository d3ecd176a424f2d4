//! The tree of blocks as a transparency log: what its leaves are, how it grows, how something is proven of it, and what is signed of it.
//!
//! Leaf `i` says which block stands at height `i`, and so the tree's root says it of all of them (RFC 6962 over SHA-256). A chain keeps
//! only the [`Frontier`], from which the root follows and which is enough to append; who keeps all hashes proves that a leaf is in a tree
//! ([`Inclusion`]), and that one tree goes on where another stood ([`Consistency`]). What size and root a tree has is a [`Checkpoint`], a
//! text of three lines that the log and its witnesses sign (C2SP `tlog-checkpoint`, `tlog-cosignature`, `signed-note`). Hashes travel in
//! [`Tile`]s (C2SP `tlog-tiles`).
//!
//! ```
//! use primitives::{BlockHash, Height};
//! use tlog::{BlockLeaf, Frontier};
//! let mut frontier = Frontier::default();
//! let leaf = BlockLeaf { height: Height(0), block: BlockHash([7; 32]) };
//! frontier.append(leaf.hash());
//! assert_eq!((frontier.size(), frontier.root()), (1, leaf.hash()));
//! ```
//!
//! # Invariants
//! - The root of a frontier is that of RFC 6962 over all leaves that were appended, in order.
//! - No proof has more than 64 hashes, no note more than [`MOST_NOTE_BYTES`] bytes or [`MOST_NOTE_LINES`] signatures.
//! - A text that is read is the only one there is for what it says: printing it gives the same bytes.
//! - Nothing here keeps anything; hashes are asked of whoever does ([`Hashes`]).
#![cfg_attr(test, allow(clippy::restriction, reason = "a test may stop where it fails"))]

mod checkpoint;
mod frontier;
mod hash;
mod note;
mod proof;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
mod tile;
mod verifier;

pub use checkpoint::{Checkpoint, LogOrigin, cosigned_bytes, verify_cosignature};
pub use frontier::Frontier;
pub use hash::{BlockLeaf, empty_root, node_hash};
pub use note::{MOST_NOTE_BYTES, MOST_NOTE_LINES, Note, NoteError, NoteLine, is_key_name};
pub use proof::{Consistency, Hashes, Inclusion, prove_consistency, prove_inclusion, root_at};
pub use tile::{Tile, TileError, TileKind};
pub use verifier::{NoteAlgorithm, VerifierKey, note_key_id, vkey};
