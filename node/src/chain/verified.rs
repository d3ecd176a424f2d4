//! The transactions whose signatures were verified on their way in, so that no block that holds them has them verified again.

use crate::mempool::MempoolBounds;
use crate::metrics::NodeMetrics;
use primitives::TransactionHash;
use runtime::{KnownSignatures, TxError};
use std::collections::{HashSet, VecDeque};
use std::sync::{PoisonError, RwLock};

/// The transactions whose signatures this node has found good lately, by the hashes of all of their bytes.
///
/// # Invariants
/// - Only what was verified here is among them: nothing that a peer or a block says of itself.
/// - They are bounded: twice as many as a pool holds, and then the oldest is forgotten. What is forgotten is verified anew.
pub(super) struct VerifiedTransactions {
    most: usize,
    kept: RwLock<Kept>,
    metrics: NodeMetrics,
}

#[derive(Debug, Default)]
struct Kept {
    hashes: HashSet<TransactionHash>,
    /// The same, by age.
    order: VecDeque<TransactionHash>,
}

impl VerifiedTransactions {
    /// None yet, of a node whose pool has these bounds.
    pub fn beside(bounds: &MempoolBounds, metrics: NodeMetrics) -> Self {
        Self { most: bounds.most_waiting().saturating_mul(2).max(1), kept: RwLock::default(), metrics }
    }

    /// Verifies the signature of a transaction, unless that was done; what is good is remembered, and what is not is not.
    ///
    /// # Errors
    /// What verifying gives.
    pub fn require(
        &self,
        transaction: TransactionHash,
        verify: impl FnOnce() -> Result<(), TxError>,
    ) -> Result<(), TxError> {
        if self.is_good(&transaction) {
            return Ok(());
        }
        verify()?;
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.hashes.insert(transaction) {
            kept.order.push_back(transaction);
        }
        if kept.order.len() > self.most
            && let Some(oldest) = kept.order.pop_front()
        {
            kept.hashes.remove(&oldest);
        }
        Ok(())
    }
}

impl KnownSignatures for VerifiedTransactions {
    fn is_good(&self, transaction: &TransactionHash) -> bool {
        let is_good = self.kept.read().unwrap_or_else(PoisonError::into_inner).hashes.contains(transaction);
        self.metrics.signature(is_good);
        is_good
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::AccountId;
    use std::cell::Cell;

    const BOUNDS: MempoolBounds = MempoolBounds { max_bytes: 1 << 20, max_count: 40, max_per_account: 16 };

    fn hash(index: usize) -> TransactionHash {
        TransactionHash::of(&index.to_le_bytes())
    }

    fn verified(set: &VerifiedTransactions, index: usize) -> bool {
        let verified = Cell::new(false);
        let verify = || {
            verified.set(true);
            Ok(())
        };
        set.require(hash(index), verify).unwrap();
        verified.get()
    }

    #[test]
    fn a_signature_is_verified_once_until_twice_a_pool_came_after_it() {
        let set = VerifiedTransactions::beside(&BOUNDS, NodeMetrics::new());
        assert_eq!(set.most, 2 * (40 + 2), "what is ready, and a twentieth apart");
        for index in 0..set.most {
            assert!(verified(&set, index) && !verified(&set, index));
        }
        assert!(!verified(&set, 0), "asking again makes it no younger");
        assert!(verified(&set, set.most), "one more");
        assert!(!set.is_good(&hash(0)) && set.is_good(&hash(1)), "the oldest is forgotten");
        for index in set.most..20 * set.most {
            verified(&set, index);
        }
        let kept = set.kept.read().unwrap();
        assert_eq!((kept.hashes.len(), kept.order.len()), (set.most, set.most));
        drop(kept);
        assert!(verified(&set, 0), "and verified anew");
    }

    #[test]
    fn what_is_not_good_is_not_among_them_and_takes_no_place() {
        let metrics = NodeMetrics::new();
        let set = VerifiedTransactions::beside(&BOUNDS, metrics.clone());
        let bad = TxError::BadSignature(AccountId([7; 32]));
        for _ in 0..3 {
            assert_eq!(set.require(hash(1), || Err(bad.clone())), Err(bad.clone()));
            assert!(!set.is_good(&hash(1)));
        }
        assert!(set.kept.read().unwrap().order.is_empty());
        assert!(verified(&set, 1), "a bad one does not stand for a good one either");
        assert!(!verified(&set, 1));
        let counts = metrics.encode();
        assert!(counts.contains("signatures_known_total 1\n"), "{counts}");
        assert!(counts.contains("signatures_unknown_total 7\n"), "{counts}");
    }
}
