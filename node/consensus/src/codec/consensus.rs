//! The encodings of what validators say while they decide, and of what the write-ahead log keeps of it.

use super::{MAX_MESSAGE_BYTES, MAX_PART_BYTES, Wire};
use crate::context::{Address, BlockHeight, BlockValue, ChainContext};
use crate::messages::{ProposalMessage, ProposalPart, Vote};
use arc_malachitebft_app::consensus::{LivenessMsg, ProposedValue, SignedConsensusMsg};
use arc_malachitebft_app::streaming::{StreamContent, StreamId, StreamMessage};
use arc_malachitebft_core_types as malachite;
use malachite::{PolkaCertificate, RoundCertificate, SignedMessage, ValidatorProof, Validity};
use parity_scale_codec::{Decode, Encode, Error, Input};
use primitives::{List, Signature};

fn signed<M: Decode>(input: &mut &[u8]) -> Result<SignedMessage<ChainContext, M>, Error> {
    let (message, signature) = <(M, Signature)>::decode(input)?;
    Ok(SignedMessage::new(message, signature))
}

impl Wire for SignedConsensusMsg<ChainContext> {
    const MAX: usize = MAX_MESSAGE_BYTES;

    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Vote(vote) => (0u8, &vote.message, vote.signature).encode_to(out),
            Self::Proposal(proposal) => (1u8, &proposal.message, proposal.signature).encode_to(out),
        }
    }

    fn take(input: &mut &[u8]) -> Result<Self, Error> {
        match input.read_byte()? {
            0 => signed::<Vote>(input).map(Self::Vote),
            1 => signed::<ProposalMessage>(input).map(Self::Proposal),
            _ => Err("neither a vote nor a proposal".into()),
        }
    }
}

impl Wire for LivenessMsg<ChainContext> {
    const MAX: usize = MAX_MESSAGE_BYTES;

    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Vote(vote) => (0u8, &vote.message, vote.signature).encode_to(out),
            Self::PolkaCertificate(certificate) => {
                out.push(1);
                certificate.put(out);
            }
            Self::SkipRoundCertificate(certificate) => {
                out.push(2);
                certificate.put(out);
            }
        }
    }

    fn take(input: &mut &[u8]) -> Result<Self, Error> {
        match input.read_byte()? {
            0 => signed::<Vote>(input).map(Self::Vote),
            1 => PolkaCertificate::take(input).map(Self::PolkaCertificate),
            2 => RoundCertificate::take(input).map(Self::SkipRoundCertificate),
            _ => Err("not a message that helps a round along".into()),
        }
    }
}

impl Wire for ProposalPart {
    const MAX: usize = MAX_PART_BYTES;

    fn put(&self, out: &mut Vec<u8>) {
        self.encode_to(out);
    }

    fn take(input: &mut &[u8]) -> Result<Self, Error> {
        Self::decode(input)
    }
}

impl Wire for StreamMessage<ProposalPart> {
    const MAX: usize = MAX_PART_BYTES;

    fn put(&self, out: &mut Vec<u8>) {
        let id = self.stream_id.to_bytes();
        (&id[..], self.sequence, self.content.as_data()).encode_to(out);
    }

    fn take(input: &mut &[u8]) -> Result<Self, Error> {
        let (id, sequence, part) = <(List<u8, 32>, u64, Option<ProposalPart>)>::decode(input)?;
        let id = StreamId::new(id.into_inner().into());
        Ok(Self::new(id, sequence, part.map_or(StreamContent::Fin, StreamContent::Data)))
    }
}

impl Wire for ValidatorProof<ChainContext> {
    const MAX: usize = 256;

    fn put(&self, out: &mut Vec<u8>) {
        (&self.public_key, &self.peer_id, self.signature).encode_to(out);
    }

    fn take(input: &mut &[u8]) -> Result<Self, Error> {
        let (key, peer, signature) = <(List<u8, 32>, List<u8, 64>, Signature)>::decode(input)?;
        Ok(Self::new(key.into_inner(), peer.into_inner(), signature))
    }
}

impl Wire for ProposedValue<ChainContext> {
    const MAX: usize = MAX_MESSAGE_BYTES;

    fn put(&self, out: &mut Vec<u8>) {
        let rounds = (self.round.as_u32(), self.valid_round.as_u32());
        (self.height, rounds, self.proposer, self.value, self.validity.to_bool()).encode_to(out);
    }

    fn take(input: &mut &[u8]) -> Result<Self, Error> {
        type Rounds = (Option<u32>, Option<u32>);
        let (height, (round, valid_round), proposer, value, valid) =
            <(BlockHeight, Rounds, Address, BlockValue, bool)>::decode(input)?;
        let validity = Validity::from_bool(valid);
        Ok(Self { height, round: round.into(), valid_round: valid_round.into(), proposer, value, validity })
    }
}
