//! What can be asked about releases; above all, whether a build may run.

use crate::{
    Advertised, Advertisement, ApprovedRelease, Availability, BuildHolders, Error, FleetShare, Installs, Levels,
    Manifest, MinimumSequence, Rebuild, Receipt, ReleaseParams, ReleaseVote, Roster, RosterRecord, SignedUnder,
    SigningDomain, StageReport, Stop, Target, Uptake,
    attestation::{self, Counting},
    index::{approval_key, sealed_key},
    storage::*,
};
use governance::queries::{found_by, is_found_by, poll};
use primitives::{AccountId, Amount, BuildHash, Epoch, Moment, ProposalId};
use staking::{Validator, ValidatorSet};
use state::{KeyBytes, State, corrupt};

pub use crate::lifetime::Verdict;

/// The rules.
pub fn params(state: &State) -> ReleaseParams {
    PARAMS.require(state)
}

/// The approval record of a build; none when it was never approved.
pub fn release(state: &State, hash: &BuildHash) -> Option<ApprovedRelease> {
    APPROVED.get(state, hash)
}

/// The storage key of a build's approval record, by which it is proven.
pub fn release_key(hash: &BuildHash) -> KeyBytes {
    APPROVED.key(hash)
}

/// Every build that was ever approved, by hash; whoever asks reads them all.
pub fn releases<'s>(state: &'s State) -> impl Iterator<Item = ApprovedRelease> + use<'s> {
    APPROVED.iter(state).map(|(_, release)| release)
}

/// How many builds there are, of one proposer or of all.
pub fn listed_count(state: &State, proposer: Option<&AccountId>) -> u64 {
    proposer.map_or_else(|| LISTED.count(state, &()), |proposer| LISTED_BY.count(state, proposer))
}

/// A build by its number in that list, from 1: the builds of a release come after those of the releases before it, and the first
/// of them last.
pub fn listed(state: &State, proposer: Option<&AccountId>, number: u64) -> Option<BuildHash> {
    proposer.map_or_else(|| LISTED.get(state, &(), number), |proposer| LISTED_BY.get(state, proposer, number))
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

/// The levels of the network: the one in force, and those that are decided.
pub fn levels(state: &State) -> Levels {
    LEVELS.get_or_default(state)
}

/// The storage key of [`levels`], by which they are proven.
pub fn levels_key() -> &'static [u8] {
    LEVELS.key()
}

/// The level that is in force in an epoch, as far as is decided.
pub fn level_at(state: &State, epoch: Epoch) -> u32 {
    levels(state).at(epoch)
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

/// The roster whose keys sign for a proposal that was made at a moment. Few rosters are read, however many have come since.
pub fn signed_under(state: &State, made: Moment) -> SignedUnder {
    let came_later = |version: u64| {
        let since = ROSTERS.get(state, &version).and_then(|record| record.since);
        since.is_some_and(|since| since.height > made.height)
    };
    // None of the versions below `from` came later, and all from `later` on.
    let (mut from, mut later) = (1_u64, roster(state).version.saturating_add(1));
    while from < later {
        let middle = from.saturating_add(later.saturating_sub(from) / 2);
        if came_later(middle) { later = middle } else { from = middle.saturating_add(1) }
    }
    let latest_first = [later, later.saturating_sub(1)].into_iter().filter_map(|version| ROSTERS.get(state, &version));
    SignedUnder::find(latest_first, made).unwrap_or_else(|| corrupt("the roster of genesis is missing"))
}

/// The rosters that were current in an epoch, the latest first: one, and those that others took the place of in it.
pub(crate) fn rosters_in(state: &State, epoch: Epoch) -> Vec<RosterRecord> {
    let mut current = Vec::new();
    for record in (1..=roster(state).version).rev().filter_map(|version| ROSTERS.get(state, &version)) {
        let began = record.since.map(|since| since.epoch);
        if began.is_none_or(|began| began <= epoch) {
            current.push(record);
        }
        if began.is_none_or(|began| began < epoch) {
            break;
        }
    }
    current
}

/// What the signatures of release signers are bound to.
pub fn signing_domain(state: &State) -> SigningDomain {
    let first = BUILDS.get(state, &1).and_then(|builds| APPROVED.get(state, builds.first()?));
    let first = first.unwrap_or_else(|| corrupt("the first build of genesis is missing"));
    SigningDomain { chain_id: CHAIN_ID.require(state), first_platform: first.target.platform }
}

/// The roster of a version; the versions have no gaps from 1 to the current one's.
pub fn roster_of(state: &State, version: u64) -> Option<RosterRecord> {
    ROSTERS.get(state, &version)
}

/// Every roster there ever was, the first one first; whoever asks reads them all.
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

/// The installs of a build on all nodes.
pub fn installs(state: &State, hash: &BuildHash) -> Installs {
    INSTALLS.get(state, hash).unwrap_or_default()
}

/// Whether the word of an account about builds counts in an epoch.
pub fn may_report(state: &State, now: Epoch, who: AccountId) -> bool {
    require_reporter(state, now, who).is_ok()
}

/// The word of validators counts, of those too that decide no blocks while one does alone, and that of accounts with something at stake:
/// what anybody could say for a fee, and again in every epoch, would grow without bound and say nothing.
pub(crate) fn require_reporter(state: &State, now: Epoch, who: AccountId) -> Result<(), Error> {
    if staking::queries::is_validator(state, now, &who) {
        return Ok(());
    }
    let (have, need) = (staking::queries::stake_at(state, &who, now), PARAMS.require(state).reporter_stake);
    if have >= need { Ok(()) } else { Err(Error::NotReporter { have, need }) }
}

/// How many nodes spoke of a build.
pub fn node_count(state: &State, hash: &BuildHash) -> u64 {
    NODES.count(state, hash)
}

/// A node that spoke of a build, by its number from 1, in the order of their first words; and what it said last.
pub fn node(state: &State, hash: &BuildHash, number: u64) -> Option<(AccountId, StageReport)> {
    let node = NODES.get(state, hash, number)?;
    Some((node, STAGES.get(state, &(*hash, node))?))
}

/// What a node last said of a build.
pub fn stage(state: &State, hash: &BuildHash, node: &AccountId) -> Option<StageReport> {
    STAGES.get(state, &(*hash, *node))
}

/// The storage key of that, by which it is proven.
pub fn stage_key(hash: &BuildHash, node: &AccountId) -> KeyBytes {
    STAGES.key(&(*hash, *node))
}

/// Whose builds may not all go at once, each set by its own power: the candidates, and whoever decides the blocks of this epoch or the next
/// one alone. Without a sealer there is no block, and it may be the weakest of the candidates, or none of them.
pub(crate) fn depended_on(state: &State, now: Epoch) -> Vec<ValidatorSet> {
    let sealed = |epoch: Epoch| {
        let deciding = staking::queries::validator_set(state, epoch);
        (deciding != staking::queries::candidates(state, epoch)).then_some(deciding)
    };
    let alone = [now, now.next()].into_iter().filter_map(sealed);
    std::iter::once(staking::queries::candidates(state, now)).chain(alone).collect()
}

/// How far a build has come across the network: nodes, and the stake of the candidates of an epoch, by stage.
pub fn uptake(state: &State, hash: &BuildHash, now: Epoch) -> Uptake {
    let set = staking::queries::candidates(state, now);
    let nodes = STAGE_NODES.get(state, hash).unwrap_or_default();
    let validators = set.validators.iter().filter_map(|validator| {
        let report = stage(state, hash, &validator.account)?;
        Some((report.stage.name(), validator.power))
    });
    Uptake::over(&nodes, set.total_power(), validators)
}

/// How many built a build from source.
pub fn rebuild_count(state: &State, hash: &BuildHash) -> u64 {
    REBUILDERS.count(state, hash)
}

/// Who built a build from source, by number from 1, in the order in which they said so.
pub fn rebuild(state: &State, hash: &BuildHash, number: u64) -> Option<(AccountId, Rebuild)> {
    let builder = REBUILDERS.get(state, hash, number)?;
    Some((builder, REBUILDS.get(state, &(*hash, builder))?))
}

/// What the vote of a proposal is about: its manifest, or the one that it was sealed over once that is revealed; none before.
pub fn manifest_of(state: &State, id: ProposalId, vote: &ReleaseVote) -> Option<Manifest> {
    if vote.sealed.is_some() { REVEALED.get(state, &id) } else { Some(vote.manifest.clone()) }
}

/// The builds that validators are to hold for a vote, which is a live proposal that was made at a moment; the one it is named
/// after first. None while it is sealed, and none of what would be refused in the end for want of signatures: that is nobody's to
/// look for, because whoever proposes it may never give it.
pub fn asked_for(state: &State, id: ProposalId, made: Moment, vote: &ReleaseVote) -> Vec<Target> {
    let Some(manifest) = manifest_of(state, id, vote) else { return Vec::new() };
    let vote = ReleaseVote { manifest, ..vote.clone() };
    let (under, voting_ends) = (signed_under(state, made), poll(state, id).vote_deadline_epoch);
    let is_signed = attestation::require_root(vote.build_hash, &vote.manifest, vote.manifest_root()).is_ok()
        && Counting::of(&under.record, made.epoch, voting_ends).require_signed(&vote).is_ok();
    if is_signed && !under.is_void(voting_ends) { vote.targets().collect() } else { Vec::new() }
}

/// The open and passed proposals to approve a build, the first one first; of a sealed one, to approve what is known of it.
pub fn proposals_of<'s>(state: &'s State, hash: &BuildHash) -> impl Iterator<Item = ProposalId> + use<'s> {
    found_by(state, &approval_key(hash))
}

/// Whether a live proposal to approve a build says what that is: not while it is sealed (T17).
pub fn is_open_to_all(state: &State, id: ProposalId, hash: &BuildHash) -> bool {
    !is_found_by(state, id, &sealed_key(hash)) || REVEALED.contains(state, &id)
}

/// Whether a live proposal to approve a build was made without saying what that is.
pub(crate) fn was_sealed(state: &State, id: ProposalId, hash: &BuildHash) -> bool {
    REVEALED.contains(state, &id) || is_found_by(state, id, &sealed_key(hash))
}

/// The epoch by whose candidates it is measured who holds what a proposal asks for: the one its stake is counted in. A release is put to
/// the vote of stake alone.
pub(crate) fn measured_in(state: &State, id: ProposalId) -> Epoch {
    poll(state, id).electorate.stake_epoch().unwrap_or_default()
}

/// Those candidates. None once the chain no longer remembers them, which is after the proposal is concluded.
fn measured_by(state: &State, id: ProposalId) -> ValidatorSet {
    staking::queries::candidates(state, measured_in(state, id))
}

/// How much of that power holds each build of a release that is, or was, proposed.
pub fn availability(state: &State, id: ProposalId, builds: impl IntoIterator<Item = BuildHash>) -> Availability {
    let mut total = None;
    let holders = |build_hash: BuildHash| {
        let held = HELD.get(state, &(id, build_hash));
        total = total.or(held.map(|held| held.total));
        BuildHolders { build_hash, power: held.map_or(Amount::ZERO, |held| held.power) }
    };
    let builds: Vec<BuildHolders> = builds.into_iter().map(holders).collect();
    let total = total.unwrap_or_else(|| measured_by(state, id).total_power());
    Availability::of(PARAMS.require(state).available_share, total, builds)
}

/// Which of those candidates have not said that they hold every build of it.
pub fn not_holding(state: &State, id: ProposalId, builds: &[BuildHash]) -> Vec<Validator> {
    let holds = |who: &AccountId| builds.iter().all(|hash| HOLDERS.contains(state, &(id, *hash, *who)));
    measured_by(state, id).validators.into_iter().filter(|member| !holds(&member.account)).collect()
}

/// Whether a node has a build, by what it last said of it.
pub fn holds(state: &State, hash: &BuildHash, node: &AccountId) -> bool {
    STAGES.get(state, &(*hash, *node)).is_some_and(|report| !report.stage.name().is_failure())
}

/// The build that a node last said it runs.
pub fn running(state: &State, node: &AccountId) -> Option<BuildHash> {
    RUNNING.get(state, node)
}

/// What an account last advertised, and in which epoch; none while it never did.
pub fn advertised(state: &State, who: &AccountId) -> Option<Advertised> {
    FLEET.get(state, who)
}

/// Whether an account advertised in an epoch or later.
pub fn has_advertised_since(state: &State, who: &AccountId, since: Epoch) -> bool {
    advertised(state, who).is_some_and(|(epoch, _)| epoch >= since)
}

/// How much of the power of the candidates of an epoch advertised what is asked for, and who did not. The question is put of each of
/// them that ever advertised, with the epoch in which it last did.
pub fn fleet_share(state: &State, now: Epoch, fits: impl Fn(&AccountId, Epoch, &Advertisement) -> bool) -> FleetShare {
    let has = |who: &AccountId| advertised(state, who).is_some_and(|(epoch, said)| fits(who, epoch, &said));
    FleetShare::of(&staking::queries::candidates(state, now), has)
}
