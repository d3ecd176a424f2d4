//! Why a call about proposals is refused.

use crate::{Status, TrackName};
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Amount, Epoch, ProposalId};
use roles::RoleKey;
use serde::{Deserialize, Serialize};

/// Why a call was refused.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "GovernanceRefusal"))]
#[serde(rename_all = "snake_case")]
pub enum Error {
    /// The deposit cannot be held.
    #[error("the proposal's deposit cannot be paid: {0}")]
    Deposit(accounts::Error),
    /// The proposer is neither a validator nor holds enough stake.
    #[error(
        "only a validator or a holder of at least {need} bonded tokens can propose; this account has {have} bonded"
    )]
    NotEligible {
        /// The proposer's stake in force.
        have: Amount,
        /// The least stake of a proposer that is no validator.
        need: Amount,
    },
    /// As many proposals are live as allowed.
    #[error(
        "all {most} places for a proposal on the {track} track are taken by those that are open or about to activate; wait \
         until one is concluded"
    )]
    TooManyOpen {
        /// The track.
        track: TrackName,
        /// How many places there are for it.
        most: u32,
    },
    /// The proposer has as many live proposals as allowed.
    #[error(
        "this account has {0} proposals that are open or about to activate, as many as one may have; wait until one is \
         concluded"
    )]
    TooManyOfOne(u32),
    /// A motion that stops something, or brings that nearer, on a track with a low bar.
    #[error(
        "this stops software or a decision, or brings that nearer, so it can only be decided on the expedited track"
    )]
    ExpeditedOnly,
    /// A proposal that is concluded already, or would be before it is stopped.
    #[error("proposal {proposal_id} is {status}{}", until_when(*activation))]
    NotStoppable {
        /// Which.
        proposal_id: ProposalId,
        /// Its status.
        status: Status,
        /// Its activation epoch; the last there can be where members decided.
        activation: Epoch,
    },
    /// The deadline is outside of what the track allows.
    #[error("the vote deadline must lie from epoch {soonest} to epoch {latest} on this track, not at {asked}")]
    DeadlineOutOfRange {
        /// The deadline asked for.
        asked: Epoch,
        /// The soonest.
        soonest: Epoch,
        /// The latest.
        latest: Epoch,
    },
    /// The delay is outside of what the track allows.
    #[error("the activation delay must be {least} to {most} epochs on this track, not {asked}")]
    DelayOutOfRange {
        /// The delay asked for, in epochs.
        asked: u64,
        /// The shortest.
        least: u64,
        /// The longest.
        most: u64,
    },
    /// No such proposal.
    #[error("there is no proposal {0}")]
    UnknownProposal(ProposalId),
    /// The proposal is not open any more.
    #[error("proposal {proposal_id} is {status}, so it takes no votes and cannot be withdrawn")]
    NotOpen {
        /// Which.
        proposal_id: ProposalId,
        /// Its status.
        status: Status,
    },
    /// The deadline epoch has begun.
    #[error("voting on proposal {proposal_id} ended at the start of epoch {deadline}; it is epoch {now}")]
    VotingEnded {
        /// Which.
        proposal_id: ProposalId,
        /// The deadline.
        deadline: Epoch,
        /// The epoch of this block.
        now: Epoch,
    },
    /// The voter had no stake in the snapshot.
    #[error(
        "this account had no stake in force in epoch {0}, when the proposal was made; stake bonded later has no vote on it"
    )]
    NoStake(Epoch),
    /// Only the proposer can withdraw.
    #[error("only the proposer, {0}, can withdraw this proposal")]
    NotProposer(AccountId),
    /// Others have voted on an expedited motion.
    #[error(
        "others have voted on proposal {0}, and an expedited motion stays open once they have; vote against it instead"
    )]
    StaysOpen(ProposalId),
    /// The account is no member of the role that votes, or came after the poll was opened.
    #[error(
        "on proposal {proposal_id} vote those who were {key} when it was opened and still are, and this account is not one of \
         them; vote with the account of one"
    )]
    NotMember {
        /// Which.
        proposal_id: ProposalId,
        /// The role.
        key: RoleKey,
    },
    /// A member gave no reason.
    #[error("a vote on proposal {0} needs a reason, for everybody to read; say in a few words why")]
    ReasonMissing(ProposalId),
    /// What only the chain puts to the vote, or a track on which only the chain does.
    #[error("this is put to the vote by the chain, when its time has come; no account proposes it")]
    CouncilOnly,
    /// The chain opened it, so nobody takes it back.
    #[error(
        "the chain opened proposal {0}, so nobody takes it back; vote against it, or take back what it was opened for"
    )]
    OpenedByChain(ProposalId),
    /// The time to vote on a poll of members is over.
    #[error("the time to vote on proposal {0} is over; what came of it is said in one of the next blocks")]
    PollClosed(ProposalId),
}

impl Error {
    /// The number by which programs know it, from 150 on; it never changes, and is of no other refusal (REQ-137).
    pub fn number(&self) -> u16 {
        match self {
            Error::Deposit(_) => 150,
            Error::NotEligible { .. } => 151,
            Error::TooManyOpen { .. } => 152,
            Error::TooManyOfOne(_) => 153,
            Error::ExpeditedOnly => 154,
            Error::NotStoppable { .. } => 155,
            Error::DeadlineOutOfRange { .. } => 156,
            Error::DelayOutOfRange { .. } => 157,
            Error::UnknownProposal(_) => 158,
            Error::NotOpen { .. } => 159,
            Error::VotingEnded { .. } => 160,
            Error::NoStake(_) => 161,
            Error::NotProposer(_) => 162,
            Error::StaysOpen(_) => 163,
            Error::NotMember { .. } => 164,
            Error::ReasonMissing(_) => 165,
            Error::CouncilOnly => 166,
            Error::OpenedByChain(_) => 167,
            Error::PollClosed(_) => 168,
        }
    }
}

/// Until when something could have been stopped.
fn until_when(activation: Epoch) -> String {
    if activation == Epoch::MAX {
        return " and no longer open; what members decide can be stopped only until they have".into();
    }
    format!(
        " and would be carried out at epoch {activation}; it can be stopped only before that, by a proposal that itself activates \
         at epoch {activation} or sooner"
    )
}
