//! When a release counts as at hand: who may say that it is held, when it may pass, and when nodes may be made to change to it.

use super::install::told;
use crate::{
    ApprovedRelease, Error, Event, HeldPower, InstallStage, MAX_COUNTED, Motion, Platform, ReleaseVote, Standing,
};
use crate::{queries, storage::*};
use governance::Status;
use primitives::{AccountId, Amount, BuildHash, Epoch, Fraction, Moment, ProposalId};
use staking::ValidatorSet;
use state::State;
use std::collections::BTreeMap;

/// A validator says that it holds a build that is voted on. It is counted by the power that it had when each proposal was made,
/// and for each of them once; for the first [`MAX_COUNTED`] that it is not counted for yet, and for the others when it says so
/// again. What is sealed is nobody's to hold before it is revealed (T17), and what is judged by now nobody changes any more.
pub(super) fn hold(state: &State, at: Moment, node: AccountId, build_hash: BuildHash) -> Result<Event, Error> {
    let mut proposals: Vec<ProposalId> = queries::proposals_of(state, &build_hash).collect();
    proposals.retain(|id| !is_over(state, at.epoch, *id, &build_hash));
    if proposals.is_empty() {
        return Err(Error::NotProposed(build_hash));
    }
    proposals.retain(|id| queries::is_open_to_all(state, *id, &build_hash));
    if proposals.is_empty() {
        return Err(Error::StillSecret(build_hash));
    }
    let open = proposals.len();
    proposals.retain(|id| !HOLDERS.contains(state, &(*id, build_hash, node)));
    let is_counted = proposals.len() < open;
    let counted = held_with(state, &proposals, build_hash, &node);
    if counted.is_empty() {
        return Err(if is_counted { Error::AlreadyHeld(build_hash) } else { Error::WithoutPower(build_hash) });
    }
    let earlier = STAGES.get(state, &(build_hash, node));
    let (report, nodes) = told(state, at, build_hash, earlier, InstallStage::Held);
    Ok(Event::Held { build_hash, node, report, counted, nodes })
}

/// Whether it stands by now who holds what a proposal asks for: from the end of its vote on, of a sealed one from its activation
/// on, also while it waits for the block that says how it ended. What passed lacks nothing, whoever comes to hold it later.
fn is_over(state: &State, now: Epoch, id: ProposalId, build_hash: &BuildHash) -> bool {
    let poll = governance::queries::poll(state, id);
    if queries::was_sealed(state, id, build_hash) {
        now >= poll.activation_epoch
    } else {
        poll.status == Status::Open && now >= poll.vote_deadline_epoch
    }
}

/// The power that holds a build once this node is counted, for each proposal whose validators it is one of. The validators of an
/// epoch are read once.
fn held_with(state: &State, proposals: &[ProposalId], build_hash: BuildHash, node: &AccountId) -> Vec<HeldPower> {
    let mut sets: BTreeMap<Epoch, ValidatorSet> = BTreeMap::new();
    let with_own = |proposal_id: &ProposalId| {
        let epoch = queries::measured_in(state, *proposal_id);
        let set = sets.entry(epoch).or_insert_with(|| staking::queries::candidates(state, epoch));
        let own = set.power_of(node)?;
        let before = HELD.get(state, &(*proposal_id, build_hash)).map_or(Amount::ZERO, |held| held.power);
        Some(HeldPower { proposal_id: *proposal_id, power: before.saturating_add(own), total: set.total_power() })
    };
    proposals.iter().filter_map(with_own).take(MAX_COUNTED).collect()
}

/// Whether the release that a motion would approve is at hand. A sealed one has time until its activation, and is judged when it
/// is carried out.
pub(super) fn is_available(state: &State, id: ProposalId, motion: &Motion) -> bool {
    match motion {
        Motion::Approve(vote) if vote.sealed.is_none() => {
            queries::availability(state, id, vote.targets().map(|target| target.build_hash)).met
        }
        _ => true,
    }
}

/// Refuses to carry out a release that was sealed while it was voted on, and of which some build is held by too few.
pub(super) fn require(state: &State, id: ProposalId, vote: &ReleaseVote) -> Result<(), Error> {
    let availability = queries::availability(state, id, vote.targets().map(|target| target.build_hash));
    match availability.scarcest().filter(|_| !availability.met) {
        None => Ok(()),
        Some(build) => {
            let (build_hash, have, need) = (build.build_hash, build.power, availability.needed);
            Err(Error::Unavailable { build_hash, have, need })
        }
    }
}

/// No node is made to change to a release that it could not get: two thirds of the power run a build that may run under the
/// minimum, or hold one for the machine that they run on, and so does whoever decides blocks alone. Whoever has not said what it runs may
/// be on any of those machines.
pub(super) fn require_ready(state: &State, now: Epoch, minimum: u64) -> Result<(), Error> {
    let reaches =
        |build: &ApprovedRelease| build.sequence >= minimum && !matches!(build.standing, Standing::Revoked { .. });
    // The release itself and the latest ones: whoever holds another one runs it, or comes to hold the latest.
    let mut hashes = BUILDS.get(state, &minimum).unwrap_or_default();
    hashes.extend(ACTIVE.get_or_default(state));
    let builds: Vec<ApprovedRelease> =
        hashes.iter().filter_map(|hash| APPROVED.get(state, hash)).filter(reaches).collect();
    let holds_for = |node: &AccountId, platform: &Platform| {
        let mut fitting = builds.iter().filter(|build| build.target.platform == *platform);
        fitting.any(|build| queries::holds(state, &build.build_hash, node))
    };
    let is_ready = |node: &AccountId| match queries::running(state, node).and_then(|hash| APPROVED.get(state, &hash)) {
        Some(run) => reaches(&run) || holds_for(node, &run.target.platform),
        None => !builds.is_empty() && builds.iter().all(|build| holds_for(node, &build.target.platform)),
    };
    for set in queries::depended_on(state, now) {
        let ready = set.validators.iter().filter(|member| is_ready(&member.account));
        let (have, total): (Amount, Amount) = (ready.map(|member| member.power).sum(), set.total_power());
        if total == Amount::ZERO || !Fraction::TWO_THIRDS.is_met(have, total) {
            return Err(Error::HoldersMissing { minimum, have, total });
        }
    }
    Ok(())
}
