//! When builds are taken out of use. Nothing is, if its nodes would be left without a build to run (T25).

use super::available::require_ready;
use crate::{ApprovedRelease, Error, Event, MAX_REVOKED, MinimumSequence, Reason, Standing, queries, storage::*};
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
        (queries::minimum_sequence(state).sequence.saturating_add(1).max(2), LATEST_SEQUENCE.get_or_default(state));
    if !(least..=most).contains(&asked) {
        return Err(Error::MinimumOutOfRange { asked, least, most });
    }
    let mut outgoing = active(state);
    outgoing.extend(
        staking::queries::validator_set(state, now).validators.iter().filter_map(|v| run_by(state, &v.account)),
    );
    outgoing.retain(|build| build.sequence < asked);
    require_no_stranding(state, now, &outgoing, |build| build.sequence >= asked)?;
    require_ready(state, now, asked)
}

pub(super) fn raise(state: &State, at: Moment, asked: u64, reason: &Reason) -> Result<Event, Error> {
    require_raisable(state, at.epoch, asked)?;
    let minimum = MinimumSequence {
        sequence: asked,
        effective_epoch: at.epoch.plus(notice(state)),
        before: queries::minimum_sequence(state).at(at.epoch),
    };
    Ok(Event::MinimumSequenceRaised { minimum, reason: reason.clone() })
}

/// All builds of the release that a build belongs to.
pub(super) fn release_of(state: &State, hash: &BuildHash) -> Result<Vec<BuildHash>, Error> {
    let build = APPROVED.get(state, hash).ok_or(Error::NotApproved(*hash))?;
    Ok(BUILDS.get(state, &build.sequence).unwrap_or_default())
}

/// Of motions about one release that were open together, the first that is carried out decides: the others were voted on for
/// what is no longer so.
pub(super) fn end_support(state: &State, hash: &BuildHash, epoch: Epoch, mandate: &Mandate) -> Result<Event, Error> {
    let moved = SUPPORT_SET.get(state, hash).filter(|since| mandate.created_epoch < *since);
    if let Some(since) = moved {
        return Err(Error::SupportMoved { build_hash: *hash, since });
    }
    Ok(Event::SupportEnds { build_hashes: release_of(state, hash)?, epoch })
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
        successors.iter().any(|new| new.sequence > old.sequence && new.target.shares_platform_with(&old.target))
    };
    let Some(alone) = outgoing.iter().find(|old| !succeeded(old)) else { return Ok(()) };
    let set = staking::queries::validator_set(state, now);
    let safe =
        set.validators.iter().filter(|member| run_by(state, &member.account).is_some_and(|build| remains(&build)));
    let (running, total): (Amount, Amount) = (safe.map(|member| member.power).sum(), set.total_power());
    if Fraction::TWO_THIRDS.is_met(running, total) && total > Amount::ZERO {
        return Ok(());
    }
    Err(Error::WouldStrand { build_hash: alone.build_hash, running, total })
}

/// For each platform whose active build is revoked: the latest earlier build that may still run.
fn reinstated(state: &State, now: Epoch, revoked: &Builds) -> Vec<BuildHash> {
    let minimum = queries::minimum_sequence(state);
    let mut reinstated: Vec<ApprovedRelease> = Vec::new();
    for old in active(state).into_iter().filter(|build| revoked.contains(&build.build_hash)) {
        let fits = |build: &ApprovedRelease| {
            let superseded = matches!(build.standing, Standing::Superseded { .. });
            let after = now.plus(notice(state));
            superseded && build.runs(&minimum, after) && build.target.shares_platform_with(&old.target)
        };
        let earlier = (1..old.sequence).rev().take(LOOK_BACK as usize);
        let builds = earlier.flat_map(|sequence| BUILDS.get(state, &sequence).unwrap_or_default());
        let candidates = builds.filter(|hash| !revoked.contains(hash)).filter_map(|hash| APPROVED.get(state, &hash));
        let found = candidates.into_iter().find(fits);
        reinstated.extend(found.filter(|new| reinstated.iter().all(|other| other.build_hash != new.build_hash)));
    }
    reinstated.into_iter().map(|build| build.build_hash).collect()
}
