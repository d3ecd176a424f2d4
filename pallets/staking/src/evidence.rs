//! Whether a validator is punished for what it signed, and how: cheap rules first, then its signatures, a certificate last.

use crate::{Error, Event, Offence, ValidatorSet, loss, penalties, queries, storage::*};
use primitives::{AccountId, Amount, Epoch, Moment};
use state::State;

/// Judges the proof of an offence that `reporter` brings.
pub(crate) fn judge(state: &State, at: Moment, reporter: AccountId, offence: &Offence) -> Result<Event, Error> {
    let (chain_id, epoch_length) = CHAIN.require(state);
    let (validator, epoch) = (offence.validator(), offence.height().epoch(epoch_length));
    if !offence.contradicts() {
        return Err(Error::NoOffence);
    }
    let oldest = oldest_judged(state, at);
    if !(oldest..=at.epoch).contains(&epoch) {
        return Err(Error::OutOfReach { epoch, oldest, newest: at.epoch });
    }
    if !queries::is_enforced(state, epoch) {
        return Err(Error::GateOff { epoch });
    }
    let set = queries::validator_set(state, epoch);
    if set.power_of(&validator).is_none() {
        return Err(Error::NotInSet { validator, epoch });
    }
    if PUNISHED.contains(state, &(epoch, validator)) {
        return Err(Error::AlreadyPunished { validator, epoch });
    }
    if !offence.is_signed(&chain_id) {
        return Err(Error::NotSigned(validator));
    }
    if let Offence::AfterDecision { certificate, .. } = offence
        && certificate.verify(&chain_id, &set).is_err()
    {
        return Err(Error::Undecided(certificate.height));
    }
    Ok(punishment(state, at, reporter, offence, epoch))
}

/// The first epoch whose acts are still judged: what was at stake in it is bonded or waits.
fn oldest_judged(state: &State, at: Moment) -> Epoch {
    at.epoch.minus(PARAMS.require(state).unbonding_epochs)
}

/// What follows for the validator itself, at once; its delegators come by the clock.
fn punishment(state: &State, at: Moment, reporter: AccountId, offence: &Offence, epoch: Epoch) -> Event {
    let rules = PARAMS.require(state).penalties;
    let (validator, from_epoch) = (offence.validator(), at.epoch.next());
    let oldest = oldest_judged(state, at);
    let act = loss::Act { validator, epoch, oldest };
    let (loss, unfinished) = loss::of(state, &act, &validator, &rules.own_share, Amount::ZERO);
    let reward = if reporter == validator { Amount::ZERO } else { rules.reward_share.of(loss.total()) };
    let leaves = |set: ValidatorSet| set.can_lose(&validator).then_some(from_epoch);
    let jailed = JAILED.get(state, &validator).unwrap_or_default();
    Event::Punished {
        validator,
        epoch,
        offence: offence.name(),
        height: offence.height(),
        reporter,
        next: penalties::first_bearer(state, &act, loss.total(), unfinished),
        loss,
        reward,
        from_epoch,
        remembered_from: queries::remembered_from(state, at.epoch),
        leaves_set_of: leaves(queries::validator_set(state, from_epoch)),
        leaves_candidates_of: leaves(queries::candidates(state, from_epoch)),
        jailed_until: from_epoch.plus(rules.jail_epochs).max(jailed),
    }
}
