//! How proposals and votes are spoken of.

use crate::{
    Call, Choice, Closing, DepositEnd, Electorate, Error, Event, Intervention, Motion, Proposal, Shortfall, Status,
    Tally, TrackName,
};
use primitives::{Amount, ProposalId, Subject};
use state::Told;
use std::fmt::{Display, Formatter, Result};

impl<M: Motion + Told> Told for Call<M> {
    fn sentence(&self) -> String {
        match self {
            Call::Propose { motion, track, vote_deadline_epoch, activation_delay } => {
                let deadline = vote_deadline_epoch.map_or("at the soonest".into(), |epoch| format!("at epoch {epoch}"));
                let delay = activation_delay.map_or("the shortest delay".into(), |epochs| format!("{epochs} epochs"));
                format!(
                    "proposes {}, on the {track} track; voting ends {deadline}, activation is {delay} later",
                    motion.sentence()
                )
            }
            Call::Vote { proposal_id, choice, reason } => {
                let reason =
                    reason.as_ref().map(|reason| format!(", because {:?}", reason.as_str())).unwrap_or_default();
                let choice = match choice {
                    Choice::Yes => "votes yes on",
                    Choice::No => "votes no on",
                    Choice::Abstain => "abstains on",
                };
                format!("{choice} proposal {proposal_id}{reason}")
            }
            Call::Withdraw { proposal_id } => format!("withdraws its proposal {proposal_id}"),
        }
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        match self {
            Call::Propose { motion, .. } => motion.about(),
            Call::Vote { proposal_id, .. } | Call::Withdraw { proposal_id } => vec![Subject::Proposal(*proposal_id)],
        }
    }
}

impl Told for Intervention {
    fn sentence(&self) -> String {
        let Intervention::Cancel { proposal_id, reason } = self;
        format!("to stop proposal {proposal_id} before it is carried out, because {:?}", reason.as_str())
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        let Intervention::Cancel { proposal_id, .. } = self;
        vec![Subject::Proposal(*proposal_id)]
    }
}

impl<M: Motion + Told> Told for Event<M> {
    fn sentence(&self) -> String {
        match self {
            Event::ParamsSet(params) => format!(
                "{} of the stake must vote on the routine track and {} on the expedited one; {} proposals can be live on \
                 the first and {} on the second, and beside them one expedited motion of each validator",
                params.routine.quorum,
                params.expedited.quorum,
                params.places(TrackName::Routine),
                params.places(TrackName::Expedited)
            ),
            Event::Proposed(proposal) => proposed(proposal),
            Event::Voted { ballot, tally, .. } => format!(
                "{} voted {} on proposal {} with a weight of {}; now {tally}",
                ballot.voter,
                ballot.choice,
                ballot.proposal_id,
                ballot.weight.grouped()
            ),
            Event::Withdrawn { proposal_id, deposit } => {
                format!("proposal {proposal_id} was taken back by its proposer; {deposit}")
            }
            Event::Passed { proposal_id, tally, activation_epoch, .. } => {
                format!("proposal {proposal_id} passed with {tally}; it is carried out at epoch {activation_epoch}")
            }
            Event::Rejected { proposal_id, tally, shortfall, deposit } => {
                format!("proposal {proposal_id} was rejected with {tally}: {shortfall}; {deposit}")
            }
            Event::Activated { proposal_id } => format!("proposal {proposal_id} was carried out"),
            Event::Cancelled(cancelled) => {
                let deposit = cancelled.deposit.map(|deposit| format!("; {deposit}")).unwrap_or_default();
                format!("proposal {} will not be carried out{deposit}", cancelled.proposal_id)
            }
            Event::Opened { proposal, total } => opened(proposal, *total),
            Event::Decided { proposal_id, tally, total, shortfall } => {
                let total = total.grouped();
                match shortfall {
                    None => format!("proposal {proposal_id} passed with {tally}, of {total}"),
                    Some(shortfall) => {
                        format!("proposal {proposal_id} was rejected with {tally}, of {total}: {shortfall}")
                    }
                }
            }
            Event::Recounted { proposal_id, tally, total } => {
                format!("{} can still vote on proposal {proposal_id}; now {tally}", total.grouped())
            }
        }
    }

    fn kind(&self) -> &'static str {
        self.into()
    }

    fn about(&self) -> Vec<Subject> {
        let proposal = |id: &_| vec![Subject::Proposal(*id)];
        match self {
            Event::ParamsSet(_) => Vec::new(),
            Event::Proposed(new) => with_motion(new),
            Event::Voted { ballot, .. } => proposal(&ballot.proposal_id),
            Event::Withdrawn { proposal_id, deposit }
            | Event::Passed { proposal_id, deposit, .. }
            | Event::Rejected { proposal_id, deposit, .. } => ended(proposal_id, Some(deposit)),
            Event::Opened { proposal: new, .. } => {
                with_motion(new).into_iter().chain([Subject::Account(new.proposer)]).collect()
            }
            Event::Activated { proposal_id }
            | Event::Decided { proposal_id, .. }
            | Event::Recounted { proposal_id, .. } => proposal(proposal_id),
            Event::Cancelled(cancelled) => ended(&cancelled.proposal_id, cancelled.deposit.as_ref()),
        }
    }
}

/// The proposal, and what its motion is about.
fn with_motion<M: Motion + Told>(proposal: &Proposal<M>) -> Vec<Subject> {
    std::iter::once(Subject::Proposal(proposal.id)).chain(proposal.motion.about()).collect()
}

/// The proposal, and whose deposit ends with it.
fn ended(id: &ProposalId, deposit: Option<&DepositEnd>) -> Vec<Subject> {
    let account = deposit.map(|deposit| Subject::Account(deposit.deposit().account));
    std::iter::once(Subject::Proposal(*id)).chain(account).collect()
}

fn proposed<M: Motion + Told>(proposal: &Proposal<M>) -> String {
    let Proposal { id, proposer, vote_deadline_epoch, activation_epoch, .. } = proposal;
    format!(
        "{proposer} proposed {}, as proposal {id}; voting ends at the start of epoch {vote_deadline_epoch}, activation is at \
         the start of epoch {activation_epoch}",
        proposal.motion.sentence()
    )
}

/// Who is asked what by the chain, for whom, and until when.
fn opened<M: Motion + Told>(proposal: &Proposal<M>, total: Amount) -> String {
    let Proposal { id, proposer, rules, created, .. } = proposal;
    let (total, support) = (total.grouped(), rules.support);
    let asked = match &proposal.electorate {
        Electorate::Stake { .. } => format!("the {total} stake in force"),
        Electorate::Members { key, .. } => format!("the {total} who are {key}"),
    };
    let until = match (&proposal.electorate, proposal.closes_at) {
        (Electorate::Stake { .. }, _) => {
            format!("until the start of epoch {}", proposal.vote_deadline_epoch)
        }
        (Electorate::Members { .. }, None) => "until it is decided".into(),
        (Electorate::Members { .. }, Some(closing @ Closing::Running(_))) => {
            format!("for {} in which the chain runs", closing.within(*created))
        }
        (Electorate::Members { .. }, Some(Closing::Epoch(epoch))) => format!("until the start of epoch {epoch}"),
    };
    format!(
        "the chain asks {asked} {}, as proposal {id} for {proposer}; {support} of all must be in favour, and it is open {until}",
        proposal.motion.sentence()
    )
}

impl Told for Error {
    fn sentence(&self) -> String {
        self.to_string()
    }

    fn kind(&self) -> &'static str {
        "governance.refused"
    }

    fn about(&self) -> Vec<Subject> {
        match self {
            Error::UnknownProposal(id)
            | Error::StaysOpen(id)
            | Error::ReasonMissing(id)
            | Error::OpenedByChain(id)
            | Error::PollClosed(id) => vec![Subject::Proposal(*id)],
            Error::NotStoppable { proposal_id, .. }
            | Error::NotOpen { proposal_id, .. }
            | Error::VotingEnded { proposal_id, .. }
            | Error::NotMember { proposal_id, .. } => vec![Subject::Proposal(*proposal_id)],
            _ => Vec::new(),
        }
    }
}

impl Display for Status {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Status::Open => "open",
            Status::Passed => "passed",
            Status::Activated => "activated",
            Status::Rejected => "rejected",
            Status::Withdrawn => "withdrawn",
            Status::Cancelled => "cancelled",
        })
    }
}

impl Display for Choice {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Choice::Yes => "yes",
            Choice::No => "no",
            Choice::Abstain => "abstain",
        })
    }
}

impl Display for Tally {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{} yes, {} no, {} abstain", self.yes.grouped(), self.no.grouped(), self.abstain.grouped())
    }
}

impl Display for Shortfall {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Shortfall::Quorum => "the quorum is not there: too little of the electorate voted",
            Shortfall::Support => "the support is not there: too little of the electorate is in favour",
            Shortfall::Majority => "there is not more yes than no",
            Shortfall::Signatures => "the signatures are not there: too few of the keys that signed are still signers",
            Shortfall::Signers => "the release signers were replaced after it was proposed",
            Shortfall::Unavailable => "the votes are there, but too few validators hold what they ask for",
            Shortfall::Voters => "nobody is left who could vote on it",
        })
    }
}

impl Display for DepositEnd {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            DepositEnd::Returned(deposit) => write!(f, "its deposit of {} is free again", deposit.amount.grouped()),
            DepositEnd::Burned(deposit) => write!(f, "its deposit of {} is forfeited", deposit.amount.grouped()),
        }
    }
}
