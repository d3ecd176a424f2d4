//! Approved builds with what happened to them since.

use crate::views::{DecisionStatus, NodeStage, PageOf, PageRange, RebuildView, rebuilds, stages};
use primitives::{AccountId, BuildHash, Epoch, PublicKey, Timestamp};
use releases::queries::{self, Verdict, minimum_sequence, receipts, rollout, stop, verdict};
use releases::{Departure, MinimumSequence, Receipt, Rollout, RosterRecord, Severity, Standing};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use state::{State, corrupt};

/// Who signs releases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReleaseSigners {
    /// The keys that sign now: the roster's without those that have left it.
    #[schemars(length(max = releases::MAX_SIGNERS))]
    pub signers: Vec<PublicKey>,
    /// The roster's keys that have left it by their own word, also those that sign until the next epoch.
    #[schemars(length(max = releases::MAX_SIGNERS))]
    pub left: Vec<Departure>,
    /// The threshold of the latest activated release; the roster's before the first.
    pub threshold: u32,
    /// The least threshold a release can have: the roster's.
    pub required: u32,
    /// The roster's version.
    #[schemars(range(min = 1))]
    pub roster: u64,
}

impl ReleaseSigners {
    /// Who signs in an epoch by a roster, when the latest release needed so many signatures.
    pub fn new(record: RosterRecord, threshold: u32, now: Epoch) -> Self {
        Self {
            signers: record.signing(now).into_inner(),
            left: record.left.into_inner(),
            threshold,
            required: record.roster.threshold,
            roster: record.roster.version,
        }
    }

    /// The keys that go on signing: without those that leave with the next epoch.
    pub fn staying(&self) -> Vec<PublicKey> {
        let stays = |key: &&PublicKey| !self.left.iter().any(|left| left.signer == **key);
        self.signers.iter().filter(stays).copied().collect()
    }
}

/// An approved build with its standing, its signatures judged, and its installs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ApprovedRelease")]
pub struct ReleaseView {
    /// The build.
    #[serde(flatten)]
    pub release: releases::ApprovedRelease,
    /// Its standing as a word.
    pub status: DecisionStatus,
    /// Whether it may run now, and why not.
    pub verdict: Verdict,
    /// Whose signatures counted when it passed.
    #[schemars(length(max = releases::MAX_SIGNERS))]
    pub attested_signers: Vec<PublicKey>,
    /// Whether they were at least the threshold.
    pub quorum_met: bool,
    /// The installs on record: of each node the first and the latest, the earliest first, in milliseconds since 1970.
    pub install_times: Vec<Timestamp>,
    /// How many installs there were: by node, the epochs that saw one.
    pub install_count: u64,
    /// The latest install, in milliseconds since 1970; null before the first.
    pub last_install_ts: Option<Timestamp>,
}

impl ReleaseView {
    /// A build as it stands in epoch `now`, under a minimum sequence, with the receipts of its installs in any order.
    pub fn new(
        release: releases::ApprovedRelease,
        receipts: &[Receipt],
        minimum: &MinimumSequence,
        now: Epoch,
    ) -> Self {
        let (install_times, install_count) = Self::installs(receipts);
        let attested_signers: Vec<PublicKey> =
            release.signatures.iter().map(|attestation| attestation.signer).collect();
        Self {
            status: DecisionStatus::of_release(&release, now),
            verdict: verdict(Some(&release), minimum, now),
            quorum_met: attested_signers.len() >= release.signature_threshold as usize,
            attested_signers,
            install_count,
            last_install_ts: install_times.last().copied(),
            install_times,
            release,
        }
    }

    /// [`install_times`](Self::install_times) and [`install_count`](Self::install_count) of a build with these receipts.
    pub fn installs(receipts: &[Receipt]) -> (Vec<Timestamp>, u64) {
        let mut times: Vec<Timestamp> = receipts.iter().flat_map(Receipt::times).collect();
        times.sort_unstable();
        (times, receipts.iter().map(|receipt| receipt.count).sum())
    }
}

/// An approved build with the node of each install, and how far the network has come with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReleaseDetail {
    /// The build.
    #[serde(flatten)]
    pub release: ReleaseView,
    /// Which node booted it, and when.
    pub installs: Vec<Install>,
    /// How many nodes, and how much of the stake of this epoch's validators, stand at each stage.
    pub rollout: Rollout,
    /// Where each node stands, the latest report first; [`MOST_STAGES`](crate::views::MOST_STAGES) at most.
    #[schemars(length(max = crate::views::MOST_STAGES))]
    pub stages: Vec<NodeStage>,
    /// How many say that they built the same bytes from source.
    pub rebuild_count: u64,
    /// Who does, the first ones first; [`MOST_REBUILDS`](crate::views::MOST_REBUILDS) at most.
    #[schemars(length(max = crate::views::MOST_REBUILDS))]
    pub rebuilds: Vec<RebuildView>,
}

/// The installs of a build on one node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Install {
    /// The node's account.
    pub node: AccountId,
    /// First, latest, and how many.
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// Whether to go on running a build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReleaseAdvice {
    /// The build.
    pub build_hash: BuildHash,
    /// What to do, in a word.
    pub status: Advice,
    /// Whether it may run now, and why not.
    pub verdict: Verdict,
    /// The most urgent of the releases that came after it; null when there is none.
    pub severity: Option<Severity>,
    /// The first epoch in which no node runs it, as far as is decided; null when none is.
    pub must_upgrade_by_epoch: Option<Epoch>,
    /// The build to run instead, for the same platform; null when it is the latest, and of a build that was never approved, whose
    /// platform nobody named.
    pub upgrade_to: Option<BuildHash>,
}

/// What to do about a build, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    /// It is the latest; stay.
    Current,
    /// A later one is active; upgrade when it suits.
    Upgrade,
    /// It may not run from an epoch that is decided; upgrade before.
    MustUpgrade,
    /// It was never approved.
    NotApproved,
}

/// Which approved builds are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryFilter {
    /// Only of this proposer.
    pub proposer: Option<AccountId>,
    /// Only activated in this epoch or later.
    pub start_epoch: Option<Epoch>,
    /// Only activated in this epoch or earlier.
    pub end_epoch: Option<Epoch>,
}

impl HistoryFilter {
    /// Of all releases in the order of their numbers, those in the epochs asked for. Numbers are given at activation, so the
    /// two ends are found by bisection, and of releases on other pages only the hashes are read.
    fn within(
        &self,
        mut releases: Vec<Vec<BuildHash>>,
        read: impl Fn(&BuildHash) -> releases::ApprovedRelease,
    ) -> Vec<Vec<BuildHash>> {
        let epoch = |builds: &Vec<BuildHash>| builds.first().map(|hash| read(hash).activated_epoch).unwrap_or_default();
        if let Some(end) = self.end_epoch {
            releases.truncate(releases.partition_point(|builds| epoch(builds) <= end));
        }
        if let Some(start) = self.start_epoch {
            releases.drain(..releases.partition_point(|builds| epoch(builds) < start));
        }
        releases
    }
}

pub(crate) fn signers(state: &State, now: Epoch) -> ReleaseSigners {
    ReleaseSigners::new(queries::roster_record(state), queries::applied_threshold(state), now)
}

/// Every roster there ever was, the latest first.
pub(crate) fn rosters(state: &State, range: PageRange) -> PageOf<RosterRecord> {
    let mut all: Vec<RosterRecord> = releases::queries::rosters(state).collect();
    all.reverse();
    range.cut(all, |record| record)
}

/// The approved builds of a state whose newest block is of epoch `now`, the latest release first.
pub fn release_history(state: &State, now: Epoch, filter: &HistoryFilter, range: PageRange) -> PageOf<ReleaseView> {
    let read = |hash: &BuildHash| {
        let release = queries::release(state, hash);
        release.unwrap_or_else(|| corrupt(&format!("build {hash} is missing")))
    };
    let releases = filter.within(queries::builds(state).collect(), read);
    let builds = releases.iter().rev().flatten();
    let by_proposer = |hash: &&BuildHash| filter.proposer.is_none_or(|who| read(hash).proposer == Some(who));
    range.cut(builds.filter(by_proposer).collect(), |hash| approved(state, now, read(hash)))
}

/// One build of a state whose newest block is of epoch `now`; `None` when it was never approved.
pub fn release_detail(state: &State, now: Epoch, hash: &BuildHash) -> Option<ReleaseDetail> {
    let release = approved(state, now, queries::release(state, hash)?);
    let installs = receipts(state, hash).map(|(node, receipt)| Install { node, receipt }).collect();
    let (rebuild_count, rebuilds) = rebuilds(state, hash);
    let (rollout, stages) = (rollout(state, hash, now), stages(state, hash));
    Some(ReleaseDetail { release, installs, rollout, stages, rebuild_count, rebuilds })
}

fn approved(state: &State, now: Epoch, release: releases::ApprovedRelease) -> ReleaseView {
    let receipts: Vec<Receipt> = receipts(state, &release.build_hash).map(|(_, receipt)| receipt).collect();
    ReleaseView::new(release, &receipts, &minimum_sequence(state), now)
}

pub(crate) fn advice(state: &State, now: Epoch, build_hash: BuildHash) -> ReleaseAdvice {
    let release = queries::release(state, &build_hash);
    let verdict = verdict(release.as_ref(), &minimum_sequence(state), now);
    let upgrade_to = release.as_ref().and_then(|release| successor(state, release));
    let stop = stop(state, &build_hash);
    let status = match (&release, &stop, upgrade_to) {
        (None, _, _) => Advice::NotApproved,
        (_, Some(_), _) => Advice::MustUpgrade,
        (_, None, None) => Advice::Current,
        (_, None, Some(_)) => Advice::Upgrade,
    };
    ReleaseAdvice {
        build_hash,
        status,
        verdict,
        severity: release.as_ref().and_then(|release| urgency(state, release)),
        must_upgrade_by_epoch: stop.map(|stop| stop.epoch),
        upgrade_to,
    }
}

/// The active build for the platform of `release`, unless that is active itself.
fn successor(state: &State, release: &releases::ApprovedRelease) -> Option<BuildHash> {
    let active = queries::active(state);
    if active.contains(&release.build_hash) {
        return None;
    }
    let mut builds = active.iter().filter_map(|hash| queries::release(state, hash));
    builds.find(|build| build.target.platform == release.target.platform).map(|build| build.build_hash)
}

/// The most urgent of the releases after `release`, found from each to the one that superseded it.
fn urgency(state: &State, release: &releases::ApprovedRelease) -> Option<Severity> {
    let later = |release: &releases::ApprovedRelease| match &release.standing {
        Standing::Superseded { by, .. } => queries::release(state, by),
        _ => None,
    };
    std::iter::successors(later(release), later).map(|release| release.manifest.severity).max_by_key(|s| *s as u8)
}
