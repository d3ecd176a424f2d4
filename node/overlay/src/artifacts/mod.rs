//! Release artifacts between nodes: who has a build, and its bytes, by hash.
//!
//! One request-response protocol, `/the-block/{chain}/{genesis}/artifact/1`. An [`ArtifactAsk`] and its [`ArtifactAnswer`] are SCALE
//! behind their length (four bytes, little-endian); a length beyond the bound is refused before anything is read. A node
//! [`serves`](ServedArtifacts) what it holds, as far as chain state allows it, and no faster than its operator does.
//! [`PeerClient`] asks without being a node. Whoever reads verifies each 16 KiB against the tree and the tree against the hash:
//! a peer is never trusted.
//!
//! # Invariants
//! - The disk is never read on the swarm's task.
//! - What is asked at once, answered at once and sent in a second is bounded, for each peer and for all of them.
//! - Nothing is served that chain state neither lets run nor has under an open vote: nothing of a sealed release before its
//!   reveal (T17), nothing after its revocation.

mod client;
mod codec;
mod guests;
mod rate;
mod serve;
#[cfg(test)]
mod tests;

use builds::{ArtifactStore, Part};
use parity_scale_codec::{Decode, Encode};
use primitives::BuildHash;
use std::sync::Arc;

pub use client::{PeerClient, PeerReadError};
#[cfg(any(test, feature = "testing"))]
pub(super) use codec::frames;
pub(super) use codec::{ArtifactCodec, behaviour};
pub(super) use serve::{ANSWER_WITHIN, Serving};

/// Bytes of one read at most: 1 MiB.
pub const MOST_READ: u32 = 1 << 20;

/// What a peer is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum ArtifactAsk {
    /// Whether it has a build to give.
    Have {
        /// The build.
        hash: BuildHash,
    },
    /// Some bytes.
    Read {
        /// Of this build.
        hash: BuildHash,
        /// Of its tree or of the executable.
        part: Part,
        /// From this byte on.
        offset: u64,
        /// So many, 1 to [`MOST_READ`].
        length: u32,
    },
}

impl ArtifactAsk {
    /// The build it is about.
    pub fn hash(&self) -> &BuildHash {
        match self {
            ArtifactAsk::Have { hash } | ArtifactAsk::Read { hash, .. } => hash,
        }
    }
}

/// What it answers.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum ArtifactAnswer {
    /// It has the build.
    Held {
        /// Bytes of the executable.
        size: u64,
    },
    /// It does not have the build, or may not give it.
    NotHeld,
    /// The bytes, exactly as many as were asked for.
    Bytes(Vec<u8>),
    /// It gives as much as it may at the moment; ask another, or again shortly.
    Busy,
    /// The bytes are not within the part, or are more than one read may have.
    OutOfRange,
}

/// Says whether chain state lets a build be handed out. May read the disk.
pub type MayServe = Arc<dyn Fn(&BuildHash) -> bool + Send + Sync>;

/// What a node serves to its peers, and how much of it.
#[derive(Clone)]
pub struct ServedArtifacts {
    /// What it holds.
    pub store: ArtifactStore,
    /// What of that it may give.
    pub may_serve: MayServe,
    /// Bytes in a second to all peers together, at least [`MOST_READ`]; one peer gets half of it.
    pub max_bytes_per_second: u64,
}

impl std::fmt::Debug for ServedArtifacts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServedArtifacts").field("store", &self.store).finish_non_exhaustive()
    }
}
