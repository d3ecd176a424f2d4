//! What it takes to turn the rule of a quorum on, or off (ROLLOUTS 11).

use crate::change::SubmittedChange;
use crate::effects::QuorumMove;
use crate::plan::QUORUM_GATE;
use crate::{Error, FirstAccounts, SealerFlaw, polls};
use primitives::{Amount, Fraction, Moment, Name, Path, ProposalId};
use releases::queries::Verdict;
use staking::Certificate;
use state::State;

/// More than this of the power of those who would decide has to be there.
const THREE_QUARTERS: Fraction = match Fraction::new(3, 4) {
    Some(share) => share,
    None => Fraction::TWO_THIRDS,
};

/// Refuses that a quorum decides before those who would are there: candidates who advertised in this epoch or the last one, with a build
/// that may run when they would begin, which is in two epochs.
pub(super) fn require_present(state: &State, at: Moment, quorum: QuorumMove) -> Result<(), Error> {
    if !quorum.begins {
        return Ok(());
    }
    let (since, begins) = (at.epoch.minus(1), at.epoch.plus(2));
    let share = releases::queries::fleet_share(state, at.epoch, |_, epoch, said| {
        let verdict = releases::queries::verdict_now(state, &said.build, begins);
        epoch >= since && verdict == Verdict::Approved
    });
    if share.is_exceeded(THREE_QUARTERS) {
        return Ok(());
    }
    let share_percent = percent(share.power, share.total);
    Err(Error::QuorumAbsent { share_percent, missing: FirstAccounts::truncate_from(share.drifting) })
}

fn percent(part: Amount, whole: Amount) -> u8 {
    let percent = u128::from(part.0).saturating_mul(100).checked_div(whole.0.into()).unwrap_or_default();
    u8::try_from(percent).unwrap_or(100)
}

/// A change names who decides alone exactly when it ends that a quorum decides.
pub(super) fn require_named(asked: Option<&primitives::AccountId>, quorum: QuorumMove) -> Result<(), Error> {
    match (asked, quorum.ends) {
        (None, true) => Err(SealerFlaw::Missing.into()),
        (Some(_), false) => Err(SealerFlaw::Needless.into()),
        (Some(_), true) | (None, false) => Ok(()),
    }
}

/// Whoever is to decide alone decides blocks now, and shows that it is alive: a certificate of the epoch before has its precommit.
pub(super) fn require_alive(
    state: &State,
    at: Moment,
    change: &SubmittedChange,
    proof: Option<&Certificate>,
    quorum: QuorumMove,
) -> Result<(), Error> {
    let sealer = change.asked.sealer.as_ref();
    require_named(sealer, quorum)?;
    let Some(sealer) = sealer else {
        return if proof.is_some() { Err(SealerFlaw::Needless.into()) } else { Ok(()) };
    };
    if staking::queries::validator_set(state, at.epoch).power_of(sealer).is_none() {
        return Err(SealerFlaw::NotInSet(*sealer).into());
    }
    let proof = proof.ok_or(SealerFlaw::Unproven(*sealer))?;
    let is_shown = staking::queries::shows_presence(state, proof, sealer, at.epoch.minus(1));
    if is_shown { Ok(()) } else { Err(SealerFlaw::BadProof(*sealer).into()) }
}

/// Whoever approved what takes the rule of a quorum from anybody is the stake. What was approved by others has become that since it was
/// opened, and is written anew.
pub(super) fn require_mandate(state: &State, poll: Option<ProposalId>, quorum: QuorumMove) -> Result<(), Error> {
    let is_mandated = poll.is_some_and(|poll| polls::is_of_stake(state, poll));
    if !quorum.lost || is_mandated {
        return Ok(());
    }
    let flag = Name::new(QUORUM_GATE).ok_or(Error::NoEffect)?;
    Err(Error::FlagMoved { flag, path: Path::ROOT })
}
