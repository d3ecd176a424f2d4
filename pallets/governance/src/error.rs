//! Why a call about proposals is refused.

use crate::{Status, TrackName};
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Amount, Epoch, ProposalId};
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
    #[error(
        "proposal {proposal_id} is {status} and would be carried out at epoch {activation}; it can be stopped only before \
         that, by a proposal that itself activates at epoch {activation} or sooner"
    )]
    NotStoppable {
        /// Which.
        proposal_id: ProposalId,
        /// Its status.
        status: Status,
        /// Its activation epoch.
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
}
