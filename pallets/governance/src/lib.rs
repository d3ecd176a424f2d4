//! Proposals, ballots, electorates, tracks and deadlines; generic over what is voted on.
//!
//! A [`Proposal`] puts a motion to the stake that was in force in the epoch of its creation. A ballot weighs the voter's own
//! stake; a validator's weighs, on top, the stake delegated to it by accounts that have not voted themselves, and shrinks when
//! they do. Voting ends at the start of the deadline epoch; a proposal that passed is carried out at the start of its
//! activation epoch. Both fire by themselves ([`due`]), each once.
//!
//! # Invariants
//! - No unit of stake is counted twice, and stake moved after the snapshot counts for nothing.
//! - The tally kept by increments equals the tally counted from all ballots.
//! - Two live proposals never claim the same thing ([`Motion::claims`]).
//! - A status changes only forward: open, then passed, rejected, withdrawn or cancelled; passed, then activated or cancelled.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::float_arithmetic
    )
)]

mod apply;
mod decide;
mod due;
mod error;
mod genesis;
mod intervene;
pub mod queries;
mod storage;
#[cfg(test)]
mod tests;
mod tracks;
mod words;

use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Amount, Digest, Epoch, Moment, ProposalId, Text, Timestamp};
use serde::{Deserialize, Serialize};
use state::Enact;

pub use due::{activate, due};
pub use error::Error;
pub use genesis::Genesis;
pub use primitives::TrackName;
pub use tracks::{Params, Track, TrackRules};

/// A reason given with a ballot or for a withdrawal, at most 1,024 bytes.
pub type Reason = Text<1024>;

/// What can be voted on. The runtime's motion implements this.
pub trait Motion: Enact<Error: From<Error>> + Clone + PartialEq + std::fmt::Debug + Encode + Decode {
    /// What the motion claims for itself alone while its proposal is open or passed, such as the build hashes it approves.
    fn claims(&self) -> Vec<Digest>;
}

/// What governance can do to its own proposals.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case", prefix = "governance.")]
pub enum Intervention {
    /// Stops a proposal before it is carried out, also when it has passed.
    Cancel {
        /// Which.
        proposal_id: ProposalId,
        /// Why.
        reason: Reason,
    },
}

/// What a stake holder can ask for.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case", prefix = "governance.")]
pub enum Call<M> {
    /// Puts a motion to the vote. Holds the track's deposit.
    Propose {
        /// What is to be done when it passes.
        motion: M,
        /// The rules of the vote.
        track: TrackName,
        /// The epoch at whose start voting ends; without it, the soonest that the track allows.
        #[serde(default)]
        vote_deadline_epoch: Option<Epoch>,
        /// Epochs from the deadline to the activation; without it, the fewest that the track allows.
        #[serde(default)]
        activation_delay: Option<u64>,
    },
    /// Votes, or replaces an earlier ballot.
    Vote {
        /// On what.
        proposal_id: ProposalId,
        /// How.
        choice: Choice,
        /// Why; for everyone to read.
        #[serde(default)]
        reason: Option<Reason>,
    },
    /// Takes one's own open proposal back; the deposit returns.
    Withdraw {
        /// Which.
        proposal_id: ProposalId,
    },
}

/// What happened.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", prefix = "governance.")]
pub enum Event<M> {
    /// Votes follow these rules from now on.
    ParamsSet(Params),
    /// A motion is open for votes.
    Proposed(Proposal<M>),
    /// A ballot counts from now on.
    Voted {
        /// The ballot.
        ballot: Ballot,
        /// The tally with it.
        tally: Tally,
        /// What the voter had delegated, which its validators speak for no longer; empty when a ballot is replaced.
        overridden: Vec<Overridden>,
    },
    /// The proposer took the proposal back.
    Withdrawn {
        /// Which.
        proposal_id: ProposalId,
        /// What became of its deposit.
        deposit: DepositEnd,
    },
    /// Voting ended and the motion will be carried out.
    Passed {
        /// Which.
        proposal_id: ProposalId,
        /// The final count.
        tally: Tally,
        /// When it is carried out.
        activation_epoch: Epoch,
        /// What became of its deposit.
        deposit: DepositEnd,
    },
    /// Voting ended and the motion will not be carried out.
    Rejected {
        /// Which.
        proposal_id: ProposalId,
        /// The final count.
        tally: Tally,
        /// What was missing.
        shortfall: Shortfall,
        /// What became of its deposit.
        deposit: DepositEnd,
    },
    /// The motion was carried out.
    Activated {
        /// Which.
        proposal_id: ProposalId,
    },
    /// The motion will not be carried out: another proposal stopped it, or it passed and its pallet refused it in the end.
    Cancelled(Cancelled),
}

/// A proposal that is not carried out.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct Cancelled {
    /// Which.
    pub proposal_id: ProposalId,
    /// What became of its deposit; none when it had passed, which returned it.
    pub deposit: Option<DepositEnd>,
}

impl<M> From<Cancelled> for Event<M> {
    fn from(cancelled: Cancelled) -> Self {
        Event::Cancelled(cancelled)
    }
}

/// What is held while a proposal is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct Deposit {
    /// Whose tokens they are: the proposer's.
    pub account: AccountId,
    /// How much.
    pub amount: Amount,
}

/// How a deposit ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DepositEnd {
    /// It is free again.
    Returned(Deposit),
    /// It is forfeited: too few voted.
    Burned(Deposit),
}

/// A motion put to the vote: everything about it that never changes.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct Proposal<M> {
    /// Its number.
    pub id: ProposalId,
    /// What is to be done.
    pub motion: M,
    /// Who asked for it.
    pub proposer: AccountId,
    /// The name of its rules.
    pub track: TrackName,
    /// Its rules, as they were when it was made.
    pub rules: TrackRules,
    /// Who can vote.
    pub electorate: Electorate,
    /// When it was made.
    pub created: Moment,
    /// The epoch of its creation.
    pub created_epoch: Epoch,
    /// Voting ends at the start of this epoch.
    pub vote_deadline_epoch: Epoch,
    /// It is carried out at the start of this epoch.
    pub activation_epoch: Epoch,
}

/// Who can vote, and how much there is to vote with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Electorate {
    /// Stake in force in an epoch.
    Stake {
        /// The epoch.
        epoch: Epoch,
        /// All of it.
        total: Amount,
    },
}

impl Electorate {
    /// The epoch whose stake votes.
    pub fn epoch(&self) -> Epoch {
        let Electorate::Stake { epoch, .. } = self;
        *epoch
    }

    /// All the weight there is.
    pub fn total(&self) -> Amount {
        let Electorate::Stake { total, .. } = self;
        *total
    }
}

/// The part of a proposal that changes.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct Poll {
    /// Where it stands.
    pub status: Status,
    /// Who can vote.
    pub electorate: Electorate,
    /// Voting ends at the start of this epoch.
    pub vote_deadline_epoch: Epoch,
    /// It is carried out at the start of this epoch.
    pub activation_epoch: Epoch,
    /// The count so far.
    pub tally: Tally,
}

impl Poll {
    /// The epoch at whose start something happens to a live one: voting ends, or it is carried out.
    pub fn next_epoch(&self) -> Epoch {
        if self.status == Status::Open { self.vote_deadline_epoch } else { self.activation_epoch }
    }
}

/// Where a proposal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Takes votes.
    Open,
    /// Waits for its activation epoch.
    Passed,
    /// Was carried out.
    Activated,
    /// Did not find the votes.
    Rejected,
    /// Was taken back by its proposer.
    Withdrawn,
    /// Stopped by another proposal, or passed and refused in the end.
    Cancelled,
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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

/// A way to vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// In favour.
    Yes,
    /// Against.
    No,
    /// Present, neither for nor against; counts for the quorum.
    Abstain,
}

impl std::fmt::Display for Choice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Choice::Yes => "yes",
            Choice::No => "no",
            Choice::Abstain => "abstain",
        })
    }
}

/// One account's vote.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct Ballot {
    /// On what.
    pub proposal_id: ProposalId,
    /// Whose.
    pub voter: AccountId,
    /// How.
    pub choice: Choice,
    /// What it counts for: the voter's own stake and what it represents.
    pub weight: Amount,
    /// The part of the weight that others delegated to the voter and did not vote with themselves.
    pub represented: Amount,
    /// Why.
    pub reason: Option<Reason>,
    /// The time of the block that took it.
    pub received_at: Timestamp,
}

/// Weight by choice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct Tally {
    /// In favour.
    pub yes: Amount,
    /// Against.
    pub no: Amount,
    /// Neither.
    pub abstain: Amount,
}

impl Tally {
    /// All weight that voted.
    pub fn turnout(&self) -> Amount {
        self.yes.saturating_add(self.no).saturating_add(self.abstain)
    }

    /// Counts `weight` for `choice`.
    pub fn add(&mut self, choice: Choice, weight: Amount) {
        let side = self.side(choice);
        *side = side.saturating_add(weight);
    }

    /// Takes `weight` away from `choice`.
    pub fn take(&mut self, choice: Choice, weight: Amount) {
        let side = self.side(choice);
        *side = side.saturating_sub(weight);
    }

    fn side(&mut self, choice: Choice) -> &mut Amount {
        match choice {
            Choice::Yes => &mut self.yes,
            Choice::No => &mut self.no,
            Choice::Abstain => &mut self.abstain,
        }
    }
}

/// Delegated stake that votes for itself.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct Overridden {
    /// The validator that spoke for it.
    pub validator: AccountId,
    /// How much.
    pub amount: Amount,
    /// How much of what was delegated to the validator votes for itself by now, this included.
    pub total: Amount,
    /// The validator's ballot without it; none when the validator has not voted.
    pub ballot: Option<Ballot>,
}

/// What a rejected proposal was missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shortfall {
    /// Too little weight voted; the deposit is forfeited.
    Quorum,
    /// Too little of the electorate was in favour.
    Support,
    /// Not more yes than no.
    Majority,
}
