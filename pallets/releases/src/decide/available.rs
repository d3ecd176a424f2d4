//! When a release counts as at hand: who may say that it is held, when it may pass, and when nodes may be made to change to it.

use crate::{Error, Event, HeldPower, InstallStage, Motion, ReleaseVote, Standing, StageReport, queries, storage::*};
use primitives::{AccountId, Amount, BuildHash, Epoch, Fraction, Moment, ProposalId};
use state::State;

/// A validator says that it holds a build that is voted on. It is counted by the power that it had when each proposal was made,
/// and for each of them once. What is sealed is nobody's to hold before it is revealed (T17).
pub(super) fn hold(state: &State, at: Moment, node: AccountId, build_hash: BuildHash) -> Result<Event, Error> {
    let mut proposals: Vec<ProposalId> = queries::proposals_of(state, &build_hash).collect();
    if proposals.is_empty() {
        return Err(Error::NotProposed(build_hash));
    }
    proposals.retain(|id| queries::is_open_to_all(state, *id, &build_hash));
    if proposals.is_empty() {
        return Err(Error::StillSecret(build_hash));
    }
    let counted = |id: ProposalId| with_power_of(state, id, build_hash, &node);
    let mut counted: Vec<HeldPower> = proposals.into_iter().filter_map(counted).collect();
    if counted.is_empty() {
        return Err(Error::WithoutPower(build_hash));
    }
    counted.retain(|held| !HOLDERS.contains(state, &(held.proposal_id, build_hash, node)));
    if counted.is_empty() {
        return Err(Error::AlreadyHeld(build_hash));
    }
    let report = StageReport::after(STAGES.get(state, &(build_hash, node)), InstallStage::Held, at);
    Ok(Event::Held { build_hash, node, report, counted })
}

/// The power that holds a build once this node is counted; none when it is no validator by which the proposal is measured.
fn with_power_of(state: &State, id: ProposalId, build_hash: BuildHash, node: &AccountId) -> Option<HeldPower> {
    let set = queries::measured_by(state, id);
    let own = set.power_of(node)?;
    let before = HELD.get(state, &(id, build_hash)).map_or(Amount::ZERO, |held| held.power);
    Some(HeldPower { proposal_id: id, power: before.saturating_add(own), total: set.total_power() })
}

impl Motion {
    /// Whether the release that it would approve is at hand. A sealed one has time until its activation, and is judged when it
    /// is carried out.
    pub fn is_available(&self, state: &State, proposal_id: ProposalId) -> bool {
        match self {
            Motion::Approve(vote) if vote.sealed.is_none() => {
                queries::availability(state, proposal_id, vote.targets().map(|target| target.build_hash)).met
            }
            _ => true,
        }
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

/// No node is made to change to a release that it could not get: two thirds of the power run or hold one that may run under the
/// minimum.
pub(super) fn require_ready(state: &State, now: Epoch, minimum: u64) -> Result<(), Error> {
    let reaches = |hash: &BuildHash| {
        let build = APPROVED.get(state, hash);
        build.is_some_and(|build| build.sequence >= minimum && !matches!(build.standing, Standing::Revoked { .. }))
    };
    // The release itself and the latest ones: whoever holds another one runs it, or comes to hold the latest.
    let mut builds = BUILDS.get(state, &minimum).unwrap_or_default();
    builds.extend(ACTIVE.get_or_default(state));
    builds.retain(reaches);
    let is_ready = |node: &AccountId| {
        let runs = queries::running(state, node).is_some_and(|hash| reaches(&hash));
        runs || builds.iter().any(|hash| queries::holds(state, hash, node))
    };
    let set = staking::queries::validator_set(state, now);
    let ready = set.validators.iter().filter(|member| is_ready(&member.account));
    let (have, total): (Amount, Amount) = (ready.map(|member| member.power).sum(), set.total_power());
    if Fraction::TWO_THIRDS.is_met(have, total) && total > Amount::ZERO {
        return Ok(());
    }
    Err(Error::HoldersMissing { minimum, have, total })
}
