//! When builds are taken out of use. Nothing is, if its nodes would be left without a build to run (T25).

use crate::{ApprovedRelease, Error, Event, MAX_REVOKED, MinimumStep, Reason, Standing, queries, storage::*};
use primitives::{AccountId, Amount, BuildHash, Epoch, Fraction, List, Mandate, Moment};
use state::State;

/// Releases looked back through for the one that takes the place of a revoked one.
const LOOK_BACK: u64 = 64;

type Builds = List<BuildHash, MAX_REVOKED>;

pub(super) fn require_revocable(state: &State, now: Epoch, hashes: &Builds) -> Result<(), Error> {
    let mut builds = Vec::new();
    for hash in hashes {
        let build = APPROVED.get(state, hash).ok_or(Error::NotApproved(*hash))?;
        if matches!(build.standing, Standing::Revoked { .. }) {
            return Err(Error::AlreadyRevoked(*hash));
        }
        if builds.iter().any(|other: &ApprovedRelease| other.build_hash == *hash) {
            return Err(Error::DuplicateTarget(*hash));
        }
        builds.push(build);
    }
    if builds.is_empty() {
        return Err(Error::NothingToRevoke);
    }
    require_no_stranding(state, now, &builds, |build| !hashes.contains(&build.build_hash))
}

pub(super) fn revoke(state: &State, at: Moment, hashes: &Builds, reason: &Reason) -> Result<Event, Error> {
    require_revocable(state, at.epoch, hashes)?;
    Ok(Event::Revoked {
        build_hashes: hashes.clone(),
        reason: reason.clone(),
        effective_epoch: at.epoch.plus(notice(state)),
        reinstated: reinstated(state, at.epoch, hashes),
    })
}

pub(super) fn require_raisable(state: &State, now: Epoch, asked: u64) -> Result<(), Error> {
    let (least, most) =
        (queries::minimum_sequence(state).highest().saturating_add(1).max(2), LATEST_SEQUENCE.get_or_default(state));
    if !(least..=most).contains(&asked) {
        return Err(Error::MinimumOutOfRange { asked, least, most });
    }
    let mut outgoing = active(state);
    outgoing.extend(
        staking::queries::validator_set(state, now).validators.iter().filter_map(|v| run_by(state, &v.account)),
    );
    outgoing.retain(|build| build.sequence < asked);
    require_no_stranding(state, now, &outgoing, |build| build.sequence >= asked)
}

pub(super) fn raise(state: &State, at: Moment, asked: u64, reason: &Reason) -> Result<Event, Error> {
    require_raisable(state, at.epoch, asked)?;
    let step = MinimumStep { sequence: asked, effective_epoch: at.epoch.plus(notice(state)) };
    let minimum = queries::minimum_sequence(state).raised(at.epoch, step);
    Ok(Event::MinimumSequenceRaised { minimum, reason: reason.clone() })
}

/// Whether an end of support would come sooner than what is decided for one of the release's builds, if anything is.
pub(super) fn ends_sooner(state: &State, hash: &BuildHash, end: Epoch) -> bool {
    release_of(state, hash).iter().any(|build| build.support_ends().is_none_or(|decided| end < decided))
}

/// The builds whose end of support would move. An end is never urgent, so one that comes sooner needs more than a successor:
/// two thirds of the stake have to run builds already for which no end is decided. Putting an end off needs nothing.
pub(super) fn require_endable(
    state: &State,
    now: Epoch,
    hash: &BuildHash,
    end: Epoch,
) -> Result<Vec<ApprovedRelease>, Error> {
    if !APPROVED.contains(state, hash) {
        return Err(Error::NotApproved(*hash));
    }
    let ending = release_of(state, hash);
    if ending.is_empty() {
        return Err(Error::AlreadyRevoked(*hash));
    }
    if ends_sooner(state, hash, end) {
        let minimum = queries::minimum_sequence(state);
        let goes = |build: &ApprovedRelease| ending.iter().any(|other| other.build_hash == build.build_hash);
        require_two_thirds(state, now, *hash, |build| !goes(build) && build.stop(&minimum).is_none())?;
    }
    Ok(ending)
}

/// Of motions about one release that were open together, the first that is carried out decides: the others were voted on for
/// what is no longer so.
pub(super) fn end_support(
    state: &State,
    at: Moment,
    hash: &BuildHash,
    end: Epoch,
    mandate: &Mandate,
) -> Result<Event, Error> {
    let set = release_of(state, hash).into_iter().filter_map(|build| SUPPORT_SET.get(state, &build.build_hash)).max();
    if let Some(since) = set.filter(|since| mandate.proposed.epoch < *since) {
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
    builds.filter(|build| !matches!(build.standing, Standing::Revoked { .. })).collect()
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

/// What a node runs, by its latest receipt.
fn run_by(state: &State, node: &AccountId) -> Option<ApprovedRelease> {
    APPROVED.get(state, &queries::running(state, node)?)
}

/// Each outgoing build has a later one that is active on its platform and `stays`; or else two thirds of the stake already
/// run builds that stay, by their latest receipts.
fn require_no_stranding(
    state: &State,
    now: Epoch,
    outgoing: &[ApprovedRelease],
    stays: impl Fn(&ApprovedRelease) -> bool,
) -> Result<(), Error> {
    let after = now.plus(notice(state));
    let minimum = queries::minimum_sequence(state);
    let remains = |build: &ApprovedRelease| {
        stays(build) && !matches!(build.standing, Standing::Revoked { .. }) && build.runs(&minimum, after)
    };
    let successors: Vec<ApprovedRelease> = active(state).into_iter().filter(|build| remains(build)).collect();
    let succeeded = |old: &ApprovedRelease| {
        successors.iter().any(|new| new.sequence > old.sequence && new.target.platform == old.target.platform)
    };
    let Some(alone) = outgoing.iter().find(|old| !succeeded(old)) else { return Ok(()) };
    require_two_thirds(state, now, alone.build_hash, remains)
}

/// Two thirds of the stake already run builds that stay, by their latest receipts, when one goes.
fn require_two_thirds(
    state: &State,
    now: Epoch,
    build_hash: BuildHash,
    stays: impl Fn(&ApprovedRelease) -> bool,
) -> Result<(), Error> {
    let set = staking::queries::validator_set(state, now);
    let safe = set.validators.iter().filter(|member| run_by(state, &member.account).is_some_and(|build| stays(&build)));
    let (running, total): (Amount, Amount) = (safe.map(|member| member.power).sum(), set.total_power());
    if Fraction::TWO_THIRDS.is_met(running, total) && total > Amount::ZERO {
        return Ok(());
    }
    Err(Error::WouldStrand { build_hash, running, total })
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
