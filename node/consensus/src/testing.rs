//! What peers send, made and read without an engine: for tests and fuzzers. Peers are known by a number here.

use crate::codec::Scale;
use crate::context::{Address, BlockHeight, BlockValue, ChainContext};
use crate::messages::{Announcement, Lacking, ProposalMessage, ProposalPart, Vote};
use crate::signing::{Signatory, SignatureChecker};
use crate::streaming::{Assembled, CompactBlock, StreamError, StreamKey, Streams, cut, cut_compact, message};
use arc_malachitebft_app::consensus::{LivenessMsg, SignedConsensusMsg};
use arc_malachitebft_app::streaming::{StreamContent, StreamId, StreamMessage};
use arc_malachitebft_app::types::PeerId;
use arc_malachitebft_codec::Codec;
use arc_malachitebft_core_types as malachite;
use arc_malachitebft_sync::{RawDecidedValue, Request, Response, Status, ValueRequest, ValueResponse};
use bytes::Bytes;
use malachite::{
    ExtendedCommitCertificate, ExtendedCommitSignature, NilOrVal, PolkaCertificate, PolkaSignature, Round,
    RoundCertificate, RoundCertificateType, RoundSignature, SignedMessage, ValidatorProof, VoteType,
};
use parity_scale_codec::Encode;
use primitives::{AccountId, BlockHash, ChainId, Digest, Height, List, SecretKey, Signature, TransactionHash};
use std::collections::BTreeMap;

pub use crate::codec::CodecError;
pub use crate::streaming::CHUNK_BYTES;

/// A kind of message that peers send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeerMessage {
    /// A vote, or a proposer's word for a block.
    Consensus,
    /// A vote or a certificate that helps a round along.
    Liveness,
    /// A part of a streamed block.
    Part,
    /// Which validator a peer belongs to.
    Proof,
    /// How far a peer has come.
    Status,
    /// The wish for decided blocks.
    Request,
    /// Decided blocks with their certificates.
    Response,
}

impl PeerMessage {
    /// Each kind.
    pub const ALL: [Self; 7] =
        [Self::Consensus, Self::Liveness, Self::Part, Self::Proof, Self::Status, Self::Request, Self::Response];

    /// Reads exactly one message of this kind, and gives what is written when it is sent on.
    ///
    /// # Errors
    /// When the bytes are no message of this kind.
    pub fn rewritten(self, bytes: &[u8]) -> Result<Vec<u8>, CodecError> {
        match self {
            Self::Consensus => write(&read::<SignedConsensusMsg<ChainContext>>(bytes)?),
            Self::Liveness => write(&read::<LivenessMsg<ChainContext>>(bytes)?),
            Self::Part => write(&read::<StreamMessage<ProposalPart>>(bytes)?),
            Self::Proof => write(&read::<ValidatorProof<ChainContext>>(bytes)?),
            Self::Status => write(&read::<Status<ChainContext>>(bytes)?),
            Self::Request => write(&read::<Request<ChainContext>>(bytes)?),
            Self::Response => write(&read::<Response<ChainContext>>(bytes)?),
        }
    }
}

fn read<T>(bytes: &[u8]) -> Result<T, CodecError>
where
    Scale: Codec<T, Error = CodecError>,
{
    <Scale as Codec<T>>::decode(&Scale, Bytes::copy_from_slice(bytes))
}

fn write<T>(message: &T) -> Result<Vec<u8>, CodecError>
where
    Scale: Codec<T, Error = CodecError>,
{
    Ok(<Scale as Codec<T>>::encode(&Scale, message)?.to_vec())
}

fn peer(number: u8) -> PeerId {
    PeerId::from_bytes(&[&[0x12, 32][..], &[number; 32]].concat()).expect("a SHA-256 multihash is a peer id")
}

/// Examples of every kind but parts; nobody has signed them.
///
/// # Errors
/// None, as long as every example is within its bound.
pub fn messages() -> Result<Vec<(PeerMessage, Vec<u8>)>, CodecError> {
    let (height, round, who) = (BlockHeight(Height(7)), Round::new(1), Address(AccountId([2; 32])));
    let (block, signature) = (BlockHash([4; 32]), Signature([3; 64]));
    let vote = |kind, block| {
        SignedMessage::<ChainContext, Vote>::new(Vote { kind, height, round, block, voter: who }, signature)
    };
    let proposal = ProposalMessage { height, round, value: BlockValue(block), pol_round: Round::Nil, proposer: who };
    let polka = PolkaCertificate::<ChainContext> {
        height,
        round,
        value_id: block,
        polka_signatures: vec![PolkaSignature::new(who, signature); 2],
    };
    let skip = RoundCertificate::<ChainContext> {
        height,
        round,
        cert_type: RoundCertificateType::Skip,
        round_signatures: vec![
            RoundSignature::new(VoteType::Prevote, NilOrVal::Nil, who, signature),
            RoundSignature::new(VoteType::Precommit, NilOrVal::Val(block), who, signature),
        ],
    };
    let certificate = ExtendedCommitCertificate::<ChainContext> {
        height,
        round,
        value_id: block,
        commit_signatures: vec![ExtendedCommitSignature::new(who, signature, None)],
    };
    let decided = RawDecidedValue::<ChainContext>::new(vec![1; 100].into(), certificate);
    let consensus = [
        SignedConsensusMsg::<ChainContext>::Vote(vote(VoteType::Prevote, NilOrVal::Nil)),
        SignedConsensusMsg::Vote(vote(VoteType::Precommit, NilOrVal::Val(block))),
        SignedConsensusMsg::Proposal(SignedMessage::new(proposal, signature)),
    ];
    let liveness = [
        LivenessMsg::<ChainContext>::Vote(vote(VoteType::Precommit, NilOrVal::Val(block))),
        LivenessMsg::PolkaCertificate(polka),
        LivenessMsg::SkipRoundCertificate(skip),
    ];
    let proof = ValidatorProof::<ChainContext>::new(vec![1; 32], peer(1).to_bytes(), signature);
    let status = Status::<ChainContext> { peer_id: peer(1), tip_height: height, history_min_height: height };
    let request = Request::<ChainContext>::ValueRequest(ValueRequest::new(height..=BlockHeight(Height(9))));
    let response = Response::<ChainContext>::ValueResponse(ValueResponse::new(height, vec![decided; 2]));

    let mut messages = Vec::new();
    for message in &consensus {
        messages.push((PeerMessage::Consensus, write(message)?));
    }
    for message in &liveness {
        messages.push((PeerMessage::Liveness, write(message)?));
    }
    messages.push((PeerMessage::Proof, write(&proof)?));
    messages.push((PeerMessage::Status, write(&status)?));
    messages.push((PeerMessage::Request, write(&request)?));
    messages.push((PeerMessage::Response, write(&response)?));
    Ok(messages)
}

/// A block as a validator streams it over a peer, each message as it travels: the announcement, then the chunks.
///
/// # Errors
/// None, as long as a chunk is within the bound of a message.
pub fn streamed(
    chain: &ChainId,
    by: &SecretKey,
    from: u8,
    stream: u8,
    encoded: &[u8],
) -> Result<Vec<Vec<u8>>, CodecError> {
    let announce = announced(chain, by, from, stream, encoded);
    cut(stream_id(stream), announce, encoded).iter().map(write).collect()
}

/// A block of encoded transactions behind a frame as a validator streams it by ids, each message as it travels: the announcement, the
/// ids, a question of somebody who lacks the transactions of `lacking`, and these. The encoded block stands before them.
///
/// # Errors
/// None, as long as all that is lacking is within the bound of a message.
pub fn streamed_by_ids(
    chain: &ChainId,
    by: &SecretKey,
    (from, stream): (u8, u8),
    frame: Vec<u8>,
    transactions: &[Vec<u8>],
    lacking: &[u32],
) -> Result<(Vec<u8>, Vec<Vec<u8>>), CodecError> {
    let compact = CompactBlock::over(frame, transactions);
    let encoded = compact.whole(transactions);
    let announce = announced(chain, by, from, stream, &encoded);
    let filled = lacking.iter().filter_map(|place| Some((*place, transactions.get(*place as usize)?.clone())));
    let asked = [
        ProposalPart::Lacking(Lacking::Transactions(List::truncate_from(lacking.to_vec()))),
        ProposalPart::Filled(List::truncate_from(filled.collect())),
    ];
    let mut messages = cut_compact(stream_id(stream), announce, &compact.encode());
    messages.extend(asked.into_iter().map(|part| message(stream_id(stream), 0, part)));
    let messages = messages.iter().map(write).collect::<Result<_, _>>()?;
    Ok((encoded, messages))
}

fn stream_id(stream: u8) -> StreamId {
    StreamId::new(vec![stream].into())
}

fn announced(chain: &ChainId, by: &SecretKey, from: u8, stream: u8, encoded: &[u8]) -> ProposalPart {
    let signatory = Signatory::new(chain.clone(), by.clone());
    let announcement = Announcement {
        height: BlockHeight(Height(1)),
        round: 0,
        pol_round: None,
        publisher: signatory.address(),
        block: BlockHash([stream; 32]),
        length: u32::try_from(encoded.len()).unwrap_or(u32::MAX),
        digest: Digest::blake3(encoded),
    };
    let signature = signatory.announce(&announcement, &(peer(from), stream_id(stream)));
    ProposalPart::Announce(announcement, signature)
}

/// Whether a message opens a stream: an announcement that its publisher signed, for this stream of this peer.
///
/// # Errors
/// When the bytes are no part of a block.
pub fn opens(chain: &ChainId, from: u8, message: &[u8]) -> Result<bool, CodecError> {
    let part = read::<StreamMessage<ProposalPart>>(message)?;
    let key = (peer(from), part.stream_id);
    Ok(match (part.content, part.sequence) {
        (StreamContent::Data(ProposalPart::Announce(announcement, signature)), 0) => {
            SignatureChecker::new(chain.clone()).is_announced(&announcement, &key, &signature)
        }
        _ => false,
    })
}

/// Puts blocks together from what peers send, as a validator does for whom every publisher has the turn and every peer counts.
#[derive(Debug)]
pub struct Assembly {
    checker: SignatureChecker,
    streams: Streams,
    pool: BTreeMap<TransactionHash, Vec<u8>>,
}

impl Assembly {
    /// For a chain whose blocks have at most so many bytes and transactions, at a node where these wait, encoded.
    pub fn new(chain: ChainId, most_block_bytes: u32, most_transactions: u32, waiting: &[Vec<u8>]) -> Self {
        let pool = waiting.iter().map(|encoded| (TransactionHash::of(encoded), encoded.clone())).collect();
        Self { checker: SignatureChecker::new(chain), streams: Streams::new(most_block_bytes, most_transactions), pool }
    }

    /// Takes a message from a peer; gives a block's bytes when it was the last part missing. Questions are passed over.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn take(&mut self, from: u8, message: &[u8]) -> Result<Option<Vec<u8>>, String> {
        let part = read::<StreamMessage<ProposalPart>>(message).map_err(|error| error.to_string())?;
        let key = (peer(from), part.stream_id);
        let taken = match (part.content, part.sequence) {
            (StreamContent::Data(ProposalPart::Announce(announcement, signature)), 0) => {
                if !self.checker.is_announced(&announcement, &key, &signature) {
                    return Err("not signed by its publisher".into());
                }
                self.streams.announce(key.clone(), announcement)
            }
            (StreamContent::Data(ProposalPart::Chunk { bytes, .. }), sequence) => {
                self.streams.add(key.clone(), sequence, bytes, true)
            }
            (StreamContent::Data(ProposalPart::Compact { length, bytes }), sequence) => {
                self.streams.add_compact(key.clone(), sequence, length, bytes, true)
            }
            (StreamContent::Data(ProposalPart::Filled(transactions)), 0) => {
                self.streams.fill(key.clone(), transactions.into_inner(), true)
            }
            (StreamContent::Data(ProposalPart::Lacking(_)), 0) => return Ok(None),
            _ => return Err("none of the parts of a block".into()),
        };
        let whole = match taken {
            Ok(None) => self.look_up(&key),
            taken => taken,
        };
        whole.map(|whole| whole.map(|whole| whole.bytes)).map_err(|error| error.to_string())
    }

    fn look_up(&mut self, key: &StreamKey) -> Result<Option<Assembled>, StreamError> {
        let Some(ids) = self.streams.wanted(key) else { return Ok(None) };
        self.streams.found(key, ids.iter().map(|id| self.pool.get(id).cloned()).collect())
    }

    /// Bytes of parts that it holds.
    pub fn held(&self) -> usize {
        self.streams.held()
    }

    /// The most bytes that so many validators and peers can have it hold.
    pub fn most_held(&self, validators: usize, peers: usize) -> usize {
        self.streams.most_held(validators, peers)
    }
}
