//! What an update tells while it goes on.

use primitives::{BuildHash, Digest};
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;

/// One thing that happened; a line of JSON each with `--json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum FetchProgress {
    /// Fetching begins.
    Started {
        /// The release.
        hash: BuildHash,
        /// Its size in bytes.
        size: u64,
        /// Where it is fetched from.
        sources: Vec<String>,
        /// Verified bytes of an earlier try.
        resumed: u64,
    },
    /// More of it is there and verified.
    Advanced {
        /// Verified bytes so far.
        bytes: u64,
        /// All of them.
        size: u64,
    },
    /// A source was given up.
    SourceFailed {
        /// Which.
        source: String,
        /// What it did, in a word.
        code: &'static str,
        /// What it did, in a sentence.
        reason: String,
    },
    /// No source has the hash tree, so that the file is judged as a whole when it is there.
    WithoutTree,
    /// It is there, whole and verified.
    Fetched {
        /// The release.
        hash: BuildHash,
        /// The SHA-256.
        sha256: Digest,
        /// The size in bytes.
        size: u64,
        /// Where it lies.
        path: PathBuf,
    },
    /// A step of the installation is done.
    Installed {
        /// The release.
        hash: BuildHash,
        /// Which of the two slots it is in.
        slot: char,
    },
}

/// Whom it is told; called from several threads.
pub type Tell = Arc<dyn Fn(FetchProgress) + Send + Sync>;

/// Tells nobody.
pub fn silent() -> Tell {
    Arc::new(|_| {})
}
