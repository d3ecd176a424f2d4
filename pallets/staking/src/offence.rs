//! What a validator is punished for: two messages of one height that contradict each other, both with its signature.

use crate::{Certificate, MAX_VALIDATORS};
use parity_scale_codec::{Decode, Encode};
use primitives::{AccountId, BlockHash, ChainId, Height, Signature, VoteKind, proposal_payload, vote_payload};
use serde::{Deserialize, Serialize};

/// The most signatures that the proof of an offence brings: a certificate by every validator, and one more.
pub const MAX_OFFENCE_SIGNATURES: u32 = MAX_VALIDATORS + 1;

/// What no honest validator signs, as long as less than a third of the power is dishonest, with the proof of it.
///
/// What both messages have in common stands once, and they stand in ascending order by block, no block before any: so one act
/// has one encoding.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, primitives::Leveled)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Offence {
    /// Two votes of one kind in one round, for different blocks; no block is one of the choices.
    Votes {
        /// Whose.
        validator: AccountId,
        /// The height voted on.
        height: Height,
        /// The round voted in.
        round: u32,
        /// Prevotes or precommits.
        kind: VoteKind,
        /// The vote that comes first in order.
        first: SignedVote,
        /// The other.
        second: SignedVote,
    },
    /// Two proposals in one round, of different blocks. That one block is proposed with another round of prevotes is none.
    Proposals {
        /// Whose.
        validator: AccountId,
        /// The height proposed for.
        height: Height,
        /// The round proposed in.
        round: u32,
        /// The proposal that comes first in order.
        first: SignedProposal,
        /// The other.
        second: SignedProposal,
    },
    /// A precommit for another block than the one it helped to decide, in a later round of the same height. Else a second history
    /// could hide in a round that nobody used.
    AfterDecision {
        /// The decision, which counts a precommit of the validator.
        certificate: Certificate,
        /// Whose.
        validator: AccountId,
        /// The later round.
        round: u32,
        /// The other block.
        block: BlockHash,
        /// Over the precommit for it.
        signature: Signature,
    },
}

/// What one vote says.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize, primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignedVote {
    /// The block voted for; none for no block.
    pub block: Option<BlockHash>,
    /// The validator's.
    pub signature: Signature,
}

/// What one proposal says.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize, primitives::Leveled,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignedProposal {
    /// The block proposed.
    pub block: BlockHash,
    /// The earlier round in which two thirds prevoted it, if there is one.
    pub pol_round: Option<u32>,
    /// The validator's.
    pub signature: Signature,
}

/// Which kind of offence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OffenceName {
    /// Two votes in one round.
    Votes,
    /// Two proposals in one round.
    Proposals,
    /// A precommit for another block after a decision.
    AfterDecision,
}

impl Offence {
    /// Two votes of one round as an offence; none when they are for the same block.
    pub fn of_votes(
        validator: AccountId,
        height: Height,
        round: u32,
        kind: VoteKind,
        votes: [SignedVote; 2],
    ) -> Option<Self> {
        let [one, other] = votes;
        let (first, second) = (one.min(other), one.max(other));
        (first.block != second.block).then_some(Self::Votes { validator, height, round, kind, first, second })
    }

    /// Two proposals of one round as an offence; none when they are of the same block.
    pub fn of_proposals(
        validator: AccountId,
        height: Height,
        round: u32,
        proposals: [SignedProposal; 2],
    ) -> Option<Self> {
        let [one, other] = proposals;
        let (first, second) = (one.min(other), one.max(other));
        (first.block != second.block).then_some(Self::Proposals { validator, height, round, first, second })
    }

    /// What those did who decided two blocks of one height: everybody whose precommit is in both certificates. Nothing where the
    /// two are of different heights or of one block. Of certificates that verify for one validator set, more than a third of its
    /// power.
    ///
    /// Where the one of the earlier round is no decision of that set, because less than two thirds signed it, what this gives is refused:
    /// an honest validator may precommit a block, and another one in a later round.
    pub fn of_two_decisions(one: &Certificate, other: &Certificate) -> Vec<Self> {
        let in_order = (one.round, one.block) <= (other.round, other.block);
        let (earlier, later) = if in_order { (one, other) } else { (other, one) };
        if earlier.height != later.height || earlier.block == later.block {
            return Vec::new();
        }
        let precommit_of = |validator: &AccountId| {
            let found = earlier.signatures.iter().find(|(account, _)| account == validator);
            found.map(|(_, signature)| *signature)
        };
        let in_both = later.signatures.iter().filter_map(|(validator, second)| {
            let first = precommit_of(validator)?;
            Some((*validator, first, *second))
        });
        in_both.map(|(validator, first, second)| contradiction(earlier, later, validator, first, second)).collect()
    }

    /// Whose it is.
    pub fn validator(&self) -> AccountId {
        match self {
            Self::Votes { validator, .. }
            | Self::Proposals { validator, .. }
            | Self::AfterDecision { validator, .. } => *validator,
        }
    }

    /// The height that both messages are of.
    pub fn height(&self) -> Height {
        match self {
            Self::Votes { height, .. } | Self::Proposals { height, .. } => *height,
            Self::AfterDecision { certificate, .. } => certificate.height,
        }
    }

    /// Which kind of offence it is.
    pub fn name(&self) -> OffenceName {
        match self {
            Self::Votes { .. } => OffenceName::Votes,
            Self::Proposals { .. } => OffenceName::Proposals,
            Self::AfterDecision { .. } => OffenceName::AfterDecision,
        }
    }

    /// How many signatures it brings.
    pub fn signatures(&self) -> u32 {
        match self {
            Self::Votes { .. } | Self::Proposals { .. } => 2,
            Self::AfterDecision { certificate, .. } => {
                u32::try_from(certificate.signatures.len()).unwrap_or(u32::MAX).saturating_add(1)
            }
        }
    }

    /// The most bytes that the proof against one of so many validators has when it is encoded: a certificate by all of them, its
    /// validator, the later round, the other block and the precommit for it.
    pub const fn most_encoded(validators: u32) -> u32 {
        const BESIDE_SIGNATURES: u32 = 1 + (8 + 4 + 32 + 2) + 32 + 4 + 32 + 64;
        BESIDE_SIGNATURES.saturating_add(validators.saturating_mul(32 + 64))
    }

    /// Whether the two messages contradict each other and stand in order; says nothing of who signed them.
    pub(crate) fn contradicts(&self) -> bool {
        match self {
            Self::Votes { first, second, .. } => first.block < second.block,
            Self::Proposals { first, second, .. } => first.block < second.block,
            Self::AfterDecision { certificate, validator, round, block, .. } => {
                let counted = certificate.signatures.iter().any(|(account, _)| account == validator);
                counted && *round > certificate.round && *block != certificate.block
            }
        }
    }

    /// Whether the validator signed what it is said to have signed on this network, the precommit inside a certificate aside.
    pub(crate) fn is_signed(&self, chain_id: &ChainId) -> bool {
        let key = self.validator().key();
        match self {
            Self::Votes { height, round, kind, first, second, .. } => [first, second]
                .into_iter()
                .all(|vote| key.verify(&vote_payload(chain_id, *kind, *height, *round, vote.block), &vote.signature)),
            Self::Proposals { height, round, first, second, .. } => [first, second].into_iter().all(|proposal| {
                let payload = proposal_payload(chain_id, *height, *round, proposal.block, proposal.pol_round);
                key.verify(&payload, &proposal.signature)
            }),
            Self::AfterDecision { certificate, round, block, signature, .. } => {
                let (kind, height) = (VoteKind::Precommit, certificate.height);
                key.verify(&vote_payload(chain_id, kind, height, *round, Some(*block)), signature)
            }
        }
    }
}

/// What one validator did that precommitted both blocks.
fn contradiction(
    earlier: &Certificate,
    later: &Certificate,
    validator: AccountId,
    first: Signature,
    second: Signature,
) -> Offence {
    let (height, round) = (later.height, later.round);
    if earlier.round < round {
        let (certificate, block) = (earlier.clone(), later.block);
        return Offence::AfterDecision { certificate, validator, round, block, signature: second };
    }
    let vote = |decided: &Certificate, signature| SignedVote { block: Some(decided.block), signature };
    let (kind, first, second) = (VoteKind::Precommit, vote(earlier, first), vote(later, second));
    Offence::Votes { validator, height, round, kind, first, second }
}
