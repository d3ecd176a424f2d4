//! What can be asked about releases; above all, whether a build may run.

use crate::{
    ApprovedRelease, Manifest, MinimumSequence, Rebuild, Receipt, ReleaseVote, Rollout, Roster, RosterRecord,
    SignedUnder, StageReport, Stop, index::approval_key, storage::*,
};
use primitives::{AccountId, Amount, BuildHash, Epoch, Moment, ProposalId};
use state::{KeyBytes, State, corrupt};

pub use crate::lifetime::Verdict;

/// The approval record of a build; none when it was never approved.
pub fn release(state: &State, hash: &BuildHash) -> Option<ApprovedRelease> {
    APPROVED.get(state, hash)
}

/// The storage key of a build's approval record, by which it is proven.
pub fn release_key(hash: &BuildHash) -> KeyBytes {
    APPROVED.key(hash)
}

/// Every build that was ever approved, by hash.
pub fn releases<'s>(state: &'s State) -> impl Iterator<Item = ApprovedRelease> + use<'s> {
    APPROVED.iter(state).map(|(_, release)| release)
}

/// The builds of each release, the first release first.
pub fn builds<'s>(state: &'s State) -> impl Iterator<Item = Vec<BuildHash>> + use<'s> {
    BUILDS.iter(state).map(|(_, builds)| builds)
}

/// The builds that are the latest for their platform.
pub fn active(state: &State) -> Vec<BuildHash> {
    ACTIVE.get_or_default(state)
}

/// The number of the latest release; zero before the first.
pub fn latest_sequence(state: &State) -> u64 {
    LATEST_SEQUENCE.get_or_default(state)
}

/// Judges a build by its approval record, the minimum sequence and the epoch.
pub fn verdict(release: Option<&ApprovedRelease>, minimum: &MinimumSequence, now: Epoch) -> Verdict {
    let Some(release) = release else { return Verdict::NotApproved };
    let stop = release.stop(&minimum.as_of(now)).filter(|stop| now >= stop.epoch);
    stop.map_or(Verdict::Approved, |stop| stop.verdict)
}

/// Judges a build by current state.
pub fn verdict_now(state: &State, hash: &BuildHash, now: Epoch) -> Verdict {
    verdict(APPROVED.get(state, hash).as_ref(), &minimum_sequence(state), now)
}

/// From when a build may not run, as far as is decided; none for one that was never approved.
pub fn stop(state: &State, hash: &BuildHash) -> Option<Stop> {
    APPROVED.get(state, hash)?.stop(&minimum_sequence(state))
}

/// The least sequence number that may run, now and in the epochs to come.
pub fn minimum_sequence(state: &State) -> MinimumSequence {
    MINIMUM_SEQUENCE.get_or_default(state)
}

/// The storage key of [`minimum_sequence`], by which it is proven; it has no value until governance raises it.
pub fn minimum_sequence_key() -> &'static [u8] {
    MINIMUM_SEQUENCE.key()
}

/// The current roster, as it was decided; [`roster_record`] knows who left it since.
pub fn roster(state: &State) -> Roster {
    ROSTER.require(state)
}

/// The current roster, with how it came about and who left it since.
pub fn roster_record(state: &State) -> RosterRecord {
    let version = roster(state).version;
    ROSTERS.get(state, &version).unwrap_or_else(|| corrupt(&format!("roster {version} is missing")))
}

/// The roster whose keys sign for a proposal that was made at a moment.
pub fn signed_under(state: &State, made: Moment) -> SignedUnder {
    let latest_first = (1..=roster(state).version).rev().filter_map(|version| ROSTERS.get(state, &version));
    SignedUnder::find(latest_first, made).unwrap_or_else(|| corrupt("the roster of genesis is missing"))
}

/// Every roster there ever was, the first one first.
pub fn rosters<'s>(state: &'s State) -> impl Iterator<Item = RosterRecord> + use<'s> {
    ROSTERS.iter(state).map(|(_, record)| record)
}

/// The threshold of the latest activated release.
pub fn applied_threshold(state: &State) -> u32 {
    APPLIED_THRESHOLD.require(state)
}

/// The installs of a build on one node.
pub fn receipt(state: &State, hash: &BuildHash, node: &AccountId) -> Option<Receipt> {
    RECEIPTS.get(state, &(*hash, *node))
}

/// The installs of a build, by node.
pub fn receipts<'s>(state: &'s State, hash: &BuildHash) -> impl Iterator<Item = (AccountId, Receipt)> + use<'s> {
    RECEIPTS.iter_under(state, hash).map(|((_, node), receipt)| (node, receipt))
}

/// How far a build has come, by node.
pub fn stages<'s>(state: &'s State, hash: &BuildHash) -> impl Iterator<Item = (AccountId, StageReport)> + use<'s> {
    STAGES.iter_under(state, hash).map(|((_, node), report)| (node, report))
}

/// How far a build has come across the network: nodes, and the stake of the validators of an epoch, by stage.
pub fn rollout(state: &State, hash: &BuildHash, now: Epoch) -> Rollout {
    let set = staking::queries::validator_set(state, now);
    let stake = |node: &AccountId| set.power_of(node).unwrap_or(Amount::ZERO);
    let nodes = stages(state, hash).map(|(node, report)| (report.stage.name(), stake(&node)));
    Rollout::over(set.total_power(), nodes)
}

/// Who built a build from source, by account.
pub fn rebuilds<'s>(state: &'s State, hash: &BuildHash) -> impl Iterator<Item = (AccountId, Rebuild)> + use<'s> {
    REBUILDS.iter_under(state, hash).map(|((_, builder), rebuild)| (builder, rebuild))
}

/// What the vote of a proposal is about: its manifest, or the one that it was sealed over once that is revealed; none before.
pub fn manifest_of(state: &State, id: ProposalId, vote: &ReleaseVote) -> Option<Manifest> {
    if vote.sealed.is_some() { REVEALED.get(state, &id) } else { Some(vote.manifest.clone()) }
}

/// The open and passed proposals to approve a build, the first one first.
pub fn proposals_of<'s>(state: &'s State, hash: &BuildHash) -> impl Iterator<Item = ProposalId> + use<'s> {
    governance::queries::found_by(state, &approval_key(hash))
}

/// The build that a node last said it runs.
pub fn running(state: &State, node: &AccountId) -> Option<BuildHash> {
    RUNNING.get(state, node)
}
