//! What code that somebody else executes in a node reached of its home.

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Where an intruding release leaves its list, in a home: where any node may write.
pub const REPORT: &str = "run/intrusion.json";

/// Files and folders at which somebody tried to write.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intrusion {
    /// All of them.
    pub tried: BTreeSet<PathBuf>,
    /// Those that let it.
    pub reached: BTreeSet<PathBuf>,
}

impl Intrusion {
    /// Takes the list that the node of a home has left.
    ///
    /// # Errors
    /// When it has left none.
    pub fn take(home: &Path) -> anyhow::Result<Self> {
        let path = home.join(REPORT);
        let found = std::fs::read(&path).with_context(|| format!("nothing was left at {}", path.display()))?;
        std::fs::remove_file(&path)?;
        Ok(serde_json::from_slice(&found)?)
    }
}
