//! The release artifacts this node holds: executables by hash, each with its hash tree, in one folder of bounded size.
//!
//! [`ArtifactStore::hold`] takes a file in when it has the hash that is asked for: it copies and hashes it in one pass and
//! gives it its name when everything is on disk. `{hash}.bin` is the executable, `{hash}.bin.obao4` its [tree](BLOCK), which
//! lets a reader verify every 16 KiB by itself; both are what the overlay serves to other nodes. [`retention`] says what goes
//! when the folder is full. Several processes may use one folder: whoever changes something holds the lock file meanwhile.
//!
//! ```
//! use builds::{ArtifactStore, Part};
//!
//! # let dir = tempfile::tempdir()?;
//! # let file = dir.path().join("the-block");
//! # std::fs::write(&file, b"an executable")?;
//! let store = ArtifactStore::open(&dir.path().join("artifacts"))?;
//! let hash = primitives::BuildHash(*blake3::hash(b"an executable").as_bytes());
//! store.hold(&file, &hash)?;
//! assert_eq!(store.read(&hash, Part::Data, 3, 10)?, b"executable");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Invariants
//! - A name stands for the bytes it says: nothing else is ever written under it, and it appears when its bytes are on disk.
//! - Nothing is taken in beyond the disk budget, and nothing pinned is removed to make room.
//! - Memory does not grow with the size of an artifact.

mod error;
mod files;
mod hold;
mod pins;
mod read;
pub mod retention;
pub mod standing;
#[cfg(test)]
mod tests;
mod tree;

use host::config;
use parity_scale_codec::{Decode, Encode};
use primitives::{BuildHash, Timestamp};
use retention::StageOnChain;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use error::ArtifactError;
pub use tree::{BLOCK, tree_size, write_tree};

/// Artifacts pinned at most.
pub const MOST_PINS: usize = 1024;

/// Bytes of a pin's reason at most.
pub const MOST_REASON_BYTES: usize = 256;

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArtifactBounds {
    /// Bytes of all artifacts and their trees.
    pub disk_budget_bytes: u64,
    /// Activated artifacts; older ones go, unless they are pinned.
    pub keep_activated: usize,
}

impl ArtifactBounds {
    /// What an operator has set.
    pub fn of(config: &config::ArtifactsSection) -> Self {
        let keep_activated = usize::try_from(config.keep_activated).unwrap_or(usize::MAX);
        Self { disk_budget_bytes: config.disk_budget_bytes, keep_activated }
    }
}

impl Default for ArtifactBounds {
    /// 8 GiB and the last 30.
    fn default() -> Self {
        Self { disk_budget_bytes: 8 << 30, keep_activated: 30 }
    }
}

/// One of the two files of an artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
pub enum Part {
    /// The hash tree.
    Tree,
    /// The executable.
    Data,
}

/// An artifact that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The build.
    pub hash: BuildHash,
    /// Bytes of the executable.
    pub size: u64,
    /// When it was taken in.
    pub since: Timestamp,
    /// Why it is pinned, when it is.
    pub pinned: Option<String>,
}

/// Says where the chain has a build.
pub type StageOf = Arc<dyn Fn(&BuildHash) -> StageOnChain + Send + Sync>;

/// The artifacts in a folder. Clones are the same store.
#[derive(Clone)]
pub struct ArtifactStore {
    dir: PathBuf,
    bounds: ArtifactBounds,
    stage_of: StageOf,
}

impl ArtifactStore {
    /// The same store with other bounds.
    pub fn bounded(self, bounds: ArtifactBounds) -> Self {
        Self { bounds, ..self }
    }

    /// The same store, which asks the chain what is worth keeping. Without it, what was taken in first goes first.
    pub fn judged_by(self, stage_of: StageOf) -> Self {
        Self { stage_of, ..self }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.dir
    }

    /// Where a part of an artifact is, whether it is there or not.
    pub fn path_of(&self, hash: &BuildHash, part: Part) -> PathBuf {
        let name = match part {
            Part::Data => format!("{hash}.bin"),
            Part::Tree => format!("{hash}.bin.obao4"),
        };
        self.dir.join(name)
    }
}

/// The build whose digits a name begins with, as [`ArtifactStore::path_of`] writes them; none for any other spelling, to which no
/// path here leads.
fn named(digits: &str) -> Option<BuildHash> {
    digits.parse().ok().filter(|hash: &BuildHash| hash.to_string() == digits)
}

impl std::fmt::Debug for ArtifactStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ArtifactStore").field("dir", &self.dir).field("bounds", &self.bounds).finish_non_exhaustive()
    }
}
