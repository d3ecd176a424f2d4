//! How releases are fetched, and whether this node changes to them by itself.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How releases are fetched and when they may be installed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UpdateSection {
    /// Mirrors, before which `TB_RELEASE_SOURCE_URL` goes.
    pub sources: Vec<String>,
    /// Whether peers of the overlay are asked too.
    pub peers: bool,
    /// The least that a source must send, in bytes a second.
    pub min_bytes_per_second: u64,
    /// Over how many seconds that is measured.
    pub pace_window_s: u64,
    /// The most bytes of an artifact, where chain state names no size.
    pub max_artifact_bytes: u64,
    /// How old the newest proven block may be when something is installed, in minutes.
    pub max_head_age_minutes: u64,
}

/// The least that a source must send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Bytes a second, on average over a window. The whole transfer is bounded by it too: size divided by this.
    pub least: u64,
    /// The window.
    pub window: Duration,
}

/// What `the-block supervise` does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SuperviseSection {
    /// Whether it changes to an approved release by itself; otherwise it fetches it and says so.
    pub switch: bool,
    /// How long a new build has to prove itself, in seconds.
    pub health_window_s: u64,
    /// How often a build fails by its own doing before it is given up.
    pub max_attempts: u32,
    /// Seconds from one group of validators that change to the next; each group has less than a third of the power. The same at all
    /// validators, for each counts the groups by its own.
    pub wave_s: u64,
    /// The share of stake on which a release failed at which this node waits before it changes to it, in percent.
    pub pause_at_failed_percent: u32,
    /// How long it waits for that at most, in seconds of block time; then its own trial decides.
    pub most_hold_s: u64,
    /// The user that the node runs as, by name, `UID` or `UID:GID`; empty when the one that supervises runs it too.
    pub node_user: String,
}

impl Default for UpdateSection {
    fn default() -> Self {
        Self {
            sources: Vec::new(),
            peers: true,
            min_bytes_per_second: 64 << 10,
            pace_window_s: 10,
            max_artifact_bytes: 4 << 30,
            max_head_age_minutes: 120,
        }
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self { least: 64 << 10, window: Duration::from_secs(10) }
    }
}

impl Default for SuperviseSection {
    fn default() -> Self {
        Self {
            switch: false,
            health_window_s: 120,
            max_attempts: 3,
            wave_s: 60,
            pause_at_failed_percent: 34,
            most_hold_s: 24 * 3600,
            node_user: String::new(),
        }
    }
}

impl UpdateSection {
    /// How slow a source may be.
    pub fn pace(&self) -> Pace {
        Pace { least: self.min_bytes_per_second, window: Duration::from_secs(self.pace_window_s) }
    }

    /// How old the newest proven block may be.
    pub fn most_age(&self) -> Duration {
        Duration::from_secs(self.max_head_age_minutes.saturating_mul(60))
    }
}
