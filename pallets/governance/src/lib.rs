//! Proposals, ballots, electorates, tracks and deadlines; generic over what is voted on.
//!
//! A [`Proposal`] puts a motion to the stake that was in force in the epoch of its creation. A ballot weighs the voter's own
//! stake; a validator's weighs, on top, the stake delegated to it by accounts that have not voted themselves, and shrinks when
//! they do. Voting ends at the start of the deadline epoch, when a motion must also still have the signatures it was proposed
//! with, and what it asks for must be at hand ([`Motion::lacks`]); a proposal that passed is carried out at the start of its
//! activation epoch. Both fire by themselves ([`due`]), each once.
//!
//! Proposals about one thing live side by side: each is judged when it is carried out, and what an earlier one has settled ends
//! the later ones, with the reason on record. What is scarce is places ([`Place`]), and those are shared out.
//!
//! The chain opens proposals itself ([`open()`]), for a pallet that waits for what comes of them. Most are polls of the members of a
//! role, who have one vote each and say why: those who were members when the poll was opened, and still are. Such a poll is decided as
//! soon as its count is certain, and its motion is carried out in that block; it ends without when its time is over, if it has one.
//! Whoever had it opened learns that it passed from what the motion does, and that nothing came of it from [`queries::unmet`], in the
//! same block or as late as it likes: it is there until it has [taken note](apply::take_note).
//!
//! # Invariants
//! - No unit of stake is counted twice, and stake moved after the snapshot counts for nothing.
//! - The tally kept by increments equals the tally counted from all ballots.
//! - What the votes ask for passes only if its pallet says that it is at hand.
//! - No proposal keeps another out: a validator without a live expedited motion can always propose one.
//! - What is held is the deposits of open proposals. One that others have voted on is not taken back for nothing, and an
//!   expedited one not at all.
//! - Nothing is carried out whose effect takes a higher bar than that of the track it passed on ([`require_track`]).
//! - No member votes twice, and none whose membership began after the poll or has ended; nobody proposes to members but the chain.
//! - What guests have opened holds up neither a vote on stake nor a poll of the network's own plan.
//! - A status changes only forward: open, then passed, rejected, withdrawn or cancelled; passed, then activated or cancelled.
#![cfg_attr(test, allow(clippy::restriction, reason = "a test may stop where it fails"))]

pub mod apply;
mod audit;
mod ballot;
mod closing;
mod counting;
mod decide;
mod due;
mod electorate;
mod error;
mod genesis;
mod index;
mod intervene;
mod open;
mod places;
mod proposal;
pub mod queries;
mod schedule;
mod storage;
#[cfg(test)]
mod tests;
mod tracks;
mod voting;
mod words;

use parity_scale_codec::{Decode, Encode};
use primitives::{Amount, Epoch, Moment, ProposalId};
use serde::{Deserialize, Serialize};
use state::{Enact, State};

pub use ballot::{Ballot, Choice, LighterBallot, Overridden, Shortfall, Tally};
pub use closing::Closing;
pub use decide::require_track;
pub use due::{MOST_GUESTS, activate, due};
pub use electorate::Electorate;
pub use error::Error;
pub use genesis::GovernanceGenesis;
pub use index::IndexKey;
pub use open::{PollRules, open};
pub use places::{MOST_PLACES_OF_ONE, Place, SharedPlaces};
pub use primitives::{Reason, TrackName};
pub use proposal::{Deposit, DepositEnd, Poll, PollFailure, Proposal, Status};
pub use tracks::{GovernanceParams, Track, TrackRules};

/// What can be voted on. The runtime's motion implements this.
pub trait Motion: Enact<Error: From<Error>> + Clone + PartialEq + std::fmt::Debug + Encode + Decode {
    /// The keys that its proposal is found by while it is open or passed, such as one for each build that it approves.
    fn index_keys(&self) -> Vec<IndexKey>;

    /// What a motion that was `made` at a moment, as a proposal of this number, lacks beside votes when voting ends at the start
    /// of an epoch, or in it where members decide: votes say what is wanted, and not whether enough keys stand behind it or whether
    /// anybody has it. Nothing that happens from that epoch on changes the answer.
    fn lacks(&self, state: &State, id: ProposalId, made: Moment, voting_ends: Epoch) -> Option<Shortfall>;
}

/// What governance can do to its own proposals.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "GovernanceCall"))]
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
        /// Why; for everyone to read. A member has to say it.
        #[serde(default)]
        reason: Option<Reason>,
    },
    /// Takes one's own open proposal back, before voting ends. The deposit returns, unless others have voted: then it is
    /// forfeited, and an expedited motion stays. What the chain opened is nobody's to take back.
    Withdraw {
        /// Which.
        proposal_id: ProposalId,
    },
}

/// What happened.
#[derive(
    Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ProposalEvent"))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", prefix = "governance.")]
pub enum Event<M> {
    /// Votes follow these rules from now on.
    ParamsSet(GovernanceParams),
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
        /// Whether the count is certain with it, as that of a poll of members can be: the next block counts the ballots and says so.
        decides: bool,
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
    /// The chain put a motion to the vote, for whoever is named as its proposer.
    Opened {
        /// The proposal.
        proposal: Proposal<M>,
        /// All the weight there is: the stake, or how many members can vote.
        total: Amount,
    },
    /// Voting ended on what the chain put to the vote.
    Decided {
        /// Which.
        proposal_id: ProposalId,
        /// The final count; of members, without those who went.
        tally: Tally,
        /// All the weight there was; without them too.
        total: Amount,
        /// What was missing; none when it passed and will be carried out, which it is in this block where members decided.
        shortfall: Option<Shortfall>,
    },
    /// Members changed, and the poll goes on with those who can still vote.
    Recounted {
        /// Which.
        proposal_id: ProposalId,
        /// The count of their ballots.
        tally: Tally,
        /// How many they are.
        total: Amount,
    },
}

/// A proposal that is not carried out.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
