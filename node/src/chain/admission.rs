//! How a transaction comes to wait for a block: from this node's users, and from other nodes.

use super::Chain;
use crate::mempool::{Admitted, Mempool, Waiting};
use primitives::{PublicKey, Signature, TransactionHash};
use releases::ReleaseVote;
use rpc::SubmitError;
use runtime::{Call, Motion, Transaction, TxError};
use state::{Decide as _, State};
use std::sync::Arc;
use tokio::sync::broadcast;

/// Transactions that became ready and that others are still to be told of, at most; then the oldest is not told.
pub(super) const UNTOLD: usize = 20_000;

/// Why a message of a peer is not taken, by what that says about the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdmissionRefusal {
    /// Nobody could ever have taken it: the peer is to blame.
    PeerFault,
    /// Nobody takes it who has the newest blocks.
    Useless,
    /// It does not fit into this pool; into another it may.
    Harmless,
}

impl From<&SubmitError> for AdmissionRefusal {
    fn from(error: &SubmitError) -> Self {
        match error {
            SubmitError::Invalid(error) => match error {
                TxError::Undecodable(_)
                | TxError::TooLarge { .. }
                | TxError::WrongChain { .. }
                | TxError::BadSignature(_) => Self::PeerFault,
                TxError::Expired { .. }
                | TxError::ExpiresTooLate { .. }
                | TxError::NonceUsed { .. }
                | TxError::NonceTooHigh { .. }
                | TxError::FeeTooLow { .. }
                | TxError::CannotPayFee { .. }
                | TxError::TooManyReads { .. } => Self::Useless,
                // A network that has come further takes it, and so may this one: nobody is to blame who is ahead (ROLLOUTS 3.3).
                TxError::Dormant { .. } => Self::Harmless,
            },
            SubmitError::PoolFull { .. }
            | SubmitError::AccountFull { .. }
            | SubmitError::ReplacementFee { .. }
            | SubmitError::Known
            | SubmitError::Provenance(_)
            | SubmitError::Closed(_)
            | SubmitError::WouldBeRefused(_) => Self::Harmless,
        }
    }
}

/// Checks the signature of a transaction; tests count how often.
pub(super) type Verify = Arc<dyn Fn(&Transaction) -> Result<(), TxError> + Send + Sync>;

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
        let waiting = Waiting::of(transaction, &self.genesis.chain.limits);
        self.check(&waiting)?;
        if let Some(vote) = release_vote(&waiting.transaction().payload.call) {
            self.require_provenance(vote)?;
            self.foresee(waiting.transaction())?;
        }
        Ok(self.admit(waiting, Origin::User)?.hash)
    }

    /// Takes a transaction that another node passed on. What is ready is for the caller to pass on further; of what became ready
    /// with it, others are told.
    ///
    /// # Errors
    /// What the refusal says about the peer; nothing of a refused transaction is kept.
    pub fn receive(&self, bytes: &[u8]) -> Result<Admitted, AdmissionRefusal> {
        let limits = &self.genesis.chain.limits;
        if bytes.len() > limits.max_transaction_bytes as usize {
            return Err(AdmissionRefusal::PeerFault);
        }
        let transaction = Transaction::from_bytes(bytes).map_err(|_| AdmissionRefusal::PeerFault)?;
        self.take(Waiting::of(transaction, limits)).map_err(|error| AdmissionRefusal::from(&error))
    }

    fn take(&self, waiting: Waiting) -> Result<Admitted, SubmitError> {
        self.check(&waiting)?;
        if let Some(vote) = release_vote(&waiting.transaction().payload.call) {
            self.require_provenance(vote)?;
        }
        self.admit(waiting, Origin::Peer)
    }

    /// Everything that can be wrong with a transaction itself; whoever sent it pays for the check of its signature, which comes
    /// last, or it is not made.
    fn check(&self, waiting: &Waiting) -> Result<(), SubmitError> {
        {
            let (pool, next) = (self.pool(), self.tip.next());
            pool.check(waiting, &State::over(&self.store.view()), &next)?;
        }
        Ok(self.verified.require(waiting.hash(), || (self.verify)(waiting.transaction()))?)
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
        let (next, view) = (self.tip.next(), self.store.view());
        let admitted = pool.admit(waiting, &State::over(&view), &next);
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
            let checked = self.trusted.check(target.build_hash, target.platform.as_str(), &signatures);
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
