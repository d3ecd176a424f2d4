//! What was installed here, what is being tried, and what failed: one small file, replaced as a whole.
//!
//! Together with the `current` link it says at every moment what is to be done. The link decides what runs; the journal is
//! written before and after it moves, so whichever of the two a crash leaves behind, [`Journal::open`] knows which side of the
//! move it was.

use super::disk::{Disk, replace};
use super::error::UpdateError;
use super::layout::{Releases, Slot};
use primitives::{BuildHash, Timestamp};
use releases::InstallStage;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The format.
const VERSION: u32 = 1;
/// Failures that are remembered, the oldest being forgotten, and reports that wait.
const MOST_BAD: usize = 64;

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journal {
    version: u32,
    /// The highest release number that was ever installed here (T2). It is written before the link moves.
    pub highest_sequence: u64,
    /// What is under way.
    pub step: Step,
    /// What was installed into each slot. Nothing else that lies there is executed, and nothing of a slot that is left out.
    #[serde(default)]
    slots: BTreeMap<Slot, BuildHash>,
    /// Builds that failed here, the oldest first.
    pub bad: Vec<Bad>,
    /// The release that was held back here last.
    #[serde(default)]
    held_back: Option<HeldBack>,
    /// What is still to be said on chain about builds, the oldest first.
    #[serde(default)]
    pub reports: Vec<PendingReport>,
}

/// A release that is not changed to because too many say that it failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeldBack {
    /// The build.
    hash: BuildHash,
    /// The block time when it was first held back, in milliseconds since 1970.
    since: Timestamp,
}

/// Something to be said on chain about a build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PendingReport {
    /// The build.
    pub hash: BuildHash,
    /// How far it came.
    pub stage: InstallStage,
}

/// What is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Nothing: what runs has proven itself, or nothing was ever installed.
    Settled,
    /// The link is about to move.
    Switching {
        /// From here; none for the first installation.
        from: Option<Slot>,
        /// To here.
        to: Slot,
        /// The build there.
        hash: BuildHash,
        /// The build that is given up by it; none when what is switched to is new, and has to prove itself.
        #[serde(default)]
        gives_up: Option<BuildHash>,
    },
    /// A new build runs and has not proven itself.
    Trying {
        /// Where it is.
        slot: Slot,
        /// What it is.
        hash: BuildHash,
        /// The build to go back to; it is not overwritten meanwhile.
        from: Option<Slot>,
        /// How often it failed by its own doing.
        attempts: u32,
    },
}

/// A build that failed here and is not tried again by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bad {
    /// The build.
    pub hash: BuildHash,
    /// How it failed.
    pub reason: String,
    /// When, in milliseconds since 1970.
    pub at: Timestamp,
}

impl Default for Journal {
    fn default() -> Self {
        Self {
            version: VERSION,
            highest_sequence: 0,
            step: Step::Settled,
            slots: BTreeMap::new(),
            bad: Vec::new(),
            held_back: None,
            reports: Vec::new(),
        }
    }
}

impl Journal {
    /// The journal as it stands, a move that a crash interrupted taken for done or not done by where the link points.
    ///
    /// # Errors
    /// When it is damaged, or cannot be read.
    pub fn open(releases: &Releases) -> Result<Self, UpdateError> {
        let path = releases.journal();
        let damaged = |why: String| UpdateError::Damaged { path: path.clone(), why };
        let bytes = files::if_there(std::fs::read(&path)).map_err(UpdateError::disk("read", &path))?;
        let Some(bytes) = bytes else { return Ok(Self::default()) };
        let mut journal: Self = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if journal.version != VERSION {
            return Err(damaged(format!("version {} is not known here", journal.version)));
        }
        if matches!(journal.step, Step::Switching { .. }) {
            journal.resolve(releases.live());
        }
        Ok(journal)
    }

    /// Takes in where the link leads: the move that was under way, if any, is done or not.
    pub fn resolve(&mut self, live: Option<Slot>) {
        let Step::Switching { from, to, hash, gives_up } = self.step else { return };
        self.step = match (live == Some(to), gives_up, from) {
            // The first installation has nothing to go back to and nothing to prove itself against, but it is tried all the same.
            (true, None, from) => Step::Trying { slot: to, hash, from, attempts: 0 },
            // The way back was not taken yet: it still has to be, whatever the attempts were.
            (false, Some(failed), Some(from)) => {
                Step::Trying { slot: from, hash: failed, from: Some(to), attempts: u32::MAX }
            }
            _ => Step::Settled,
        };
    }

    /// Takes in that the build on trial failed by its own doing; gives how often it did, and none when nothing is on trial.
    pub fn count_attempt(&mut self) -> Option<u32> {
        let Step::Trying { attempts, .. } = &mut self.step else { return None };
        *attempts = attempts.saturating_add(1);
        Some(*attempts)
    }

    /// Takes in that the build on trial has proven itself; gives which that is, and none when nothing is on trial.
    pub fn settle(&mut self) -> Option<BuildHash> {
        let Step::Trying { hash, .. } = self.step else { return None };
        self.step = Step::Settled;
        Some(hash)
    }

    /// Takes in that a release is changed to: nothing older is installed by itself from now on (T2), and that it failed here is forgotten.
    pub fn change_to(&mut self, hash: &BuildHash, sequence: u64) {
        self.highest_sequence = self.highest_sequence.max(sequence);
        self.forgive(hash);
    }

    /// Writes it, in one step.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn save(&self, releases: &Releases, disk: &dyn Disk) -> Result<(), UpdateError> {
        let path = releases.journal();
        let mut text = serde_json::to_vec_pretty(self).unwrap_or_default();
        text.push(b'\n');
        replace(disk, &path, &text).map_err(UpdateError::disk("write", &path))
    }

    /// What was installed into a slot, as far as is known.
    pub fn recorded(&self, slot: Slot) -> Option<BuildHash> {
        self.slots.get(&slot).copied()
    }

    /// Remembers what was installed into a slot.
    pub fn record(&mut self, slot: Slot, hash: BuildHash) {
        self.slots.insert(slot, hash);
    }

    /// Whether it says that something lies in a slot, or did.
    pub(super) fn is_about_slots(&self) -> bool {
        !self.slots.is_empty() || self.step != Step::Settled || self.highest_sequence > 0
    }

    /// How a build failed here, if it did.
    pub fn badness(&self, hash: &BuildHash) -> Option<&Bad> {
        self.bad.iter().find(|bad| bad.hash == *hash)
    }

    /// Remembers that a build failed.
    pub fn mark_bad(&mut self, hash: BuildHash, reason: &str, at: Timestamp) {
        self.bad.retain(|bad| bad.hash != hash);
        if self.bad.len() >= MOST_BAD {
            self.bad.remove(0);
        }
        self.bad.push(Bad { hash, reason: reason.into(), at });
    }

    /// The block time since which a release is held back here, if it is or was.
    pub fn held_back(&self, hash: &BuildHash) -> Option<Timestamp> {
        self.held_back.as_ref().filter(|held| held.hash == *hash).map(|held| held.since)
    }

    /// Remembers that a release is held back from a block time on, so that a restart does not make it longer.
    pub fn hold_back(&mut self, hash: BuildHash, since: Timestamp) {
        if self.held_back(&hash).is_none() {
            self.held_back = Some(HeldBack { hash, since });
        }
    }

    /// Has something said on chain; what waits already is not said twice.
    pub fn report(&mut self, hash: BuildHash, stage: InstallStage) {
        let report = PendingReport { hash, stage };
        if !self.reports.contains(&report) && self.reports.len() < MOST_BAD {
            self.reports.push(report);
        }
    }

    /// Forgets that it did.
    fn forgive(&mut self, hash: &BuildHash) {
        self.bad.retain(|bad| bad.hash != *hash);
    }
}
