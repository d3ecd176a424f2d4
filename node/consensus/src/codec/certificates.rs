//! The encodings of certificates: many signatures for one thing.

use super::{MAX_MESSAGE_BYTES, Wire};
use crate::context::{Address, BlockHeight, ChainContext};
use arc_malachitebft_core_types as malachite;
use malachite::{
    ExtendedCommitCertificate, ExtendedCommitSignature, NilOrVal, PolkaCertificate, PolkaSignature, RoundCertificate,
    RoundCertificateType, RoundSignature, VoteType,
};
use parity_scale_codec::{Decode, Encode, Error};
use primitives::{BlockHash, List, Signature};
use staking::MAX_VALIDATORS;

/// As many signatures as a set has members, at most.
type Signatures<T> = List<T, MAX_VALIDATORS>;
/// Which block of which round, and where.
type Place = (BlockHeight, Option<u32>, BlockHash);
/// A certificate for one block: each signature is over the same.
type OfBlock = (Place, Signatures<(Address, Signature)>);

fn put_of_block(place: Place, signatures: impl Iterator<Item = (Address, Signature)>, out: &mut Vec<u8>) {
    (place, signatures.collect::<Vec<_>>()).encode_to(out);
}

impl Wire for PolkaCertificate<ChainContext> {
    const MAX: usize = MAX_MESSAGE_BYTES;

    fn put(&self, out: &mut Vec<u8>) {
        let signatures = self.polka_signatures.iter().map(|by| (by.address, by.signature));
        put_of_block((self.height, self.round.as_u32(), self.value_id), signatures, out);
    }

    fn take(input: &mut &[u8]) -> Result<Self, Error> {
        let ((height, round, value_id), signatures) = OfBlock::decode(input)?;
        let polka_signatures =
            signatures.into_iter().map(|(by, signature)| PolkaSignature::new(by, signature)).collect();
        Ok(Self { height, round: round.into(), value_id, polka_signatures })
    }
}

impl Wire for RoundCertificate<ChainContext> {
    const MAX: usize = MAX_MESSAGE_BYTES;

    fn put(&self, out: &mut Vec<u8>) {
        let skip = self.cert_type == RoundCertificateType::Skip;
        let signature = |by: &RoundSignature<ChainContext>| {
            let block = match by.value_id {
                NilOrVal::Nil => None,
                NilOrVal::Val(block) => Some(block),
            };
            (by.vote_type == VoteType::Precommit, block, by.address, by.signature)
        };
        let signatures: Vec<_> = self.round_signatures.iter().map(signature).collect();
        (self.height, self.round.as_u32(), skip, signatures).encode_to(out);
    }

    fn take(input: &mut &[u8]) -> Result<Self, Error> {
        type Signed = (bool, Option<BlockHash>, Address, Signature);
        let (height, round, skip, signatures) = <(_, Option<u32>, bool, Signatures<Signed>)>::decode(input)?;
        let signature = |(precommit, block, by, signature): Signed| {
            let kind = if precommit { VoteType::Precommit } else { VoteType::Prevote };
            RoundSignature::new(kind, block.map_or(NilOrVal::Nil, NilOrVal::Val), by, signature)
        };
        Ok(Self {
            height,
            round: round.into(),
            cert_type: if skip { RoundCertificateType::Skip } else { RoundCertificateType::Precommit },
            round_signatures: signatures.into_iter().map(signature).collect(),
        })
    }
}

/// Without extensions, which this chain does not have: a certificate that carries one cannot be expressed.
impl Wire for ExtendedCommitCertificate<ChainContext> {
    const MAX: usize = MAX_MESSAGE_BYTES;

    fn put(&self, out: &mut Vec<u8>) {
        let signatures = self.commit_signatures.iter().map(|by| (by.address, by.signature));
        put_of_block((self.height, self.round.as_u32(), self.value_id), signatures, out);
    }

    fn take(input: &mut &[u8]) -> Result<Self, Error> {
        let ((height, round, value_id), signatures) = OfBlock::decode(input)?;
        let commit_signatures =
            signatures.into_iter().map(|(by, signature)| ExtendedCommitSignature::new(by, signature, None)).collect();
        Ok(Self { height, round: round.into(), value_id, commit_signatures })
    }
}
