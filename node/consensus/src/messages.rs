//! What validators say to each other: votes, proposals, and the parts in which a block travels.

use super::context::{Address, BlockHeight, BlockValue, ChainContext};
use arc_malachitebft_core_types as malachite;
use malachite::{NilOrVal, Round, SignedExtension, VoteType};
use parity_scale_codec::{Decode, Encode, Error, Input, Output};
use primitives::{BlockHash, Digest, List, Signature};

/// A prevote or precommit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    /// Prevote or precommit.
    pub kind: VoteType,
    /// The height voted on.
    pub height: BlockHeight,
    /// The round voted in.
    pub round: Round,
    /// The block voted for, or nil.
    pub block: NilOrVal<BlockHash>,
    /// Who votes.
    pub voter: Address,
}

impl Encode for Vote {
    fn encode_to<T: Output + ?Sized>(&self, out: &mut T) {
        let block = match &self.block {
            NilOrVal::Nil => None,
            NilOrVal::Val(block) => Some(block),
        };
        (self.kind == VoteType::Precommit, self.height, self.round.as_u32(), block, self.voter).encode_to(out);
    }
}

impl Decode for Vote {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        let (precommit, height, round, block, voter) = <(_, _, Option<u32>, Option<BlockHash>, _)>::decode(input)?;
        Ok(Self {
            kind: if precommit { VoteType::Precommit } else { VoteType::Prevote },
            height,
            round: round.into(),
            block: block.map_or(NilOrVal::Nil, NilOrVal::Val),
            voter,
        })
    }
}

impl malachite::Vote<ChainContext> for Vote {
    fn height(&self) -> BlockHeight {
        self.height
    }

    fn round(&self) -> Round {
        self.round
    }

    fn value(&self) -> &NilOrVal<BlockHash> {
        &self.block
    }

    fn take_value(self) -> NilOrVal<BlockHash> {
        self.block
    }

    fn vote_type(&self) -> VoteType {
        self.kind
    }

    fn validator_address(&self) -> &Address {
        &self.voter
    }

    fn extension(&self) -> Option<&SignedExtension<ChainContext>> {
        None
    }

    fn take_extension(&mut self) -> Option<SignedExtension<ChainContext>> {
        None
    }

    /// Votes carry no extensions on this chain, so there is nothing to add.
    fn extend(self, _: SignedExtension<ChainContext>) -> Self {
        self
    }
}

/// A proposer's word for a block in a round; the block itself comes as [`ProposalPart`]s.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposalMessage {
    /// The height proposed for.
    pub height: BlockHeight,
    /// The round proposed in.
    pub round: Round,
    /// The block.
    pub value: BlockValue,
    /// The earlier round in which two thirds prevoted the block, or nil for a new one.
    pub pol_round: Round,
    /// Who proposes.
    pub proposer: Address,
}

impl Encode for ProposalMessage {
    fn encode_to<T: Output + ?Sized>(&self, out: &mut T) {
        (self.height, self.round.as_u32(), self.value, self.pol_round.as_u32(), self.proposer).encode_to(out);
    }
}

impl Decode for ProposalMessage {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        let (height, round, value, pol_round, proposer) = <(_, Option<u32>, _, Option<u32>, _)>::decode(input)?;
        Ok(Self { height, round: round.into(), value, pol_round: pol_round.into(), proposer })
    }
}

impl malachite::Proposal<ChainContext> for ProposalMessage {
    fn height(&self) -> BlockHeight {
        self.height
    }

    fn round(&self) -> Round {
        self.round
    }

    fn value(&self) -> &BlockValue {
        &self.value
    }

    fn take_value(self) -> BlockValue {
        self.value
    }

    fn pol_round(&self) -> Round {
        self.pol_round
    }

    fn validator_address(&self) -> &Address {
        &self.proposer
    }
}

/// What a stream of parts will bring. It is signed, so that nothing is assembled for a stranger.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Announcement {
    /// The height the block is for.
    pub height: BlockHeight,
    /// The round it is proposed in.
    pub round: u32,
    /// The earlier round in which two thirds prevoted it, if it is proposed again.
    pub pol_round: Option<u32>,
    /// The validator that streams it: the proposer of the round, or whoever hands an older proposal on.
    pub publisher: Address,
    /// The block's hash.
    pub block: BlockHash,
    /// The length of the encoded block in bytes.
    pub length: u32,
    /// The BLAKE3 of the encoded block.
    pub digest: Digest,
}

/// How many transactions of a block may be asked for; who lacks more of them asks for the block.
pub const MOST_LACKING: u32 = 1024;

/// What somebody lacks of a block that came as ids.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Lacking {
    /// Transactions, by their places in the block, from 0.
    Transactions(List<u32, MOST_LACKING>),
    /// So much, or in vain for so long, that it is the block itself.
    Block,
}

/// A piece of a streamed block, or what is asked and told of it under the stream's id. Part 0 is the announcement; part `n` is the `n`th
/// chunk, or the `n`th piece of the block by ids. Questions and answers have the number 0 as well.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum ProposalPart {
    /// The announcement and its publisher's signature.
    Announce(Announcement, Signature),
    /// A piece of the encoded block.
    Chunk {
        /// The bytes; all chunks but the last are of the same length.
        bytes: Vec<u8>,
        /// Whether it is the last.
        last: bool,
    },
    /// A piece of the block by ids, which is streamed instead of chunks.
    Compact {
        /// The length of the whole block by ids in bytes.
        length: u32,
        /// The bytes; all pieces but the last are as long as chunks.
        bytes: Vec<u8>,
    },
    /// What the sender lacks, for whoever published the stream.
    Lacking(Lacking),
    /// Transactions that somebody lacked: the place of each in the block, and its encoding.
    Filled(List<(u32, Vec<u8>), MOST_LACKING>),
}

impl malachite::ProposalPart<ChainContext> for ProposalPart {
    fn is_first(&self) -> bool {
        matches!(self, Self::Announce(..))
    }

    fn is_last(&self) -> bool {
        matches!(self, Self::Chunk { last: true, .. })
    }
}
