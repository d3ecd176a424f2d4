//! When a call about proposals is granted.

use crate::{Call, Choice, DepositEnd, Electorate, Error, Event, Motion, Proposal, Track, TrackName};
use crate::{places::free_place, queries, storage::*, voting};
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
            Call::Vote { proposal_id, choice, reason } => {
                voting::vote::<M>(state, at, who, *proposal_id, *choice, reason.clone())?
            }
            Call::Withdraw { proposal_id } => withdraw(state, at, who, *proposal_id)?,
        })
    }

    fn signatures(&self) -> u32 {
        match self {
            Call::Propose { motion, .. } => motion.signatures(),
            Call::Vote { .. } | Call::Withdraw { .. } => 0,
        }
    }

    fn reads(&self, state: &State) -> u32 {
        match self {
            Call::Vote { proposal_id, choice: Choice::Yes, .. } => voting::reads_of_yes::<M>(state, *proposal_id),
            Call::Vote { .. } | Call::Propose { .. } | Call::Withdraw { .. } => 0,
        }
    }

    fn most_spent(&self, state: &State) -> Amount {
        match self {
            Call::Propose { track, .. } => {
                PARAMS.require(state).track(*track).map_or(Amount::ZERO, |track| track.deposit)
            }
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
    let track = params.track(track_name).ok_or(Error::CouncilOnly)?;
    let is_validator = staking::queries::candidates(state, at.epoch).power_of(&who).is_some();
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
        id: queries::next_id(state),
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
        closes_at: None,
    })
}

/// Whether a track's bar is high enough for what a motion would do to this state. It is asked when the motion is proposed, and
/// again when it is due: what was harmless may stop something by then.
///
/// # Errors
/// What stops something, on a track with a low bar; and what only the chain puts to the vote.
pub fn require_track<M: Motion>(state: &State, motion: &M, track: TrackName) -> Result<(), Error> {
    let tracks = motion.tracks(state);
    if tracks.contains(&track) {
        return Ok(());
    }
    Err(if tracks.contains(&TrackName::Expedited) { Error::ExpeditedOnly } else { Error::CouncilOnly })
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

/// Until others have voted, nobody counts on it. From then on its end costs the deposit, and an urgent matter is no longer the
/// proposer's alone to end: a veto would be free for whoever proposes first.
fn withdraw<M: Motion>(state: &State, at: Moment, who: AccountId, proposal_id: ProposalId) -> Result<Event<M>, Error> {
    if voting::open_poll(state, at, proposal_id)?.place.is_of_chain() {
        return Err(Error::OpenedByChain(proposal_id));
    }
    let deposit = queries::deposit(state, proposal_id);
    if deposit.account != who {
        return Err(Error::NotProposer(deposit.account));
    }
    if !queries::others_have_voted(state, proposal_id, &who) {
        return Ok(Event::Withdrawn { proposal_id, deposit: DepositEnd::Returned(deposit) });
    }
    match queries::proposal::<M>(state, proposal_id).track {
        TrackName::Routine => Ok(Event::Withdrawn { proposal_id, deposit: DepositEnd::Burned(deposit) }),
        TrackName::Expedited | TrackName::Council => Err(Error::StaysOpen(proposal_id)),
    }
}
