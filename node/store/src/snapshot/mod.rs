//! Snapshots: the state of one height in a file, from which a new node starts without replaying the chain before it.
//!
//! Nothing in the file is believed because it is there. The ends of epochs lead from the importing home's own genesis to the
//! validators of the snapshot's height ([`light::Anchor`]); their certificate vouches for the header; and the tree that is
//! rebuilt from the entries must have exactly the root that this header commits to. The hashes of all blocks before it, by which the new
//! node serves and continues the tree of blocks, must be those that genesis has and the ends of epochs name, and make the tree that the state
//! has. That state has to have the gate `reconstruction` on as well (ROLLOUTS 11). Until all that holds, nothing of it is where a node would
//! look.
//!
//! Where that tree stands still, because `recursive_proofs` is off or was until now, nobody vouches for the hashes beyond it in the middle
//! of epochs: whoever made the snapshot may have put others there. The import says so ([`Summary::vouched`]), and so does the health of the
//! node. Nothing is believed by them alone: when the chain takes the tree up, a node with a wrong one refuses the block that reaches it, and
//! has to be filled from another snapshot.
//!
//! # The file
//!
//! `the-block/snapshot\n`, the format's version (u32), and then chunks up to an end that says so. Numbers outside of chunks
//! are little-endian, contents are SCALE:
//!
//! | bytes | what                                                                       |
//! |-------|----------------------------------------------------------------------------|
//! | 1     | what the chunk is ([`format::Kind`])                                       |
//! | 4     | bytes of the content, at most 64 MiB, 16 MiB of entries or 4 MiB of hashes |
//! | 4     | bytes of the content as it is stored, compressed with Zstandard            |
//! | 32    | BLAKE3 of the nine bytes before and the stored content                     |
//! | n     | the stored content                                                         |
//!
//! In this order: one `About`; `EpochEnds` and `Hashes`, each from genesis on; the `Body` and the `Facts` of the block; `Entries` in the order of
//! the SHA-256 of their keys; one `End`.
//!
//! Version 1 had no hashes. It is refused: whoever started from it could neither serve the tree nor follow a chain that takes it up.
//!
//! # Invariants
//! - Memory is bounded by a few chunks, on both sides, however large the state is.
//! - The same state at the same height gives the same chunks, whichever node writes them, but for the certificates that it
//!   keeps.

mod error;
mod export;
mod format;
mod import;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;

pub use error::SnapshotError;
pub use export::export;
pub use format::{About, VERSION};
pub use import::{ImportTarget, import};

use primitives::{BlockHash, Height, StateRoot};
use serde::Serialize;

/// What was written or read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The height of the state.
    pub height: Height,
    /// The hash of its block.
    pub hash: BlockHash,
    /// The root of the state.
    pub state_root: StateRoot,
    /// The keys of the state.
    pub keys: u64,
    /// The ends of epochs that lead from genesis to it.
    pub epoch_ends: u64,
    /// The blocks in the tree that its state has. For the hashes of all blocks from this height to that of the state nobody vouches yet, but
    /// for those that ends of epochs name.
    pub vouched: u64,
}
