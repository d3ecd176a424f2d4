//! What the newest block says about releases: what a supervisor has proven to it, once for all nodes that see the block.

use super::setting::Setting;
use super::votes::Votes;
use light::FailedStake;
use primitives::{BuildHash, Epoch, Height, Timestamp};
use releases::queries::{self, Verdict};
use releases::{ApprovedRelease, MinimumSequence, Target};
use rollout::newest;
use state::State;
use std::time::Duration;
use update::Approval;

/// What the newest block says.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// Its number.
    pub height: Height,
    /// Its time.
    pub time: Timestamp,
    /// The epoch of the block after it, in which what is started runs.
    pub epoch: Epoch,
    /// The least that may run.
    pub minimum: MinimumSequence,
    /// What is known of each build, by its number.
    pub builds: Vec<Known>,
}

/// What is known of a build.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// Its hash.
    pub hash: BuildHash,
    /// Its record; none as long as it is not approved.
    pub release: Option<ApprovedRelease>,
    /// Whether it may run.
    pub verdict: Verdict,
    /// On how much of the stake it failed.
    pub failed: FailedStake,
    /// The number of the release that is looked for by who runs it.
    pub next: Option<usize>,
}

impl View {
    /// By the newest block of a chain, about builds in the order of their numbers.
    pub fn of(votes: &Votes, setting: &Setting, builds: &[BuildHash]) -> Self {
        let (height, time) = (votes.chain.height(), votes.chain.time());
        let epoch = height.next().epoch(votes.chain.epoch_length());
        let (minimum, known) = votes.chain.ask(|state| {
            let minimum = queries::minimum_sequence(state);
            let known: Vec<Known> = builds.iter().map(|hash| Known::of(state, *hash, &minimum, epoch)).collect();
            (minimum, known)
        });
        let mut view = Self { height, time, epoch, minimum, builds: known };
        let next: Vec<Option<usize>> = (0..builds.len()).map(|running| view.newest(running, setting)).collect();
        for (known, next) in view.builds.iter_mut().zip(next) {
            known.next = next;
        }
        view
    }

    fn newest(&self, running: usize, setting: &Setting) -> Option<usize> {
        let running = self.builds[running].release.as_ref().map_or(0, |release| release.sequence);
        let all = self.builds.iter().filter_map(|known| known.release.clone());
        let found = newest(all, running, |target: &Target| target.platform == setting.platform)?;
        self.builds.iter().position(|known| known.hash == found.build_hash)
    }

    /// What is proven about a build.
    pub fn approval(&self, build: usize) -> Approval {
        Approval {
            release: self.builds[build].release.clone(),
            minimum_sequence: self.minimum.clone(),
            epoch: self.epoch,
            time: self.time,
            unchanged_for: Duration::ZERO,
        }
    }

    /// Whether a build may run.
    pub fn lets_run(&self, build: usize) -> bool {
        self.builds[build].verdict == Verdict::Approved
    }

    /// The exit code of the boot check of a build that may not run: as the boot check of nodes has them.
    pub fn exit_code(&self, build: usize) -> u8 {
        match self.builds[build].verdict {
            Verdict::Approved => 0,
            Verdict::NotApproved => 10,
            Verdict::Revoked { .. } | Verdict::BelowMinimumSequence { .. } | Verdict::EndOfSupport { .. } => 11,
        }
    }

    /// Whether a build is to stop, and has not yet.
    pub fn a_stop_is_to_come(&self) -> bool {
        let stops = |known: &Known| known.release.as_ref().and_then(|release| release.stop(&self.minimum));
        self.builds.iter().filter_map(stops).any(|stop| self.epoch < stop.epoch)
    }
}

impl Known {
    fn of(state: &State<'_>, hash: BuildHash, minimum: &MinimumSequence, epoch: Epoch) -> Self {
        let release = queries::release(state, &hash);
        let verdict = queries::verdict(release.as_ref(), minimum, epoch);
        let said = queries::uptake(state, &hash, epoch);
        let failed = FailedStake { failed: said.failed_stake, total: said.total_stake };
        Self { hash, release, verdict, failed, next: None }
    }
}

/// All builds of a future, by number: the one of genesis, and each release.
pub(super) fn builds(genesis_build: BuildHash, releases: usize) -> Vec<BuildHash> {
    std::iter::once(genesis_build).chain((1..=releases).map(super::votes::build_hash)).collect()
}
