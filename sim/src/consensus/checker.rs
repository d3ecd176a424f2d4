//! Checking signatures and certificates, each signature once in a future.
//!
//! All machines of a future check with one memory of what held. What is remembered is the message, the key and the signature together, so
//! a machine is never told that something holds that it would not have found to hold itself; it is spared the work of finding it
//! again. What does not hold is not remembered.

use ::consensus::{ChainContext, ProposalMessage, SignatureChecker, Vote};
use arc_malachitebft_core_types::{ValidatorProof, VoteExtensionScope};
use arc_malachitebft_signing::{Error, VerificationResult, Verifier};
use async_trait::async_trait;
use parity_scale_codec::Encode;
use primitives::{ChainId, PublicKey, Signature};
use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// The node's checker with a memory.
#[derive(Debug)]
pub(super) struct Checker {
    inner: SignatureChecker,
    held: Mutex<BTreeSet<[u8; 32]>>,
}

impl Checker {
    pub fn new(chain: ChainId) -> Self {
        Self { inner: SignatureChecker::new(chain), held: Mutex::default() }
    }

    fn has_held(&self, name: &[u8; 32]) -> bool {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).contains(name)
    }

    /// Takes in what was found, if it holds.
    fn found(&self, name: [u8; 32], found: Result<VerificationResult, Error>) -> Result<VerificationResult, Error> {
        if found.as_ref().is_ok_and(VerificationResult::is_valid) {
            self.held.lock().unwrap_or_else(PoisonError::into_inner).insert(name);
        }
        found
    }
}

fn name(kind: u8, message: &impl Encode, signature: &Signature, key: &PublicKey) -> [u8; 32] {
    *blake3::hash(&(kind, message, signature, key).encode()).as_bytes()
}

#[async_trait]
impl Verifier<ChainContext> for Checker {
    async fn verify_signed_vote(
        &self,
        vote: &Vote,
        signature: &Signature,
        key: &PublicKey,
    ) -> Result<VerificationResult, Error> {
        let name = name(0, vote, signature, key);
        if self.has_held(&name) {
            return Ok(VerificationResult::Valid);
        }
        let found = self.inner.verify_signed_vote(vote, signature, key).await;
        self.found(name, found)
    }

    async fn verify_signed_proposal(
        &self,
        proposal: &ProposalMessage,
        signature: &Signature,
        key: &PublicKey,
    ) -> Result<VerificationResult, Error> {
        let name = name(1, proposal, signature, key);
        if self.has_held(&name) {
            return Ok(VerificationResult::Valid);
        }
        let found = self.inner.verify_signed_proposal(proposal, signature, key).await;
        self.found(name, found)
    }

    async fn verify_signed_vote_extension(
        &self,
        scope: &VoteExtensionScope<ChainContext>,
        extension: &(),
        signature: &Signature,
        key: &PublicKey,
    ) -> Result<VerificationResult, Error> {
        self.inner.verify_signed_vote_extension(scope, extension, signature, key).await
    }

    async fn verify_validator_proof(&self, proof: &ValidatorProof<ChainContext>) -> Result<VerificationResult, Error> {
        self.inner.verify_validator_proof(proof).await
    }
}

/// The outcome of what is asynchronous by its signature alone: nothing here waits for anything.
pub(super) fn at_once<F: Future>(future: F) -> F::Output {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(output) => output,
        Poll::Pending => state::corrupt("what signs or checks waits for something"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::consensus::{BlockHeight, Signatory};
    use arc_malachitebft_core_types::{NilOrVal, Round, VoteType};
    use arc_malachitebft_signing::Signer as _;
    use primitives::{BlockHash, Height, SecretKey};

    #[test]
    fn what_held_once_holds_again_and_nothing_else_does() {
        let chain: ChainId = "a-1".parse().unwrap();
        let signatory = Signatory::new(chain.clone(), SecretKey::from_seed(&[1; 32]));
        let vote = |block| Vote {
            kind: VoteType::Prevote,
            height: BlockHeight(Height(3)),
            round: Round::new(0),
            block,
            voter: signatory.address(),
        };
        let signed = at_once(signatory.sign_vote(vote(NilOrVal::Nil))).unwrap();
        let (checker, key) = (Checker::new(chain), signatory.address().0.key());
        let holds =
            |vote: &Vote| at_once(checker.verify_signed_vote(vote, &signed.signature, &key)).unwrap().is_valid();
        for _ in 0..2 {
            assert!(holds(&signed.message));
            assert!(!holds(&vote(NilOrVal::Val(BlockHash([1; 32])))));
        }
        assert_eq!(checker.held.lock().unwrap().len(), 1);
    }
}
