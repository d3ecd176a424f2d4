//! When builds are taken out of use. Nothing is, if its nodes would be left without a build to run (T25).

use super::available::require_ready;
use super::level;
use crate::{ApprovedRelease, Error, Event, MAX_REVOKED, MinimumStep, Reason, Standing, queries, storage::*};
use primitives::{AccountId, Amount, BuildHash, Epoch, Fraction, List, Mandate, Moment};
use state::State;
use std::collections::BTreeSet;

/// Releases looked back through for the one that takes the place of a revoked one.
const LOOK_BACK: u64 = 64;

type Builds = List<BuildHash, MAX_REVOKED>;

/// The builds among these that are left to revoke. What another revocation took out of use already keeps none of the others in
/// it; when it took all of them, nothing is left.
pub(super) fn left_to_revoke(state: &State, now: Epoch, hashes: &Builds) -> Result<Builds, Error> {
    let (mut seen, mut left) = (BTreeSet::new(), Vec::new());
    for hash in hashes {
        let build = APPROVED.get(state, hash).ok_or(Error::NotApproved(*hash))?;
        if !seen.insert(*hash) {
            return Err(Error::DuplicateTarget(*hash));
        }
        if !is_revoked(&build) {
            left.push(build);
        }
    }
    if left.is_empty() {
        return Err(hashes.first().map_or(Error::NothingToRevoke, |hash| Error::AlreadyRevoked(*hash)));
    }
    require_no_stranding(state, now, &left, |build| !hashes.contains(&build.build_hash))?;
    Ok(List::truncate_from(left.iter().map(|build| build.build_hash).collect()))
}

pub(super) fn revoke(state: &State, at: Moment, hashes: &Builds, reason: &Reason) -> Result<Event, Error> {
    let left = left_to_revoke(state, at.epoch, hashes)?;
    Ok(Event::Revoked {
        reason: reason.clone(),
        effective_epoch: at.epoch.plus(notice(state)),
        reinstated: reinstated(state, at.epoch, &left),
        build_hashes: left,
    })
}

pub(super) fn require_raisable(state: &State, now: Epoch, asked: u64) -> Result<(), Error> {
    let (least, most) =
        (queries::minimum_sequence(state).highest().saturating_add(1).max(2), LATEST_SEQUENCE.get_or_default(state));
    if !(least..=most).contains(&asked) {
        return Err(Error::MinimumOutOfRange { asked, least, most });
    }
    let mut outgoing = active(state);
    outgoing.retain(|build| build.sequence < asked);
    require_no_stranding(state, now, &outgoing, |build| build.sequence >= asked)?;
    require_ready(state, now, asked)
}

pub(super) fn raise(state: &State, at: Moment, asked: u64, reason: &Reason) -> Result<Event, Error> {
    require_raisable(state, at.epoch, asked)?;
    let step = MinimumStep { sequence: asked, effective_epoch: at.epoch.plus(notice(state)) };
    let minimum = queries::minimum_sequence(state).raised(at.epoch, step);
    let level = level::known_from(state, &minimum, step);
    Ok(Event::MinimumSequenceRaised { minimum, level, reason: reason.clone() })
}

/// Whether an end of support would come sooner than what is decided for one of the release's builds, if anything is.
pub(super) fn ends_sooner(state: &State, hash: &BuildHash, end: Epoch) -> bool {
    release_of(state, hash).iter().any(|build| build.support_ends().is_none_or(|decided| end < decided))
}

/// The builds whose end of support would move. An end is never urgent, so one that comes sooner needs more than a successor:
/// two thirds of the stake have to run builds already for which no end is decided. Putting an end off needs nothing, so it is
/// only for an end that is still to come: to bring a build back is to approve one, which no vote on a date does.
pub(super) fn require_endable(
    state: &State,
    now: Epoch,
    hash: &BuildHash,
    end: Epoch,
) -> Result<Vec<ApprovedRelease>, Error> {
    if !APPROVED.contains(state, hash) {
        return Err(Error::NotApproved(*hash));
    }
    let mut ending = release_of(state, hash);
    let ended = ending.iter().filter_map(ApprovedRelease::support_ends).max();
    ending.retain(|build| build.support_ends().is_none_or(|decided| now < decided));
    if ending.is_empty() {
        let build_hash = *hash;
        return Err(ended.map_or(Error::AlreadyRevoked(build_hash), |epoch| Error::SupportEnded { build_hash, epoch }));
    }
    if ends_sooner(state, hash, end) {
        let minimum = queries::minimum_sequence(state);
        let goes = |build: &ApprovedRelease| ending.iter().any(|other| other.build_hash == build.build_hash);
        let stays = |build: &ApprovedRelease| !goes(build) && build.stop(&minimum).is_none();
        require_two_thirds(state, now, *hash, |run| run.is_some_and(stays))?;
    }
    Ok(ending)
}

/// What puts an end off was voted on for the end that was decided then, and is void when another has been decided since. What
/// brings it nearer took the high bar, and two thirds of the stake run what stays: no routine vote undoes that.
pub(super) fn end_support(
    state: &State,
    at: Moment,
    hash: &BuildHash,
    end: Epoch,
    mandate: &Mandate,
) -> Result<Event, Error> {
    let set = release_of(state, hash).into_iter().filter_map(|build| SUPPORT_SET.get(state, &build.build_hash)).max();
    if let Some(since) = set.filter(|since| mandate.proposed.epoch < *since && !ends_sooner(state, hash, end)) {
        return Err(Error::SupportMoved { build_hash: *hash, since });
    }
    let ending = require_endable(state, at.epoch, hash, end)?;
    Ok(Event::SupportEnds { build_hashes: ending.iter().map(|build| build.build_hash).collect(), epoch: end })
}

/// All builds of the release that a build belongs to, without those that are revoked.
fn release_of(state: &State, hash: &BuildHash) -> Vec<ApprovedRelease> {
    let Some(build) = APPROVED.get(state, hash) else { return Vec::new() };
    let hashes = BUILDS.get(state, &build.sequence).unwrap_or_default();
    let builds = hashes.iter().filter_map(|hash| APPROVED.get(state, hash));
    builds.filter(|build| !is_revoked(build)).collect()
}

/// An end of support is announced a notice period before: here, by the motion's activation.
pub(super) fn require_notice(state: &State, activation: Epoch, end: Epoch) -> Result<(), Error> {
    let soonest = activation.plus(notice(state));
    if end >= soonest { Ok(()) } else { Err(Error::SupportEndsTooSoon { end, soonest }) }
}

fn notice(state: &State) -> u64 {
    PARAMS.require(state).notice_epochs
}

fn active(state: &State) -> Vec<ApprovedRelease> {
    ACTIVE.get_or_default(state).iter().filter_map(|hash| APPROVED.get(state, hash)).collect()
}

fn is_revoked(build: &ApprovedRelease) -> bool {
    matches!(build.standing, Standing::Revoked { .. })
}

/// What a node runs, by its latest receipt.
fn run_by(state: &State, node: &AccountId) -> Option<ApprovedRelease> {
    APPROVED.get(state, &queries::running(state, node)?)
}

/// Each outgoing build, and each that a validator runs and that does not stay, has a later one that is active on its platform
/// and stays; or else two thirds of the stake go on, by their latest receipts: they run what stays or what has such a later one.
///
/// Who said nothing may run any outgoing build. What is stopped or revoked already is not taken from those who say that they run
/// it. So a lone platform counts by the stake that runs it, and one validator on it asks nothing of the others.
fn require_no_stranding(
    state: &State,
    now: Epoch,
    outgoing: &[ApprovedRelease],
    stays: impl Fn(&ApprovedRelease) -> bool,
) -> Result<(), Error> {
    let after = now.plus(notice(state));
    let minimum = queries::minimum_sequence(state);
    let lasts = |build: &ApprovedRelease| !is_revoked(build) && build.runs(&minimum, after);
    let mut successors = active(state);
    successors.retain(|build| lasts(build) && stays(build));
    let is_succeeded = |old: &ApprovedRelease| {
        successors.iter().any(|new| new.sequence > old.sequence && new.target.platform == old.target.platform)
    };
    let is_kept = |build: &ApprovedRelease| stays(build) || is_succeeded(build);
    let alone = outgoing.iter().find(|old| !is_succeeded(old)).map(|old| old.build_hash);
    let goes_on = |run: Option<&ApprovedRelease>| match run {
        Some(build) if lasts(build) => is_kept(build),
        _ => alone.is_none(),
    };
    let stranded = || {
        let members = queries::depended_on(state, now).into_iter().flat_map(|set| set.validators);
        let mut run = members.filter_map(|member| run_by(state, &member.account));
        run.find(|build| lasts(build) && !is_kept(build)).map(|build| build.build_hash)
    };
    let Some(build_hash) = alone.or_else(stranded) else { return Ok(()) };
    require_two_thirds(state, now, build_hash, goes_on)
}

/// Two thirds of the stake go on when a build goes, by what each validator runs, as far as it said; and so does whoever decides blocks
/// alone, without which nobody would have another block.
fn require_two_thirds(
    state: &State,
    now: Epoch,
    build_hash: BuildHash,
    goes_on: impl Fn(Option<&ApprovedRelease>) -> bool,
) -> Result<(), Error> {
    for set in queries::depended_on(state, now) {
        let safe = set.validators.iter().filter(|member| goes_on(run_by(state, &member.account).as_ref()));
        let (running, total): (Amount, Amount) = (safe.map(|member| member.power).sum(), set.total_power());
        if total == Amount::ZERO || !Fraction::TWO_THIRDS.is_met(running, total) {
            return Err(Error::WouldStrand { build_hash, running, total });
        }
    }
    Ok(())
}

/// For each platform whose active build is revoked: the latest earlier build that may still run.
fn reinstated(state: &State, now: Epoch, revoked: &Builds) -> Vec<BuildHash> {
    let minimum = queries::minimum_sequence(state);
    let mut reinstated: Vec<ApprovedRelease> = Vec::new();
    for old in active(state).into_iter().filter(|build| revoked.contains(&build.build_hash)) {
        let fits = |build: &ApprovedRelease| {
            let superseded = matches!(build.standing, Standing::Superseded { .. });
            let after = now.plus(notice(state));
            superseded && build.runs(&minimum, after) && build.target.platform == old.target.platform
        };
        let earlier = (1..old.sequence).rev().take(LOOK_BACK as usize);
        let builds = earlier.flat_map(|sequence| BUILDS.get(state, &sequence).unwrap_or_default());
        let candidates = builds.filter(|hash| !revoked.contains(hash)).filter_map(|hash| APPROVED.get(state, &hash));
        let found = candidates.into_iter().find(fits);
        reinstated.extend(found.filter(|new| reinstated.iter().all(|other| other.build_hash != new.build_hash)));
    }
    reinstated.into_iter().map(|build| build.build_hash).collect()
}
