use super::*;
use crate::context::{Address, BlockHeight, BlockValue, ChainContext};
use crate::messages::{Announcement, Lacking, MOST_LACKING, ProposalMessage, ProposalPart, Vote};
use crate::tests::peer;
use arc_malachitebft_app::consensus::{LivenessMsg, ProposedValue, SignedConsensusMsg};
use arc_malachitebft_app::streaming::{StreamContent, StreamId, StreamMessage};
use arc_malachitebft_core_types as malachite;
use arc_malachitebft_sync::{RawDecidedValue, Request, Response, Status, ValueRequest, ValueResponse};
use malachite::{
    ExtendedCommitCertificate, ExtendedCommitSignature, NilOrVal, PolkaCertificate, PolkaSignature, Round,
    RoundCertificate, RoundCertificateType, RoundSignature, SignedMessage, ValidatorProof, Validity, VoteType,
};
use parity_scale_codec::Encode;
use primitives::{AccountId, BlockHash, Digest, Height, List, Signature};

const HEIGHT: BlockHeight = BlockHeight(Height(7));
const WHO: Address = Address(AccountId([2; 32]));
const SIGNATURE: Signature = Signature([3; 64]);
const BLOCK: BlockHash = BlockHash([4; 32]);

/// A message reads back as it was written, and refuses a byte more, a byte less, and more bytes than it may have.
fn round_trip<T: Wire + PartialEq + std::fmt::Debug>(message: T) {
    let bytes = Scale.encode(&message).unwrap();
    assert_eq!(Codec::<T>::decode(&Scale, bytes.clone()).unwrap(), message);
    assert_eq!(HasEncodedLen::<T>::encoded_len(&Scale, &message).unwrap(), bytes.len());
    let more = [&bytes[..], &[0]].concat();
    assert_eq!(Codec::<T>::decode(&Scale, more.into()).unwrap_err(), CodecError::Trailing(1));
    assert!(Codec::<T>::decode(&Scale, bytes.slice(..bytes.len() - 1)).is_err());
    let long = Bytes::from(vec![0; T::MAX + 1]);
    assert!(matches!(Codec::<T>::decode(&Scale, long).unwrap_err(), CodecError::TooLong { .. }));
}

fn vote(kind: VoteType, block: NilOrVal<BlockHash>) -> SignedMessage<ChainContext, Vote> {
    SignedMessage::new(Vote { kind, height: HEIGHT, round: Round::new(1), block, voter: WHO }, SIGNATURE)
}

#[test]
fn votes_and_proposals() {
    for block in [NilOrVal::Nil, NilOrVal::Val(BLOCK)] {
        for kind in [VoteType::Prevote, VoteType::Precommit] {
            round_trip(SignedConsensusMsg::Vote(vote(kind, block)));
            round_trip(LivenessMsg::Vote(vote(kind, block)));
        }
    }
    let (round, pol_round) = (Round::new(2), Round::Nil);
    let proposal = ProposalMessage { height: HEIGHT, round, value: BlockValue(BLOCK), pol_round, proposer: WHO };
    round_trip(SignedConsensusMsg::Proposal(SignedMessage::new(proposal, SIGNATURE)));
}

#[test]
fn certificates() {
    let polka = PolkaCertificate::<ChainContext> {
        height: HEIGHT,
        round: Round::new(0),
        value_id: BLOCK,
        polka_signatures: vec![PolkaSignature::new(WHO, SIGNATURE); 3],
    };
    round_trip(polka.clone());
    round_trip(LivenessMsg::PolkaCertificate(polka));
    for cert_type in [RoundCertificateType::Skip, RoundCertificateType::Precommit] {
        let round_signatures = vec![
            RoundSignature::new(VoteType::Prevote, NilOrVal::Nil, WHO, SIGNATURE),
            RoundSignature::new(VoteType::Precommit, NilOrVal::Val(BLOCK), WHO, SIGNATURE),
        ];
        let round = Round::new(9);
        round_trip(LivenessMsg::<ChainContext>::SkipRoundCertificate(RoundCertificate {
            height: HEIGHT,
            round,
            cert_type,
            round_signatures,
        }));
    }
}

#[test]
fn a_certificate_has_no_more_signatures_than_a_set_has_members() {
    let polka = |count| PolkaCertificate::<ChainContext> {
        height: HEIGHT,
        round: Round::new(0),
        value_id: BLOCK,
        polka_signatures: vec![PolkaSignature::new(WHO, SIGNATURE); count],
    };
    let most = staking::MAX_VALIDATORS as usize;
    round_trip(polka(most));
    let bytes = Scale.encode(&polka(most + 1)).unwrap();
    assert!(Codec::<PolkaCertificate<ChainContext>>::decode(&Scale, bytes).is_err());
}

#[test]
fn parts() {
    let announcement = Announcement {
        height: HEIGHT,
        round: 0,
        pol_round: Some(1),
        publisher: WHO,
        block: BLOCK,
        length: 5,
        digest: Digest([6; 32]),
    };
    let id = StreamId::new(vec![1, 2, 3].into());
    for part in [
        ProposalPart::Announce(announcement, SIGNATURE),
        ProposalPart::Chunk { bytes: vec![7; CHUNK_BYTES], last: true },
        ProposalPart::Compact { length: u32::MAX, bytes: vec![7; CHUNK_BYTES] },
        ProposalPart::Lacking(Lacking::Transactions(List::truncate_from((0..MOST_LACKING).collect()))),
        ProposalPart::Lacking(Lacking::Block),
        ProposalPart::Filled(List::truncate_from(vec![(7, vec![8; 100]); 100])),
    ] {
        round_trip(part.clone());
        round_trip(StreamMessage::new(id.clone(), 4, StreamContent::Data(part)));
    }
    round_trip(StreamMessage::<ProposalPart>::new(id, 5, StreamContent::Fin));
}

#[test]
fn no_more_transactions_of_a_block_are_asked_for_or_told_at_once_than_a_part_may_name() {
    let many = MOST_LACKING + 1;
    let asked = [&[3u8, 0][..], &(0..many).collect::<Vec<u32>>().encode()].concat();
    let told = [&[4u8][..], &(0..many).map(|place| (place, vec![1u8])).collect::<Vec<_>>().encode()].concat();
    for bytes in [asked, told] {
        assert!(bytes.len() <= MAX_PART_BYTES);
        assert!(matches!(Codec::<ProposalPart>::decode(&Scale, bytes.into()), Err(CodecError::Malformed(_))));
    }
}

#[test]
fn what_only_this_node_reads_back() {
    for validity in [Validity::Valid, Validity::Invalid] {
        round_trip(ProposedValue::<ChainContext> {
            height: HEIGHT,
            round: Round::new(3),
            valid_round: Round::Nil,
            proposer: WHO,
            value: BlockValue(BLOCK),
            validity,
        });
    }
    round_trip(ValidatorProof::<ChainContext>::new(vec![1; 32], vec![2; 38], SIGNATURE));
}

#[test]
fn catching_up() {
    round_trip(Status::<ChainContext> { peer_id: peer(1), tip_height: HEIGHT, history_min_height: HEIGHT });
    round_trip(Request::<ChainContext>::ValueRequest(ValueRequest::new(HEIGHT..=BlockHeight(Height(9)))));
    let certificate = ExtendedCommitCertificate::<ChainContext> {
        height: HEIGHT,
        round: Round::new(0),
        value_id: BLOCK,
        commit_signatures: vec![ExtendedCommitSignature::new(WHO, SIGNATURE, None)],
    };
    let values = vec![RawDecidedValue::new(vec![1; 1000].into(), certificate); 3];
    round_trip(Response::ValueResponse(ValueResponse::new(HEIGHT, values.clone())));
    round_trip(Response::<ChainContext>::ValueResponse(ValueResponse::new(HEIGHT, Vec::new())));
    let many = Response::ValueResponse(ValueResponse::new(HEIGHT, vec![values[0].clone(); MAX_HEIGHTS + 1]));
    assert!(Codec::<Response<ChainContext>>::decode(&Scale, Scale.encode(&many).unwrap()).is_err());
}

#[test]
fn a_hostile_length_reads_nothing() {
    // A chunk that says it has four gigabytes.
    let bytes = [&[1u8][..], &[0x03, 0xff, 0xff, 0xff, 0xff]].concat();
    assert!(Codec::<ProposalPart>::decode(&Scale, bytes.into()).is_err());
}
