//! When a call about proposals is granted.

use crate::{
    Ballot, Call, Choice, DepositEnd, Electorate, Error, Event, LighterBallot, Motion, Overridden, Poll, Proposal,
    Reason, Status, Tally,
};
use crate::{Track, TrackName, places::free_place, queries, storage::*};
use primitives::{AccountId, Amount, Epoch, Moment, ProposalId};
use state::{Decide, State};

impl<M: Motion> Decide for Call<M> {
    type Event = Event<M>;
    type Error = M::Error;

    fn decide(&self, state: &State, at: Moment, who: AccountId) -> Result<Event<M>, M::Error> {
        Ok(match self {
            Call::Propose { motion, track, vote_deadline_epoch, activation_delay } => {
                let proposal = propose(state, at, who, motion, *track, *vote_deadline_epoch, *activation_delay)?;
                motion.admit(state, at, proposal.activation_epoch)?;
                Event::Proposed(proposal)
            }
            Call::Vote { proposal_id, choice, reason } => vote(state, at, who, *proposal_id, *choice, reason.clone())?,
            Call::Withdraw { proposal_id } => withdraw(state, at, who, *proposal_id)?,
        })
    }

    fn signatures(&self) -> u32 {
        match self {
            Call::Propose { motion, .. } => motion.signatures(),
            Call::Vote { .. } | Call::Withdraw { .. } => 0,
        }
    }

    fn most_spent(&self, state: &State) -> Amount {
        match self {
            Call::Propose { track, .. } => PARAMS.require(state).track(*track).deposit,
            Call::Vote { .. } | Call::Withdraw { .. } => Amount::ZERO,
        }
    }
}

fn propose<M: Motion>(
    state: &State,
    at: Moment,
    who: AccountId,
    motion: &M,
    track_name: TrackName,
    deadline: Option<Epoch>,
    delay: Option<u64>,
) -> Result<Proposal<M>, Error> {
    let params = PARAMS.require(state);
    let track = params.track(track_name);
    let is_validator = staking::queries::validator_set(state, at.epoch).power_of(&who).is_some();
    if !is_validator {
        require_stake(state, at, who, params.proposer_stake)?;
    }
    require_track(state, motion, track_name)?;
    let place = free_place(state, &params, who, is_validator, track_name)?;
    let vote_deadline_epoch = deadline_within(track, at, deadline)?;
    let activation_epoch = vote_deadline_epoch.plus(delay_within(track, delay)?);
    accounts::queries::require_free(state, &who, track.deposit).map_err(Error::Deposit)?;
    let total = staking::queries::total_at(state, at.epoch);
    Ok(Proposal {
        id: LATEST.get_or_default(state).next(),
        motion: motion.clone(),
        proposer: who,
        track: track_name,
        rules: track.rules(),
        place,
        electorate: Electorate::Stake { epoch: at.epoch, total },
        created: at,
        created_epoch: at.epoch,
        vote_deadline_epoch,
        activation_epoch,
    })
}

/// Whether a track's bar is high enough for what a motion would do to this state. It is asked when the motion is proposed, and
/// again when it is due: what was harmless may stop something by then.
///
/// # Errors
/// What stops something, on a track with a low bar.
pub fn require_track<M: Motion>(state: &State, motion: &M, track: TrackName) -> Result<(), Error> {
    if motion.tracks(state).contains(&track) { Ok(()) } else { Err(Error::ExpeditedOnly) }
}

fn require_stake(state: &State, at: Moment, who: AccountId, need: Amount) -> Result<(), Error> {
    let have = staking::queries::stake_at(state, &who, at.epoch);
    if have >= need { Ok(()) } else { Err(Error::NotEligible { have, need }) }
}

fn deadline_within(track: &Track, at: Moment, asked: Option<Epoch>) -> Result<Epoch, Error> {
    let (soonest, latest) = (at.epoch.plus(track.least_window), at.epoch.plus(track.most_window));
    let asked = asked.unwrap_or(soonest);
    if (soonest..=latest).contains(&asked) {
        Ok(asked)
    } else {
        Err(Error::DeadlineOutOfRange { asked, soonest, latest })
    }
}

fn delay_within(track: &Track, asked: Option<u64>) -> Result<u64, Error> {
    let (least, most) = (track.least_delay, track.most_delay);
    let asked = asked.unwrap_or(least);
    if (least..=most).contains(&asked) { Ok(asked) } else { Err(Error::DelayOutOfRange { asked, least, most }) }
}

/// An open proposal whose voting has not ended: from the deadline on its outcome stands, also while it waits for the block that
/// says so.
fn open_poll(state: &State, now: Epoch, proposal_id: ProposalId) -> Result<Poll, Error> {
    let poll = POLLS.get(state, &proposal_id).ok_or(Error::UnknownProposal(proposal_id))?;
    let (status, deadline) = (poll.status, poll.vote_deadline_epoch);
    if status != Status::Open {
        return Err(Error::NotOpen { proposal_id, status });
    }
    if now >= deadline {
        return Err(Error::VotingEnded { proposal_id, deadline, now });
    }
    Ok(poll)
}

fn vote<M>(
    state: &State,
    at: Moment,
    voter: AccountId,
    proposal_id: ProposalId,
    choice: Choice,
    reason: Option<Reason>,
) -> Result<Event<M>, Error> {
    let poll = open_poll(state, at.epoch, proposal_id)?;
    let mut tally = poll.tally;
    let previous = BALLOTS.get(state, &(proposal_id, voter));
    let number = match &previous {
        Some(previous) => previous.number,
        None => queries::ballot_count(state, proposal_id).saturating_add(1),
    };
    let (weight, represented, overridden) = match previous {
        Some(previous) => {
            tally.take(previous.choice, previous.weight);
            (previous.weight, previous.represented, Vec::new())
        }
        None => first_weight(state, proposal_id, voter, poll.electorate.epoch(), &mut tally)?,
    };
    tally.add(choice, weight);
    let ballot = Ballot { proposal_id, voter, number, choice, weight, represented, reason, received_at: at.time };
    Ok(Event::Voted { ballot, tally, overridden })
}

/// The weight of a first ballot: all of it, the represented part, and what it takes from the voter's validators, whose ballots
/// count for less in `tally` then.
fn first_weight(
    state: &State,
    proposal_id: ProposalId,
    voter: AccountId,
    epoch: Epoch,
    tally: &mut Tally,
) -> Result<(Amount, Amount, Vec<Overridden>), Error> {
    let bonds = staking::queries::bonds_at(state, &voter, epoch);
    let own: Amount = bonds.iter().map(|(_, amount)| *amount).sum();
    let own_bond: Amount = bonds.iter().filter(|(to, _)| *to == voter).map(|(_, amount)| *amount).sum();
    let represented = queries::represented(state, proposal_id, &voter, own_bond, epoch);
    let weight = own.saturating_add(represented);
    if weight == Amount::ZERO {
        return Err(Error::NoStake(epoch));
    }
    let overridden = bonds
        .into_iter()
        .filter(|(validator, _)| *validator != voter)
        .map(|(validator, amount)| override_validator(state, proposal_id, validator, amount, tally))
        .collect();
    Ok((weight, represented, overridden))
}

/// Stake that votes for itself is no longer spoken for by its validator, whose ballot becomes lighter.
fn override_validator(
    state: &State,
    proposal_id: ProposalId,
    validator: AccountId,
    amount: Amount,
    tally: &mut Tally,
) -> Overridden {
    let key = (proposal_id, validator);
    let lighter = BALLOTS.get(state, &key).map(|ballot| {
        tally.take(ballot.choice, amount);
        let weight = ballot.weight.saturating_sub(amount);
        LighterBallot { weight, represented: ballot.represented.saturating_sub(amount) }
    });
    let total = OVERRIDDEN.get(state, &key).unwrap_or_default().saturating_add(amount);
    Overridden { validator, amount, total, lighter }
}

/// Until others have voted, nobody counts on it. From then on its end costs the deposit, and an urgent matter is no longer the
/// proposer's alone to end: a veto would be free for whoever proposes first.
fn withdraw<M: Motion>(state: &State, at: Moment, who: AccountId, proposal_id: ProposalId) -> Result<Event<M>, Error> {
    open_poll(state, at.epoch, proposal_id)?;
    let deposit = queries::deposit(state, proposal_id);
    if deposit.account != who {
        return Err(Error::NotProposer(deposit.account));
    }
    if !queries::others_have_voted(state, proposal_id, &who) {
        return Ok(Event::Withdrawn { proposal_id, deposit: DepositEnd::Returned(deposit) });
    }
    match queries::proposal::<M>(state, proposal_id).track {
        TrackName::Routine => Ok(Event::Withdrawn { proposal_id, deposit: DepositEnd::Burned(deposit) }),
        TrackName::Expedited => Err(Error::StaysOpen(proposal_id)),
    }
}
