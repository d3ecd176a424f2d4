//! How a transaction comes to wait for a block: from this node's users, and from other nodes.

use super::Chain;
use crate::mempool::{Admitted, Mempool, Waiting};
use primitives::{PublicKey, Signature, TransactionHash};
use releases::ReleaseVote;
use rpc::SubmitError;
use runtime::{Call, Motion, Transaction};
use state::{Decide as _, State};
use tokio::sync::broadcast;

/// Transactions that became ready and that others are still to be told of, at most; then the oldest is not told.
pub(super) const UNTOLD: usize = 20_000;

/// What a peer's transaction says about the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdmissionRefusal {
    /// Nobody could have taken it for good: the peer is to blame.
    PeerFault,
    /// It does not fit here or now.
    Harmless,
}

/// Who brought a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    User,
    /// Another node; what is ready of it is passed on as it came.
    Peer,
}

impl Chain {
    /// Takes a user's transaction; others are told of it once it is ready. A proposal is judged on current state first, because a
    /// proposal that the chain would refuse must not be stored anywhere (seed 003, "Provenance signatures").
    ///
    /// # Errors
    /// The first rule that refuses it; nothing of it is kept.
    pub fn submit(&self, transaction: Transaction) -> Result<TransactionHash, SubmitError> {
        transaction.check_signature()?;
        if let Some(vote) = release_vote(&transaction.payload.call) {
            self.require_provenance(vote)?;
            self.foresee(&transaction)?;
        }
        Ok(self.admit(Waiting::of(transaction), Origin::User)?.hash)
    }

    /// Takes a transaction that another node passed on. What is ready is for the caller to pass on further; of what became ready
    /// with it, others are told.
    ///
    /// # Errors
    /// Whether the peer is to blame; nothing of a refused transaction is kept.
    pub fn receive(&self, bytes: &[u8]) -> Result<Admitted, AdmissionRefusal> {
        let transaction = Transaction::from_bytes(bytes).map_err(|_| AdmissionRefusal::PeerFault)?;
        if self.pool().contains(&transaction.hash()) {
            return Err(AdmissionRefusal::Harmless);
        }
        transaction.check_signature().map_err(|_| AdmissionRefusal::PeerFault)?;
        if let Some(vote) = release_vote(&transaction.payload.call) {
            self.require_provenance(vote).map_err(|_| AdmissionRefusal::Harmless)?;
        }
        self.admit(Waiting::of(transaction), Origin::Peer).map_err(|_| AdmissionRefusal::Harmless)
    }

    /// The transactions that the next blocks would take, in the order in which they would, at most `most`.
    pub fn waiting(&self, most: usize) -> Vec<Transaction> {
        self.pool().candidates(most)
    }

    /// Each transaction that becomes ready from now on, for whoever tells other nodes of it.
    pub fn became_ready(&self) -> broadcast::Receiver<TransactionHash> {
        self.ready.subscribe()
    }

    fn admit(&self, waiting: Waiting, origin: Origin) -> Result<Admitted, SubmitError> {
        let (hash, mut pool) = (waiting.hash(), self.pool());
        // Read once the pool is held: its lines would be out of turn by a state older than the one it was sorted by.
        let view = self.store.view();
        let admitted = pool.admit(waiting, &State::over(&view), self.next_moment());
        self.changed(&mut pool, (origin == Origin::Peer).then_some(hash));
        admitted
    }

    /// Counts what waits, and tells of what became ready, except of what is passed on as it came.
    pub(super) fn changed(&self, pool: &mut Mempool, passed_on: Option<TransactionHash>) {
        self.metrics.pool(pool);
        for hash in pool.take_ready().into_iter().filter(|hash| passed_on != Some(*hash)) {
            // Where nobody listens, as in tests, nobody is told.
            let _ = self.ready.send(hash);
        }
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

    fn foresee(&self, transaction: &Transaction) -> Result<(), SubmitError> {
        let (view, payload) = (self.store.view(), &transaction.payload);
        let state = State::over(&view);
        payload.call.decide(&state, self.next_moment(), payload.account).map(|_| ()).map_err(|error| {
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
