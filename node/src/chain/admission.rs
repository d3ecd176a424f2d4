//! How a transaction comes to wait for a block: from this node's users, and from other nodes.

use super::Chain;
use crate::mempool::{Admitted, Mempool, Waiting};
use primitives::{PublicKey, Signature, TransactionHash};
use rayon::prelude::*;
use releases::ReleaseVote;
use rpc::SubmitError;
use runtime::{Call, Motion, Transaction, TxError};
use state::{Decide as _, State};
use std::collections::HashSet;
use std::sync::Arc;
use tokio::sync::broadcast;

/// Transactions that became ready and that others are still to be told of, at most; then the oldest is not told.
pub(super) const UNTOLD: usize = 20_000;

/// Why a message of a peer is not taken, by what that says about the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdmissionRefusal {
    /// Nobody could ever have taken it: the peer is to blame.
    PeerFault,
    /// Nobody takes it who has the newest blocks, or those before the last ones.
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

/// A transaction on its way in.
struct Incoming {
    waiting: Waiting,
    /// What came of its signature, where that was verified before its turn.
    signature: Option<Result<(), TxError>>,
}

impl Chain {
    /// Takes a user's transaction; others are told of it once it is ready. A proposal is judged on current state first, because a
    /// proposal that the chain would refuse must not be stored anywhere (seed 003, "Provenance signatures").
    ///
    /// # Errors
    /// The first rule that refuses it; nothing of it is kept.
    pub fn submit(&self, transaction: Transaction) -> Result<TransactionHash, SubmitError> {
        Ok(self.take(self.incoming(transaction), Origin::User)?.hash)
    }

    /// The same for one after the other, whose signatures are verified together on all cores.
    pub fn submit_all(&self, transactions: Vec<Transaction>) -> Vec<Result<TransactionHash, SubmitError>> {
        let mut batch: Vec<Incoming> = transactions.into_iter().map(|transaction| self.incoming(transaction)).collect();
        self.verify_ahead(batch.iter_mut().collect());
        let take = |incoming| self.take(incoming, Origin::User).map(|admitted| admitted.hash);
        batch.into_iter().map(take).collect()
    }

    /// Takes a transaction that another node passed on. What is ready is for the caller to pass on further; of what became ready
    /// with it, others are told.
    ///
    /// # Errors
    /// What the refusal says about the peer; nothing of a refused transaction is kept.
    pub fn receive(&self, bytes: &[u8]) -> Result<Admitted, AdmissionRefusal> {
        self.take_of_peer(bytes, self.decoded(bytes)?)
    }

    /// The same for one after the other, whose signatures are verified together on all cores.
    pub fn receive_all(&self, messages: &[Vec<u8>]) -> Vec<Result<Admitted, AdmissionRefusal>> {
        let mut batch: Vec<_> = messages.iter().map(|bytes| self.decoded(bytes)).collect();
        self.verify_ahead(batch.iter_mut().flatten().collect());
        messages.iter().zip(batch).map(|(bytes, incoming)| self.take_of_peer(bytes, incoming?)).collect()
    }

    fn decoded(&self, bytes: &[u8]) -> Result<Incoming, AdmissionRefusal> {
        if bytes.len() > self.genesis.chain.limits.max_transaction_bytes as usize {
            return Err(AdmissionRefusal::PeerFault);
        }
        let transaction = Transaction::from_bytes(bytes).map_err(|_| AdmissionRefusal::PeerFault)?;
        Ok(self.incoming(transaction))
    }

    fn incoming(&self, transaction: Transaction) -> Incoming {
        Incoming { waiting: Waiting::of(transaction, &self.genesis.chain.limits), signature: None }
    }

    fn take_of_peer(&self, bytes: &[u8], incoming: Incoming) -> Result<Admitted, AdmissionRefusal> {
        self.take(incoming, Origin::Peer).map_err(|error| self.blame(bytes, &error))
    }

    /// What it says about a peer that its message is refused. What was good before the last blocks was on its way when they came.
    fn blame(&self, bytes: &[u8], error: &SubmitError) -> AdmissionRefusal {
        let refusal = AdmissionRefusal::from(error);
        let (SubmitError::Invalid(why), AdmissionRefusal::Useless) = (error, refusal) else { return refusal };
        let view = self.store.view();
        let is_late = |transaction| self.lately.was_good_before(&transaction, &State::over(&view), why);
        // Read once more, where it matters, rather than kept of all.
        if Transaction::from_bytes(bytes).is_ok_and(is_late) { AdmissionRefusal::Harmless } else { refusal }
    }

    fn take(&self, incoming: Incoming, origin: Origin) -> Result<Admitted, SubmitError> {
        let waiting = self.check(incoming)?;
        if let Some(vote) = release_vote(&waiting.transaction().payload.call) {
            self.require_provenance(vote)?;
            if origin == Origin::User {
                self.foresee(waiting.transaction())?;
            }
        }
        self.admit(waiting, origin)
    }

    /// Whether what waits apart may be ready at another node: blocks have lately taken others of its account, or others are ready here.
    pub fn may_be_ready_elsewhere(&self, hash: &TransactionHash) -> bool {
        let pool = self.pool();
        let account = pool.find(hash).map(|transaction| transaction.payload.account);
        account.is_some_and(|account| pool.has_ready(&account) || self.lately.spoke(&account) > 0)
    }

    /// Verifies on all cores the signatures of those transactions of a batch that the pool would take as it is, each once. The others wait
    /// for their turn, which says what they are refused for; so do proposals of releases, which are asked more before the pool is.
    fn verify_ahead(&self, mut batch: Vec<&mut Incoming>) {
        if batch.len() < 2 {
            return;
        }
        let mut seen = HashSet::new();
        batch.retain(|Incoming { waiting, .. }| {
            seen.insert(waiting.hash())
                && release_vote(&waiting.transaction().payload.call).is_none()
                && self.require_place(waiting).is_ok()
        });
        batch.into_par_iter().for_each(|incoming| incoming.signature = Some(self.require_signature(&incoming.waiting)));
    }

    /// Everything that can be wrong with a transaction itself; whoever sent it pays for the check of its signature, which comes
    /// last, or it is not made.
    fn check(&self, Incoming { waiting, signature }: Incoming) -> Result<Waiting, SubmitError> {
        // What was verified ahead had a place then, and the pool says as it admits it whether it has one still.
        if signature != Some(Ok(())) {
            self.require_place(&waiting)?;
            signature.unwrap_or_else(|| self.require_signature(&waiting))?;
        }
        Ok(waiting)
    }

    fn require_place(&self, waiting: &Waiting) -> Result<(), SubmitError> {
        let (pool, next) = (self.pool(), self.tip.next());
        pool.check(waiting, &State::over(&self.store.view()), &next)
    }

    fn require_signature(&self, waiting: &Waiting) -> Result<(), TxError> {
        self.verified.require(waiting.hash(), || (self.verify)(waiting.transaction()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::tests::{counting, decide, open, transfer};
    use crate::metrics::NodeMetrics;
    use host::provenance::TrustedSigners;
    use parity_scale_codec::Encode as _;
    use runtime::testing::{self, holder};
    use std::sync::atomic::Ordering;

    /// A transfer whose signature is not its account's.
    fn forged(genesis: &runtime::Genesis, from: &primitives::SecretKey) -> Transaction {
        let call = testing::transfer(testing::validator(1).account(), 5);
        let mut transaction = testing::signed(genesis, from, 0, call);
        transaction.signature.0[0] ^= 1;
        transaction
    }

    #[test]
    fn of_a_batch_all_are_taken_in_their_order_but_the_forged_one_and_no_signature_is_verified_twice() {
        let (genesis, dir) = (testing::genesis(), tempfile::tempdir().unwrap());
        let (chain, verified) = counting(open(&dir, &genesis, TrustedSigners::default(), &NodeMetrics::new()));
        let (of, forged) = (|nonce| transfer(&genesis, nonce), forged(&genesis, &holder(1)));
        chain.submit(of(0)).unwrap();
        assert_eq!(verified.swap(0, Ordering::SeqCst), 1);
        let mut elsewhere = of(1);
        elsewhere.payload.chain_id = "elsewhere".parse().unwrap();
        let batch = vec![of(0), of(2), forged.clone(), elsewhere, of(1), of(1)];
        let taken = chain.submit_all(batch);
        let bad = TxError::BadSignature(forged.payload.account);
        assert_eq!([&taken[0], &taken[5]], [&Err(SubmitError::Known); 2], "it waits already, and it came before");
        assert_eq!([&taken[1], &taken[4]], [&Ok(of(2).hash()), &Ok(of(1).hash())]);
        assert_eq!(taken[2], Err(SubmitError::Invalid(bad)));
        assert!(matches!(taken[3], Err(SubmitError::Invalid(TxError::WrongChain { .. }))), "{:?}", taken[3]);
        assert_eq!(
            verified.load(Ordering::SeqCst),
            3,
            "of what waits already, and of what is refused without it, none"
        );
        assert_eq!(chain.waiting(10), [of(0), of(1), of(2)]);
    }

    #[test]
    fn a_batch_may_be_longer_than_what_waits_apart_and_what_it_holds_is_judged_as_each_is_alone() {
        let genesis = testing::genesis();
        let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let [together, alone] =
            dirs.each_ref().map(|dir| open(dir, &genesis, TrustedSigners::default(), &NodeMetrics::new()));
        // As many as wait apart, for one that comes with the batch.
        for nonce in 1..5 {
            together.submit(transfer(&genesis, nonce)).unwrap();
            alone.submit(transfer(&genesis, nonce)).unwrap();
        }
        let nonces = [5, 0, 5, 6, 7, 8, 9, 99, 10];
        let batch: Vec<_> = nonces.map(|nonce| transfer(&genesis, nonce)).into();
        let expected: Vec<_> = batch.iter().map(|transaction| alone.submit(transaction.clone())).collect();
        assert_eq!(together.submit_all(batch), expected);
        assert!(matches!(expected[0], Err(SubmitError::AccountFull { .. })) && expected[2].is_ok());
        assert_eq!(together.waiting(100), alone.waiting(100));
    }

    #[test]
    fn what_a_peer_gives_together_is_taken_in_its_order_and_it_is_blamed_for_each_that_nobody_could_take() {
        let (genesis, dir) = (testing::genesis(), tempfile::tempdir().unwrap());
        let (chain, verified) = counting(open(&dir, &genesis, TrustedSigners::default(), &NodeMetrics::new()));
        let (first, second, forged) = (transfer(&genesis, 0), transfer(&genesis, 1), forged(&genesis, &holder(1)));
        let given = [second.encode(), b"not a transaction".to_vec(), forged.encode(), first.encode()];
        let ready = |transaction: &Transaction, ready| Ok(Admitted { hash: transaction.hash(), ready });
        let blamed = Err(AdmissionRefusal::PeerFault);
        assert_eq!(chain.receive_all(&given), [ready(&second, false), blamed, blamed, ready(&first, true)]);
        assert_eq!(verified.load(Ordering::SeqCst), 3);
        decide(&chain);
        assert_eq!(
            chain.receive_all(&given[..1]),
            [Err(AdmissionRefusal::Harmless)],
            "it is in a block since a moment"
        );
        assert_eq!(verified.load(Ordering::SeqCst), 3);
    }
}
