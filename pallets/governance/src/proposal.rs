//! What a proposal is, where it stands, and what is held for it.

use crate::{Place, Tally, TrackName, TrackRules};
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Amount, Epoch, Moment, ProposalId};
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
    /// Who asked for it.
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
    /// Voting ends at the start of this epoch.
    pub vote_deadline_epoch: Epoch,
    /// It is carried out at the start of this epoch.
    pub activation_epoch: Epoch,
}

/// Who can vote, and how much there is to vote with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "VoteStatus"))]
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
