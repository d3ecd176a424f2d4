//! What a future came to.

use super::power::Reached;
use serde::Serialize;

/// What a future came to.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// How many nodes there were.
    pub nodes: u64,
    /// When how many of the nodes ran the release, or one after it, and had proven it.
    pub of_nodes: Reached,
    /// When validators with how much of the stake did.
    pub of_stake: Reached,
    /// The most power that changed to a release at one time, in thousandths of all.
    pub most_changing_permille: u64,
    /// The most power that changed to a release at one time, or had one on trial that was not well, in thousandths of all.
    pub most_upgrading_permille: u64,
    /// The most power that was away at one time, for whatever reason, in thousandths of all.
    pub most_away_permille: u64,
    /// What each mirror sent, in bytes.
    pub bytes_of_mirrors: Vec<u64>,
    /// Whether the release was bad.
    pub is_bad: bool,
    /// Whether a build was revoked, or was to be.
    pub is_revoked: bool,
    /// Whether so much of the power was away in the end that no block was decided any more: because nodes came to stand still, or
    /// because they tried a build again and again that does not come up.
    pub network_stopped: bool,
    /// What else was counted.
    pub counts: Counts,
    /// The same without the first mirror, where that was played.
    pub without_first: Option<Without>,
}

/// What is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// What nodes sent to each other, in bytes.
    pub from_peers: u64,
    /// How often a source was given up because it was too slow.
    pub too_slow: u64,
    /// How many tries to fetch failed.
    pub tries_failed: u64,
    /// How often a node held a release back for what others said of it.
    pub held_back: u64,
    /// How often a node went back to the build before.
    pub rolled_back: u64,
    /// How many nodes came to stand still.
    pub safe_mode: u64,
    /// How many machines went down within an installation.
    pub crashed: u64,
    /// How long no block was decided because too much power was away, in seconds.
    pub stalled_s: u64,
    /// The longest time of that in one piece, in seconds.
    pub longest_stall_s: u64,
}

/// What a future comes to without the first mirror.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Without {
    /// When how many of the nodes ran the release.
    pub of_nodes: Reached,
    /// When validators with how much of the stake did.
    pub of_stake: Reached,
}

impl Outcome {
    /// Of a future that broke a law before it began.
    pub(super) fn none(nodes: usize) -> Self {
        Self {
            nodes: nodes as u64,
            of_nodes: Reached::default(),
            of_stake: Reached::default(),
            most_changing_permille: 0,
            most_upgrading_permille: 0,
            most_away_permille: 0,
            bytes_of_mirrors: Vec::new(),
            is_bad: false,
            is_revoked: false,
            network_stopped: false,
            counts: Counts::default(),
            without_first: None,
        }
    }

    /// The part that is compared.
    pub(super) fn part(&self) -> Without {
        Without { of_nodes: self.of_nodes, of_stake: self.of_stake }
    }

    /// Whether nothing kept the release from spreading but the way there.
    pub(super) fn is_plain(&self) -> bool {
        !self.is_bad && !self.is_revoked
    }
}
