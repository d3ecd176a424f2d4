//! When a ballot is taken, and what it counts for.

use crate::{
    Ballot, Choice, Electorate, Error, Event, LighterBallot, Motion, Overridden, Poll, Reason, Status, Tally, counting,
    queries, storage::*,
};
use primitives::{AccountId, Amount, Epoch, Moment, ProposalId};
use state::State;

/// An open proposal whose voting has not ended: from its end on the outcome stands, also while it waits for the block that says so.
pub(crate) fn open_poll(state: &State, at: Moment, proposal_id: ProposalId) -> Result<Poll, Error> {
    let poll = POLLS.get(state, &proposal_id).ok_or(Error::UnknownProposal(proposal_id))?;
    let (status, deadline) = (poll.status, poll.vote_deadline_epoch);
    if status != Status::Open {
        return Err(Error::NotOpen { proposal_id, status });
    }
    if at.epoch >= deadline {
        return Err(Error::VotingEnded { proposal_id, deadline, now: at.epoch });
    }
    if poll.is_over(at) { Err(Error::PollClosed(proposal_id)) } else { Ok(poll) }
}

/// A ballot, and what it makes of the count. Of what the chain opened the motion is asked before a yes counts.
pub(crate) fn vote<M: Motion>(
    state: &State,
    at: Moment,
    voter: AccountId,
    proposal_id: ProposalId,
    choice: Choice,
    reason: Option<Reason>,
) -> Result<Event<M>, M::Error> {
    let poll = open_poll(state, at, proposal_id)?;
    require_member(state, &poll.electorate, proposal_id, &voter, reason.as_ref())?;
    if poll.place.is_of_chain() && choice == Choice::Yes {
        queries::proposal::<M>(state, proposal_id).motion.votable(state, at, voter)?;
    }
    let mut tally = poll.tally;
    let previous = BALLOTS.get(state, &(proposal_id, voter));
    let number = match &previous {
        Some(previous) => previous.number,
        None => poll.ballots.saturating_add(1),
    };
    let (weight, represented, overridden) = match previous {
        Some(previous) => {
            tally.take(previous.choice, previous.weight);
            (previous.weight, previous.represented, Vec::new())
        }
        None => first_weight(state, proposal_id, voter, &poll.electorate, &mut tally)?,
    };
    tally.add(choice, weight);
    let decides = decides(&poll, &tally);
    let ballot = Ballot { proposal_id, voter, number, choice, weight, represented, reason, received_at: at.time };
    Ok(Event::Voted { ballot, tally, overridden, decides })
}

/// How many rows a yes may read because its motion is asked first: of what the chain opened, and while it is open.
pub(crate) fn reads_of_yes<M: Motion>(state: &State, proposal_id: ProposalId) -> u32 {
    let poll = POLLS.get(state, &proposal_id).filter(|poll| poll.status == Status::Open && poll.place.is_of_chain());
    poll.map(|_| queries::proposal::<M>(state, proposal_id).motion.reads(state)).unwrap_or_default()
}

/// Members alone vote on what is theirs, and say why (REQ-032).
fn require_member(
    state: &State,
    electorate: &Electorate,
    proposal_id: ProposalId,
    voter: &AccountId,
    reason: Option<&Reason>,
) -> Result<(), Error> {
    let Electorate::Members { key, .. } = electorate else { return Ok(()) };
    if electorate.weight_of(state, voter) == Amount::ZERO {
        return Err(Error::NotMember { proposal_id, key: key.clone() });
    }
    if reason.is_none() { Err(Error::ReasonMissing(proposal_id)) } else { Ok(()) }
}

/// Whether a count is certain by now, as that of a poll of members can be. Stake has its whole time to vote, whatever the count is.
fn decides(poll: &Poll, tally: &Tally) -> bool {
    match poll.electorate {
        Electorate::Stake { .. } => false,
        Electorate::Members { .. } => counting::settled(&poll.rules, tally, poll.total).is_some(),
    }
}

/// The weight of a first ballot: all of it, the represented part, and what it takes from the voter's validators, whose ballots
/// count for less in `tally` then.
fn first_weight(
    state: &State,
    proposal_id: ProposalId,
    voter: AccountId,
    electorate: &Electorate,
    tally: &mut Tally,
) -> Result<(Amount, Amount, Vec<Overridden>), Error> {
    match electorate {
        Electorate::Stake { epoch, .. } => first_stake(state, proposal_id, voter, *epoch, tally),
        Electorate::Members { .. } => Ok((Electorate::OF_A_MEMBER, Amount::ZERO, Vec::new())),
    }
}

fn first_stake(
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
