//! How a transaction comes to wait for a block: from this node's users, and from other nodes.

use super::Chain;
use primitives::{PublicKey, Signature, TransactionHash};
use releases::ReleaseVote;
use rpc::SubmitError;
use runtime::{Call, Motion, Transaction};
use state::{Decide as _, State};

/// What a peer's message says about the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdmissionRefusal {
    /// Nobody could have taken it for good: the peer is to blame.
    PeerFault,
    /// It does not fit here or now.
    Harmless,
}

impl Chain {
    /// Takes a user's transaction. A proposal is judged on current state first, because a proposal that the chain would
    /// refuse must not be stored anywhere (seed 003, "Provenance signatures").
    ///
    /// # Errors
    /// The first rule that refuses it; nothing of it is kept.
    pub fn submit(&self, transaction: Transaction) -> Result<TransactionHash, SubmitError> {
        transaction.check_signature()?;
        let view = self.store.view();
        let state = State::over(&view);
        if let Some(vote) = release_vote(&transaction.payload.call) {
            self.require_provenance(vote)?;
            self.foresee(&state, &transaction)?;
        }
        self.admit(&state, transaction)
    }

    /// Takes a transaction that another node passed on.
    ///
    /// # Errors
    /// Whether the peer is to blame; nothing of a refused transaction is kept.
    pub fn receive(&self, bytes: &[u8]) -> Result<TransactionHash, AdmissionRefusal> {
        let transaction = Transaction::from_bytes(bytes).map_err(|_| AdmissionRefusal::PeerFault)?;
        if self.pool().contains(&transaction.hash()) {
            return Err(AdmissionRefusal::Harmless);
        }
        transaction.check_signature().map_err(|_| AdmissionRefusal::PeerFault)?;
        if let Some(vote) = release_vote(&transaction.payload.call) {
            self.require_provenance(vote).map_err(|_| AdmissionRefusal::Harmless)?;
        }
        let view = self.store.view();
        self.admit(&State::over(&view), transaction).map_err(|_| AdmissionRefusal::Harmless)
    }

    /// The transactions that the next blocks would take, best first, at most `most`.
    pub fn waiting(&self, most: usize) -> Vec<Transaction> {
        let view = self.store.view();
        let state = State::over(&view);
        self.pool().candidates(&state, most)
    }

    fn admit(&self, state: &State, transaction: Transaction) -> Result<TransactionHash, SubmitError> {
        let mut pool = self.pool();
        let admitted = pool.admit(transaction, state, self.next_moment());
        self.metrics.pool(&pool);
        admitted
    }

    fn require_provenance(&self, vote: &ReleaseVote) -> Result<(), SubmitError> {
        if self.trusted.is_empty() {
            return Ok(());
        }
        for (target, signatures) in vote.attested() {
            let signatures: Vec<(PublicKey, Signature)> = signatures.iter().map(|a| (a.signer, a.signature)).collect();
            let checked = self.trusted.check(target.build_hash, &signatures);
            self.metrics.provenance(checked.is_ok());
            checked.map_err(|error| SubmitError::Provenance(error.to_string()))?;
        }
        Ok(())
    }

    fn foresee(&self, state: &State, transaction: &Transaction) -> Result<(), SubmitError> {
        let payload = &transaction.payload;
        payload.call.decide(state, self.next_moment(), payload.account).map(|_| ()).map_err(|error| {
            self.metrics.refused(&error);
            SubmitError::WouldBeRefused(Box::new(error))
        })
    }
}

/// The release that a call proposes.
fn release_vote(call: &Call) -> Option<&ReleaseVote> {
    match call {
        Call::Governance(governance::Call::Propose {
            motion: Motion::Releases(releases::Motion::Approve(vote)),
            ..
        }) => Some(vote),
        _ => None,
    }
}
