//! What validators sign, and the one rule by which a signature counts.

use super::context::{Address, ChainContext};
use super::messages::{Announcement, ProposalMessage, Vote};
use super::pen::Pen;
use super::streaming::StreamKey;
use arc_malachitebft_core_types as malachite;
use arc_malachitebft_signing::{Error, Signer, VerificationResult, Verifier};
use async_trait::async_trait;
use malachite::{NilOrVal, SignedMessage, SigningScheme, ValidatorProof, VoteExtensionScope, VoteType};
use parity_scale_codec::Encode;
use primitives::{ChainId, Height, PublicKey, SecretKey, Signature, VoteKind, proposal_payload, vote_payload};
use std::sync::Arc;

/// Ed25519 as the whole product understands it: [`PublicKey::verify`], one signature at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ed25519Strict;

/// Bytes that are no key or no signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not 32 bytes for a key, or not 64 for a signature.
    #[error("wrong length: {0} bytes")]
    Length(usize),
    /// Not a point that signatures can be checked against.
    #[error("not a usable Ed25519 public key")]
    Unusable,
}

impl SigningScheme for Ed25519Strict {
    type DecodingError = KeyError;
    type Signature = Signature;
    type PublicKey = PublicKey;
    type PrivateKey = SecretKey;

    fn decode_signature(bytes: &[u8]) -> Result<Signature, KeyError> {
        bytes.try_into().map(Signature).map_err(|_| KeyError::Length(bytes.len()))
    }

    fn encode_signature(signature: &Signature) -> Vec<u8> {
        signature.0.to_vec()
    }

    fn decode_public_key(bytes: &[u8]) -> Result<PublicKey, KeyError> {
        let key = bytes.try_into().map(PublicKey).map_err(|_| KeyError::Length(bytes.len()))?;
        if key.is_usable() { Ok(key) } else { Err(KeyError::Unusable) }
    }

    fn encode_public_key(key: &PublicKey) -> Vec<u8> {
        key.0.to_vec()
    }
}

/// What is signed for a vote: the same bytes that a light client checks a certificate against. `None` without a round.
fn vote_bytes(chain: &ChainId, vote: &Vote) -> Option<Vec<u8>> {
    let kind = match vote.kind {
        VoteType::Prevote => VoteKind::Prevote,
        VoteType::Precommit => VoteKind::Precommit,
    };
    let block = match vote.block {
        NilOrVal::Nil => None,
        NilOrVal::Val(block) => Some(block),
    };
    Some(vote_payload(chain, kind, vote.height.0, vote.round.as_u32()?, block))
}

/// What is signed for a proposal, which its proposer can be held to. `None` without a round.
fn proposal_bytes(chain: &ChainId, proposal: &ProposalMessage) -> Option<Vec<u8>> {
    let ProposalMessage { height, round, value, pol_round, .. } = proposal;
    Some(proposal_payload(chain, height.0, round.as_u32()?, value.0, pol_round.as_u32()))
}

/// The stream is part of it, so that a stranger cannot open streams with an announcement it has overheard.
fn announcement_bytes(chain: &ChainId, announcement: &Announcement, (peer, id): &StreamKey) -> Vec<u8> {
    (b"the-block/proposal-part/v1", chain, announcement, peer.to_bytes(), &id.to_bytes()[..]).encode()
}

/// Says whether the publisher that an announcement names has signed it for this stream.
pub type AnnouncementCheck = Arc<dyn Fn(&Announcement, &StreamKey, &Signature) -> bool + Send + Sync>;

/// Checks signatures for one chain.
#[derive(Debug, Clone)]
pub struct SignatureChecker {
    chain: ChainId,
    /// Is told what it overhears; none where nobody signs.
    pen: Option<Arc<Pen>>,
}

impl SignatureChecker {
    /// For the messages of `chain`.
    pub fn new(chain: ChainId) -> Self {
        Self { chain, pen: None }
    }

    /// The same, which tells this node's key what others show to have signed with it.
    pub fn with(self, pen: Arc<Pen>) -> Self {
        Self { pen: Some(pen), ..self }
    }

    /// Whether a signature holds, over what was signed for a height; `what` that is, in a word.
    fn holds(
        &self,
        bytes: Option<Vec<u8>>,
        signature: &Signature,
        key: &PublicKey,
        of: (Height, &'static str),
    ) -> bool {
        let Some(bytes) = bytes.filter(|bytes| key.verify(bytes, signature)) else { return false };
        if let Some(pen) = &self.pen {
            let (height, what) = of;
            pen.overhears(key, height, &bytes, what);
        }
        true
    }

    /// Whether the announced publisher signed the announcement of this stream.
    pub fn is_announced(&self, announcement: &Announcement, stream: &StreamKey, signature: &Signature) -> bool {
        announcement.publisher.0.key().verify(&announcement_bytes(&self.chain, announcement, stream), signature)
    }

    /// The same, to be handed to another thread.
    pub fn of_announcements(self) -> AnnouncementCheck {
        Arc::new(move |announcement: &Announcement, stream: &StreamKey, signature: &Signature| {
            self.is_announced(announcement, stream, signature)
        })
    }
}

fn verdict(valid: bool) -> Result<VerificationResult, Error> {
    Ok(VerificationResult::from_bool(valid))
}

#[async_trait]
impl Verifier<ChainContext> for SignatureChecker {
    async fn verify_signed_vote(
        &self,
        vote: &Vote,
        signature: &Signature,
        key: &PublicKey,
    ) -> Result<VerificationResult, Error> {
        verdict(self.holds(vote_bytes(&self.chain, vote), signature, key, (vote.height.0, "a vote")))
    }

    async fn verify_signed_proposal(
        &self,
        proposal: &ProposalMessage,
        signature: &Signature,
        key: &PublicKey,
    ) -> Result<VerificationResult, Error> {
        let bytes = proposal_bytes(&self.chain, proposal);
        verdict(self.holds(bytes, signature, key, (proposal.height.0, "a proposal")))
    }

    async fn verify_signed_vote_extension(
        &self,
        _: &VoteExtensionScope<ChainContext>,
        _: &(),
        _: &Signature,
        _: &PublicKey,
    ) -> Result<VerificationResult, Error> {
        verdict(false)
    }

    async fn verify_validator_proof(&self, proof: &ValidatorProof<ChainContext>) -> Result<VerificationResult, Error> {
        let proven = proof.decoded_public_key().ok().filter(|key| key.verify(&proof.preimage(), &proof.signature));
        if let (Some(pen), Some(key)) = (&self.pen, &proven) {
            pen.proven(key, &proof.peer_id);
        }
        verdict(proven.is_some())
    }
}

/// Signs for one validator on one chain.
#[derive(Debug, Clone)]
pub struct Signatory {
    chain: ChainId,
    key: SecretKey,
    /// Is asked before anything is decided with the key; none for a key that decides nothing.
    pen: Option<Arc<Pen>>,
}

impl Signatory {
    /// Signs with `key` for `chain`.
    pub fn new(chain: ChainId, key: SecretKey) -> Self {
        Self { chain, key, pen: None }
    }

    /// The same, which signs votes and proposals only as far as the key may sign here.
    pub fn with(self, pen: Arc<Pen>) -> Self {
        Self { pen: Some(pen), ..self }
    }

    /// Signs what decides a height.
    fn decides(&self, height: Height, bytes: &[u8]) -> Result<Signature, Error> {
        if self.pen.as_ref().is_some_and(|pen| !pen.takes(height, bytes)) {
            return Err(Error::from_source("this node's key signs nothing here"));
        }
        Ok(self.key.sign(bytes))
    }

    /// The validator signed for.
    pub fn address(&self) -> Address {
        Address(self.key.account())
    }

    /// Signs the announcement of a stream.
    pub fn announce(&self, announcement: &Announcement, stream: &StreamKey) -> Signature {
        self.key.sign(&announcement_bytes(&self.chain, announcement, stream))
    }
}

#[async_trait]
impl Signer<ChainContext> for Signatory {
    async fn sign_vote(&self, vote: Vote) -> Result<SignedMessage<ChainContext, Vote>, Error> {
        let bytes = vote_bytes(&self.chain, &vote).ok_or_else(|| Error::from_source("a vote without a round"))?;
        let signature = self.decides(vote.height.0, &bytes)?;
        Ok(SignedMessage::new(vote, signature))
    }

    async fn sign_proposal(
        &self,
        proposal: ProposalMessage,
    ) -> Result<SignedMessage<ChainContext, ProposalMessage>, Error> {
        let bytes =
            proposal_bytes(&self.chain, &proposal).ok_or_else(|| Error::from_source("a proposal without a round"))?;
        let signature = self.decides(proposal.height.0, &bytes)?;
        Ok(SignedMessage::new(proposal, signature))
    }

    async fn sign_vote_extension(
        &self,
        _: VoteExtensionScope<ChainContext>,
        _: (),
    ) -> Result<SignedMessage<ChainContext, ()>, Error> {
        Err(Error::from_source("votes carry no extensions on this chain"))
    }

    async fn sign_validator_proof(
        &self,
        public_key: Vec<u8>,
        peer_id: Vec<u8>,
    ) -> Result<ValidatorProof<ChainContext>, Error> {
        let signature = self.key.sign(&ValidatorProof::<ChainContext>::signing_bytes(&public_key, &peer_id));
        Ok(ValidatorProof::new(public_key, peer_id, signature))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{BlockHeight, BlockValue};
    use crate::tests::peer;
    use arc_malachitebft_app::streaming::StreamId;
    use malachite::Round;
    use primitives::{BlockHash, Digest};

    fn chain(name: &str) -> ChainId {
        name.parse().unwrap()
    }

    fn signatory() -> Signatory {
        Signatory::new(chain("a-1"), SecretKey::from_seed(&[1; 32]))
    }

    fn precommit() -> Vote {
        let block = NilOrVal::Val(BlockHash([9; 32]));
        let (height, round) = (BlockHeight(Height(3)), Round::new(2));
        Vote { kind: VoteType::Precommit, height, round, block, voter: signatory().address() }
    }

    #[tokio::test]
    async fn a_vote_signs_what_a_light_client_checks_and_holds_on_one_chain_only() {
        let signed = signatory().sign_vote(precommit()).await.unwrap();
        let payload = vote_payload(&chain("a-1"), VoteKind::Precommit, Height(3), 2, Some(BlockHash([9; 32])));
        let key = signatory().address().0.key();
        assert!(key.verify(&payload, &signed.signature));
        let valid = async |name: &str, vote: &Vote| {
            SignatureChecker::new(chain(name))
                .verify_signed_vote(vote, &signed.signature, &key)
                .await
                .unwrap()
                .is_valid()
        };
        assert!(valid("a-1", &signed.message).await);
        assert!(!valid("b-1", &signed.message).await);
        for other in [
            Vote { kind: VoteType::Prevote, ..precommit() },
            Vote { height: BlockHeight(Height(4)), ..precommit() },
            Vote { round: Round::new(3), ..precommit() },
            Vote { round: Round::Nil, ..precommit() },
            Vote { block: NilOrVal::Nil, ..precommit() },
        ] {
            assert!(!valid("a-1", &other).await, "{other:?}");
        }
        assert!(signatory().sign_vote(Vote { round: Round::Nil, ..precommit() }).await.is_err());
    }

    #[tokio::test]
    async fn a_proposal_holds_for_its_earlier_round_too() {
        let proposal = ProposalMessage {
            height: BlockHeight(Height(3)),
            round: Round::new(2),
            value: BlockValue(BlockHash([9; 32])),
            pol_round: Round::Nil,
            proposer: signatory().address(),
        };
        let signed = signatory().sign_proposal(proposal.clone()).await.unwrap();
        let key = signatory().address().0.key();
        let checker = SignatureChecker::new(chain("a-1"));
        let other = ProposalMessage { pol_round: Round::new(1), ..proposal.clone() };
        assert!(checker.verify_signed_proposal(&proposal, &signed.signature, &key).await.unwrap().is_valid());
        assert!(checker.verify_signed_proposal(&other, &signed.signature, &key).await.unwrap().is_invalid());
        let payload = proposal_payload(&chain("a-1"), Height(3), 2, BlockHash([9; 32]), None);
        assert!(key.verify(&payload, &signed.signature), "the bytes that the chain judges its proposer by");
        let nowhere = ProposalMessage { round: Round::Nil, ..proposal };
        assert!(checker.verify_signed_proposal(&nowhere, &signed.signature, &key).await.unwrap().is_invalid());
        assert!(signatory().sign_proposal(nowhere).await.is_err());
    }

    #[test]
    fn an_announcement_holds_for_its_own_stream_only() {
        let announcement = Announcement {
            height: BlockHeight(Height(3)),
            round: 0,
            pol_round: None,
            publisher: signatory().address(),
            block: BlockHash([9; 32]),
            length: 1,
            digest: Digest([0; 32]),
        };
        let (me, stranger) = (peer(1), peer(2));
        let id = |n: u8| StreamId::new(vec![n].into());
        let signature = signatory().announce(&announcement, &(me, id(1)));
        let checker = SignatureChecker::new(chain("a-1"));
        assert!(checker.is_announced(&announcement, &(me, id(1)), &signature));
        assert!(!checker.is_announced(&announcement, &(stranger, id(1)), &signature));
        assert!(!checker.is_announced(&announcement, &(me, id(2)), &signature));
    }

    /// A small-order key verifies some signatures under the cofactored rule; here it is no key, and verifies nothing.
    #[tokio::test]
    async fn the_strict_rule_refuses_what_other_ed25519_rules_accept() {
        let mut weak = [0; 32];
        weak[0] = 1;
        assert_eq!(Ed25519Strict::decode_public_key(&weak), Err(KeyError::Unusable));
        assert_eq!(Ed25519Strict::decode_public_key(&[0; 31]), Err(KeyError::Length(31)));
        assert_eq!(Ed25519Strict::decode_signature(&[0; 63]), Err(KeyError::Length(63)));
        let mut identity = [0; 64];
        identity[0] = 1;
        let checker = SignatureChecker::new(chain("a-1"));
        let verdict = checker.verify_signed_vote(&precommit(), &Signature(identity), &PublicKey(weak)).await.unwrap();
        assert!(verdict.is_invalid());
    }

    #[tokio::test]
    async fn a_validator_proof_binds_key_and_peer() {
        let key = signatory().address().0.key();
        let proof = signatory().sign_validator_proof(key.0.to_vec(), vec![7; 38]).await.unwrap();
        let checker = SignatureChecker::new(chain("b-1"));
        assert!(checker.verify_validator_proof(&proof).await.unwrap().is_valid());
        let other = ValidatorProof { peer_id: vec![8; 38], ..proof };
        assert!(checker.verify_validator_proof(&other).await.unwrap().is_invalid());
    }
}
