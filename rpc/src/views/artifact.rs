//! The release artifacts on a node's disk.

use primitives::{BuildHash, Epoch, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An artifact that a node holds, or that is pinned for when it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Artifact {
    /// The build.
    pub hash: BuildHash,
    /// Bytes of the executable; none when it is pinned but not held.
    pub size: Option<u64>,
    /// When the node took it in; none when it is not held.
    pub held_since: Option<Timestamp>,
    /// Why it is kept on purpose; none when it is not pinned.
    pub pinned: Option<String>,
    /// The epoch of its activation; none when the chain has not activated it.
    pub activated_epoch: Option<Epoch>,
    /// Whether peers are given it now.
    pub served: bool,
}

/// An artifact that is kept until it is unpinned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pinned {
    /// The build.
    pub hash: BuildHash,
    /// Why.
    pub reason: String,
    /// Whether the node holds it; it is kept also when it comes later.
    pub held: bool,
}

/// An artifact that is kept on purpose no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unpinned {
    /// The build.
    pub hash: BuildHash,
    /// Whether it was pinned.
    pub was_pinned: bool,
}
