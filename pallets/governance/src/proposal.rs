//! What a proposal is, where it stands, and what is held for it.

use crate::{Closing, Electorate, Place, Shortfall, Tally, TrackName, TrackRules};
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Amount, Epoch, Height, Moment, ProposalId};
use serde::{Deserialize, Serialize};
use state::{Key, KeyBytes};

/// A motion put to the vote: everything about it that never changes.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ChainProposal"))]
pub struct Proposal<M> {
    /// Its number.
    pub id: ProposalId,
    /// What is to be done.
    pub motion: M,
    /// Who asked for it; of what the chain opened, for whom.
    pub proposer: AccountId,
    /// The name of its rules.
    pub track: TrackName,
    /// Its rules, as they were when it was made.
    pub rules: TrackRules,
    /// The place it holds while it is open or passed.
    pub place: Place,
    /// Who can vote.
    pub electorate: Electorate,
    /// When it was made.
    pub created: Moment,
    /// The epoch of its creation.
    pub created_epoch: Epoch,
    /// Voting ends at the start of this epoch; the last one there can be where members vote, who decide when they do.
    pub vote_deadline_epoch: Epoch,
    /// It is carried out at the start of this epoch; the last one there can be where members vote: that is carried out in the block
    /// in which it is decided.
    pub activation_epoch: Epoch,
    /// When voting ends where members vote and did not decide before; none where they can until they do, and where stake votes.
    pub closes_at: Option<Closing>,
}

/// The part of a proposal that votes read, and change.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Poll {
    /// Where it stands.
    pub status: Status,
    /// Who can vote.
    pub electorate: Electorate,
    /// The place it holds.
    pub place: Place,
    /// Voting ends at the start of this epoch.
    pub vote_deadline_epoch: Epoch,
    /// It is carried out at the start of this epoch.
    pub activation_epoch: Epoch,
    /// When voting ends otherwise.
    pub closes_at: Option<Closing>,
    /// Its rules.
    pub rules: TrackRules,
    /// How many ballots there are, which is the number of the latest.
    pub ballots: u64,
    /// The count so far; of members, without those who had gone when it was last counted.
    pub tally: Tally,
    /// All the weight there is; of members, as many as could vote then.
    pub total: Amount,
    /// The block since which a poll of members waits to be counted from its ballots, or to be carried out. It keeps its turn.
    pub queued: Option<Height>,
}

impl Poll {
    /// The epoch at whose start something happens to a live one on stake: voting ends, or it is carried out.
    pub fn next_epoch(&self) -> Epoch {
        if self.status == Status::Open { self.vote_deadline_epoch } else { self.activation_epoch }
    }

    /// Whether the time to vote has passed, also while it waits for the block that says how it ended.
    pub fn is_over(&self, at: Moment) -> bool {
        at.epoch >= self.vote_deadline_epoch || self.closes_at.is_some_and(|closing| closing.is_over(at))
    }
}

/// Where a proposal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "VoteStatus"))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Takes votes.
    Open,
    /// Waits for its activation epoch, or its turn in the block.
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

/// A key of one byte: the status's place in the list above.
impl Key for Status {
    fn write(&self, out: &mut KeyBytes) {
        self.using_encoded(|byte| out.extend_from_slice(byte));
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Status::decode(bytes).ok()
    }
}

/// What is held while a proposal is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Deposit {
    /// Whose tokens they are: the proposer's.
    pub account: AccountId,
    /// How much.
    pub amount: Amount,
}

/// How a deposit ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DepositEnd {
    /// It is free again.
    Returned(Deposit),
    /// It is forfeited: too few voted, or it was taken back after others had voted.
    Burned(Deposit),
}

impl DepositEnd {
    /// What was held.
    pub fn deposit(&self) -> &Deposit {
        let (DepositEnd::Returned(deposit) | DepositEnd::Burned(deposit)) = self;
        deposit
    }
}

/// Why nothing comes of what the chain opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PollFailure {
    /// It was rejected, for want of that. With [`Shortfall::Voters`] nobody has said no: none of those who could vote is left.
    #[codec(index = 0)]
    Rejected(Shortfall),
    /// The stake stopped it, or its motion was refused when it was to be carried out.
    #[codec(index = 1)]
    Cancelled,
}
