//! How far a build has come on the nodes of the network.

use crate::MAX_INSTALL_TIMES;
use parity_scale_codec::{Decode, Encode};
use primitives::{Amount, ChainPosition, Epoch, List, Text, Timestamp};
use serde::{Deserialize, Serialize};

/// Why a build did not stay on a node, at most 256 bytes.
pub type StageReason = Text<256>;

/// How far a build has come on one node, in that node's own words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum InstallStage {
    /// Its bytes are verified and lie beside the build that runs.
    Staged,
    /// It was started and passed the boot check.
    #[default]
    Booted,
    /// It runs and stayed healthy for as long as the node's operator asks.
    Healthy,
    /// It was started, did not stay healthy, and another build took its place again.
    RolledBack {
        /// What was wrong.
        reason: StageReason,
    },
    /// It cannot run here; it will not be tried again.
    Unusable {
        /// What is wrong.
        reason: StageReason,
    },
    /// It was started and passed the boot check, and something is wrong with what started it, such as a supervisor that nobody
    /// approved (T29).
    BootedUnsafely {
        /// What is wrong.
        reason: StageReason,
    },
    /// Its bytes are verified and lie among the artifacts that the node gives to others. The one stage that is said of a build
    /// before it is approved.
    Held,
}

/// The name of a stage, without its reason.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize, primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StageName {
    /// Verified and ready.
    Staged,
    /// Started.
    Booted,
    /// Started, and healthy since.
    Healthy,
    /// Started, and taken back.
    RolledBack,
    /// Given up.
    Unusable,
    /// Verified, and given to others.
    Held,
}

/// The latest stage that a node reported about a build.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StageReport {
    /// The node's number among those that spoke of the build, from 1, in the order of their first words.
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub number: u64,
    /// The stage.
    pub stage: InstallStage,
    /// When it was reported.
    pub at: ChainPosition,
    /// Every stage that was reported in the epoch of `at`, so that each is reported once an epoch.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<StageName>", length(max = 6)))]
    pub in_epoch: List<StageName, 6>,
}

/// How many nodes stand at each stage of a build: at the latest that they reported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StageNodes {
    /// Verified, and given to others.
    pub held: u64,
    /// Verified and ready.
    pub staged: u64,
    /// Started.
    pub booted: u64,
    /// Started, and healthy since.
    pub healthy: u64,
    /// Started, and taken back.
    pub rolled_back: u64,
    /// Given up.
    pub unusable: u64,
}

/// The installs of one build on all nodes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
pub struct Installs {
    /// How many there were: by node, the epochs that saw one.
    pub count: u64,
    /// The times of the latest ones, the earliest first.
    pub latest: List<Timestamp, MAX_INSTALL_TIMES>,
}

/// How many nodes, and how much of the validators' stake, are at a stage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StageCount {
    /// Nodes whose latest report it is.
    pub nodes: u64,
    /// The power of those among them that are validators.
    pub stake: Amount,
}

/// A build across the network, each node counted at the latest stage it reported.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Uptake {
    /// Verified, and given to others.
    pub held: StageCount,
    /// Verified and ready.
    pub staged: StageCount,
    /// Started.
    pub booted: StageCount,
    /// Started, and healthy since.
    pub healthy: StageCount,
    /// Started, and taken back.
    pub rolled_back: StageCount,
    /// Given up.
    pub unusable: StageCount,
    /// The stake on which the build failed: taken back or given up (T20).
    pub failed_stake: Amount,
    /// The power of all validators, those without a report included.
    pub total_stake: Amount,
}

impl InstallStage {
    /// Its name.
    pub fn name(&self) -> StageName {
        match self {
            InstallStage::Staged => StageName::Staged,
            InstallStage::Booted | InstallStage::BootedUnsafely { .. } => StageName::Booted,
            InstallStage::Healthy => StageName::Healthy,
            InstallStage::RolledBack { .. } => StageName::RolledBack,
            InstallStage::Unusable { .. } => StageName::Unusable,
            InstallStage::Held => StageName::Held,
        }
    }

    /// What went wrong, when something did.
    pub fn reason(&self) -> Option<&StageReason> {
        match self {
            InstallStage::RolledBack { reason }
            | InstallStage::Unusable { reason }
            | InstallStage::BootedUnsafely { reason } => Some(reason),
            InstallStage::Staged | InstallStage::Booted | InstallStage::Healthy | InstallStage::Held => None,
        }
    }
}

impl StageName {
    /// Whether the build failed there.
    pub fn is_failure(self) -> bool {
        matches!(self, StageName::RolledBack | StageName::Unusable)
    }

    /// Whether the node runs the build.
    pub fn is_running(self) -> bool {
        matches!(self, StageName::Booted | StageName::Healthy)
    }
}

impl std::fmt::Display for StageName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            StageName::Staged => "staged",
            StageName::Booted => "booted",
            StageName::Healthy => "healthy",
            StageName::RolledBack => "rolled back",
            StageName::Unusable => "unusable",
            StageName::Held => "held",
        })
    }
}

impl StageReport {
    /// What the node of a number says after what it said earlier, if it did.
    pub fn after(earlier: Option<Self>, number: u64, stage: InstallStage, at: ChainPosition) -> Self {
        let same_epoch = earlier.filter(|report| report.at.epoch == at.epoch);
        let mut names = same_epoch.map(|report| report.in_epoch.into_inner()).unwrap_or_default();
        names.retain(|name| *name != stage.name());
        names.push(stage.name());
        Self { number, stage, at, in_epoch: List::truncate_from(names) }
    }

    /// Whether this stage was reported in an epoch already.
    pub fn has(&self, stage: StageName, epoch: Epoch) -> bool {
        self.at.epoch == epoch && self.in_epoch.contains(&stage)
    }
}

impl StageNodes {
    /// With one node at a stage that stood elsewhere before, or nowhere.
    pub fn moved(mut self, before: Option<StageName>, now: StageName) -> Self {
        if let Some(before) = before {
            let nodes = self.at(before);
            *nodes = nodes.saturating_sub(1);
        }
        let nodes = self.at(now);
        *nodes = nodes.saturating_add(1);
        self
    }

    fn at(&mut self, stage: StageName) -> &mut u64 {
        match stage {
            StageName::Held => &mut self.held,
            StageName::Staged => &mut self.staged,
            StageName::Booted => &mut self.booted,
            StageName::Healthy => &mut self.healthy,
            StageName::RolledBack => &mut self.rolled_back,
            StageName::Unusable => &mut self.unusable,
        }
    }
}

impl Installs {
    /// Counts one more, which is the latest.
    pub fn add(&mut self, at: Timestamp) {
        self.count = self.count.saturating_add(1);
        let mut times = std::mem::take(&mut self.latest).into_inner();
        times.push(at);
        times.drain(..times.len().saturating_sub(MAX_INSTALL_TIMES as usize));
        self.latest = List::truncate_from(times);
    }
}

impl Uptake {
    /// So many nodes at their stages, and validators where each stands with the power it has, out of the power of all.
    pub fn over(
        nodes: &StageNodes,
        total_stake: Amount,
        validators: impl IntoIterator<Item = (StageName, Amount)>,
    ) -> Self {
        let at = |nodes| StageCount { nodes, stake: Amount::ZERO };
        let mut uptake = Self {
            held: at(nodes.held),
            staged: at(nodes.staged),
            booted: at(nodes.booted),
            healthy: at(nodes.healthy),
            rolled_back: at(nodes.rolled_back),
            unusable: at(nodes.unusable),
            failed_stake: Amount::ZERO,
            total_stake,
        };
        validators.into_iter().for_each(|(stage, stake)| uptake.weigh(stage, stake));
        uptake
    }

    /// Adds the stake of a validator to that of a stage.
    fn weigh(&mut self, stage: StageName, stake: Amount) {
        let counted = match stage {
            StageName::Held => &mut self.held,
            StageName::Staged => &mut self.staged,
            StageName::Booted => &mut self.booted,
            StageName::Healthy => &mut self.healthy,
            StageName::RolledBack => &mut self.rolled_back,
            StageName::Unusable => &mut self.unusable,
        };
        counted.stake = counted.stake.saturating_add(stake);
        if stage.is_failure() {
            self.failed_stake = self.failed_stake.saturating_add(stake);
        }
    }

    /// Every stage with its count, in the order a build goes through them.
    pub fn stages(&self) -> [(StageName, StageCount); 6] {
        [
            (StageName::Held, self.held),
            (StageName::Staged, self.staged),
            (StageName::Booted, self.booted),
            (StageName::Healthy, self.healthy),
            (StageName::RolledBack, self.rolled_back),
            (StageName::Unusable, self.unusable),
        ]
    }
}
