//! Approved builds with what happened to them since.

use crate::views::page::missing;
use crate::views::{
    DecisionStatus, Descriptions, MOST_PER_PAGE, NodeReport, NodeStage, PageOf, PageRange, RebuildView, first_rebuilds,
    release_nodes,
};
use primitives::{AccountId, BuildHash, Epoch, PublicKey, Timestamp};
use releases::queries::{self, Verdict, minimum_sequence, stop, uptake, verdict};
use releases::{Departure, Installs, MinimumSequence, Receipt, RosterRecord, Severity, Standing, Uptake};
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
    /// When the latest installs were, the earliest of them first, in milliseconds since 1970.
    #[schemars(length(max = releases::MAX_INSTALL_TIMES))]
    pub install_times: Vec<Timestamp>,
    /// How many installs there were: by node, the epochs that saw one.
    pub install_count: u64,
    /// The latest install, in milliseconds since 1970; null before the first.
    pub last_install_ts: Option<Timestamp>,
}

impl ReleaseView {
    /// A build as it stands in epoch `now`, under a minimum sequence, with its installs.
    pub fn new(release: releases::ApprovedRelease, installs: Installs, minimum: &MinimumSequence, now: Epoch) -> Self {
        let attested_signers: Vec<PublicKey> =
            release.signatures.iter().map(|attestation| attestation.signer).collect();
        Self {
            status: DecisionStatus::of_release(&release, now),
            verdict: verdict(Some(&release), minimum, now),
            quorum_met: attested_signers.len() >= release.signature_threshold as usize,
            attested_signers,
            install_count: installs.count,
            last_install_ts: installs.latest.last().copied(),
            install_times: installs.latest.into_inner(),
            release,
        }
    }
}

/// An approved build with how far the network has come with it, and the nodes that first spoke of it last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReleaseDetail {
    /// The build.
    #[serde(flatten)]
    pub release: ReleaseView,
    /// Of the nodes that first spoke of it last, those that booted it, and when; a page of nodes has 100 at most, and
    /// `gov.release_nodes` has the others.
    #[schemars(length(max = MOST_PER_PAGE))]
    pub installs: Vec<Install>,
    /// How many nodes, and how much of the stake of this epoch's validators, stand at each stage.
    #[serde(rename = "rollout")]
    pub uptake: Uptake,
    /// Where these nodes stand, the latest to speak of it for the first time first.
    #[schemars(length(max = MOST_PER_PAGE))]
    pub stages: Vec<NodeStage>,
    /// How many say that they built the same bytes from source.
    pub rebuild_count: u64,
    /// Who does, the first ones first, 100 at most; `gov.rebuilds` has the others.
    #[schemars(length(max = MOST_PER_PAGE))]
    pub rebuilds: Vec<RebuildView>,
    /// What those who are named here say of themselves: the proposer, nodes and builders.
    #[serde(default)]
    pub described: Descriptions,
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

/// How many of the releases after one are asked how urgent they are, beside the one that is to be run instead.
const MOST_LATER: usize = 256;

/// Whether to go on running a build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReleaseAdvice {
    /// The build.
    pub build_hash: BuildHash,
    /// What to do, in a word.
    pub status: Advice,
    /// Whether it may run now, and why not.
    pub verdict: Verdict,
    /// The most urgent of the first 256 releases that came after it and of the one to run instead; null when none came after it.
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
    /// Of the list of the proposer, or of all, how many come before the epochs asked for, and how many are in them. Epochs grow
    /// with the numbers, so both ends are found by bisection.
    fn within(&self, state: &State) -> (u64, u64) {
        let count = queries::listed_count(state, self.proposer.as_ref());
        let epoch = |number| self.read(state, number).activated_epoch;
        let before = self.start_epoch.map_or(0, |start| leading(count, |number| epoch(number) < start));
        let last = self.end_epoch.map_or(count, |end| leading(count, |number| epoch(number) <= end));
        (before, last.saturating_sub(before))
    }

    /// A build of that list by its number.
    fn read(&self, state: &State, number: u64) -> releases::ApprovedRelease {
        let hash = queries::listed(state, self.proposer.as_ref(), number).unwrap_or_else(|| missing("build", number));
        queries::release(state, &hash).unwrap_or_else(|| corrupt(&format!("build {hash} is missing")))
    }
}

/// How many of the numbers from 1 to `count` have what the first ones have, and none after the first that has not.
fn leading(count: u64, has: impl Fn(u64) -> bool) -> u64 {
    let (mut have, mut lack) = (0, count.saturating_add(1));
    while have + 1 < lack {
        let middle = have + (lack - have) / 2;
        if has(middle) { have = middle } else { lack = middle }
    }
    have
}

pub(crate) fn signers(state: &State, now: Epoch) -> ReleaseSigners {
    ReleaseSigners::new(queries::roster_record(state), queries::applied_threshold(state), now)
}

/// Every roster there ever was, the latest first.
pub(crate) fn rosters(state: &State, range: PageRange) -> PageOf<RosterRecord> {
    PageOf::read(range.descending(queries::roster(state).version, |version| {
        Ok(queries::roster_of(state, version).unwrap_or_else(|| missing("roster", version)))
    }))
}

/// The approved builds of a state whose newest block is of epoch `now`, the latest release first.
pub fn release_history(state: &State, now: Epoch, filter: &HistoryFilter, range: PageRange) -> PageOf<ReleaseView> {
    PageOf::read(history_while(state, now, filter, range, || Ok(())))
}

/// The same, for as long as somebody waits for it.
pub(crate) fn history_while<E>(
    state: &State,
    now: Epoch,
    filter: &HistoryFilter,
    range: PageRange,
    go_on: impl Fn() -> Result<(), E>,
) -> Result<PageOf<ReleaseView>, E> {
    let (before, count) = filter.within(state);
    range.descending(count, |number| {
        go_on()?;
        Ok(approved(state, now, filter.read(state, before.saturating_add(number))))
    })
}

/// One build of a state whose newest block is of epoch `now`; `None` when it was never approved.
pub fn release_detail(state: &State, now: Epoch, hash: &BuildHash) -> Option<ReleaseDetail> {
    let release = approved(state, now, queries::release(state, hash)?);
    let nodes = release_nodes(state, hash, PageRange::FIRST).entries;
    let (installs, stages) = ReleaseDetail::nodes(nodes);
    let (rebuild_count, rebuilds) = first_rebuilds(state, hash);
    let (uptake, described) = (uptake(state, hash, now), Descriptions::default());
    let detail = ReleaseDetail { release, installs, uptake, stages, rebuild_count, rebuilds, described };
    let described = Descriptions::of(state, detail.accounts());
    Some(ReleaseDetail { described, ..detail })
}

impl ReleaseDetail {
    /// The installs and the stages of some nodes.
    pub fn nodes(nodes: Vec<NodeReport>) -> (Vec<Install>, Vec<NodeStage>) {
        let install = |report: &NodeReport| report.installs.map(|receipt| Install { node: report.stage.node, receipt });
        (nodes.iter().filter_map(install).collect(), nodes.into_iter().map(|report| report.stage).collect())
    }

    /// Everybody that it names, some more than once.
    pub fn accounts(&self) -> impl Iterator<Item = AccountId> + '_ {
        let installed = self.installs.iter().map(|install| install.node);
        let spoke = self.stages.iter().map(|stage| stage.node);
        let builders = self.rebuilds.iter().map(|rebuild| rebuild.builder);
        self.release.release.proposer.into_iter().chain(installed).chain(spoke).chain(builders)
    }
}

fn approved(state: &State, now: Epoch, release: releases::ApprovedRelease) -> ReleaseView {
    let installs = queries::installs(state, &release.build_hash);
    ReleaseView::new(release, installs, &minimum_sequence(state), now)
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
        severity: release.as_ref().and_then(|release| urgency(state, release, upgrade_to.as_ref())),
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

/// The most urgent of the [first](MOST_LATER) releases after `release`, found from each to the one that superseded it, and of the one to
/// run `instead`, however many came before that.
fn urgency(state: &State, release: &releases::ApprovedRelease, instead: Option<&BuildHash>) -> Option<Severity> {
    let later = |release: &releases::ApprovedRelease| match &release.standing {
        Standing::Superseded { by, .. } => queries::release(state, by),
        _ => None,
    };
    let next = later(release)?;
    let instead = instead.and_then(|hash| queries::release(state, hash));
    let all_later = instead.into_iter().chain(std::iter::successors(Some(next), later).take(MOST_LATER));
    let mut most: Option<Severity> = None;
    for severity in all_later.map(|release| release.manifest.severity) {
        if most.is_none_or(|most| severity as u8 > most as u8) {
            most = Some(severity);
        }
        // Nothing is more urgent, so the others need not be read.
        if severity == Severity::Critical {
            break;
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use super::leading;

    #[test]
    fn h06_the_end_of_what_has_something_is_found_in_few_steps() {
        for count in 0..20 {
            for most in 0..=count {
                assert_eq!(leading(count, |number| number <= most), most, "of {count}");
            }
        }
        let asked = std::cell::Cell::new(0);
        let has = |number| {
            asked.set(asked.get() + 1);
            number <= 77_777
        };
        assert_eq!(leading(1_000_000, has), 77_777);
        assert!(asked.get() <= 20, "{}", asked.get());
    }
}
