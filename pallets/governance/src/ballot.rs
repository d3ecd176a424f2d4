//! What a vote is, and how votes are counted.

use crate::Reason;
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, Amount, ProposalId, Timestamp};
use serde::{Deserialize, Serialize};

/// A way to vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// In favour.
    Yes,
    /// Against.
    No,
    /// Present, neither for nor against; counts for the quorum.
    Abstain,
}

/// One account's vote.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ballot {
    /// On what.
    pub proposal_id: ProposalId,
    /// Whose.
    pub voter: AccountId,
    /// Its number among the ballots on the proposal, from 1, in the order in which their voters first voted. One that replaces an
    /// earlier one has its number.
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub number: u64,
    /// How.
    pub choice: Choice,
    /// What it counts for: the voter's own stake and what it represents; of a member one, as long as it is one.
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Overridden {
    /// The validator that spoke for it.
    pub validator: AccountId,
    /// How much.
    pub amount: Amount,
    /// How much of what was delegated to the validator votes for itself by now, this included.
    pub total: Amount,
    /// The validator's ballot without it; none when the validator has not voted.
    pub lighter: Option<LighterBallot>,
}

/// What a ballot counts for from now on; the rest of it stays, its reason included, and is not said again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LighterBallot {
    /// What it counts for.
    pub weight: Amount,
    /// The part of the weight that others delegated to the voter and did not vote with themselves.
    pub represented: Amount,
}

impl Ballot {
    /// The same vote, which counts for less.
    pub fn lightened(self, by: &LighterBallot) -> Self {
        let LighterBallot { weight, represented } = *by;
        Self { weight, represented, ..self }
    }
}

/// What a rejected proposal was missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Shortfall {
    /// Too little weight voted; the deposit is forfeited.
    Quorum,
    /// Too little of the electorate was in favour.
    Support,
    /// Not more yes than no.
    Majority,
    /// Too few of the keys that signed what it proposes, or approve it, still count.
    Signatures,
    /// Other keys sign since it was proposed.
    Signers,
    /// The votes are there, and what they ask for is not: too few validators hold it.
    Unavailable,
    /// Nobody who could vote is left: all members went.
    Voters,
}
