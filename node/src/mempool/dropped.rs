//! What was dropped lately, and why.

use primitives::TransactionHash;
use rpc::views::Dropped;
use std::collections::{HashMap, VecDeque};

/// How many dropped transactions are remembered; then the oldest is forgotten.
const REMEMBERED: usize = 10_000;

/// The latest drops of a pool.
#[derive(Debug, Default)]
pub(super) struct Drops {
    why: HashMap<TransactionHash, Dropped>,
    /// By age; a transaction that came back and was dropped again stands here once.
    order: VecDeque<TransactionHash>,
}

impl Drops {
    /// Remembers a drop.
    pub fn add(&mut self, transaction: TransactionHash, why: Dropped) {
        if self.why.insert(transaction, why).is_none() {
            self.order.push_back(transaction);
        }
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.why.remove(&oldest);
        }
    }

    /// Why a transaction was dropped.
    pub fn why(&self, transaction: &TransactionHash) -> Option<&Dropped> {
        self.why.get(transaction)
    }

    /// Forgets a transaction that waits again.
    pub fn forget(&mut self, transaction: &TransactionHash) {
        if self.why.remove(transaction).is_some() {
            self.order.retain(|remembered| remembered != transaction);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_are_remembered_once_each_and_only_so_many() {
        let hash = |index: usize| TransactionHash::of(&index.to_le_bytes());
        let mut drops = Drops::default();
        for index in 0..REMEMBERED + 5 {
            drops.add(hash(index), Dropped::Outbid);
            drops.add(hash(index), Dropped::Replaced { by: hash(0) });
        }
        assert_eq!((drops.order.len(), drops.why.len()), (REMEMBERED, REMEMBERED));
        assert_eq!((drops.why(&hash(4)), drops.why(&hash(5))), (None, Some(&Dropped::Replaced { by: hash(0) })));
        drops.forget(&hash(5));
        assert_eq!((drops.order.len(), drops.why(&hash(5))), (REMEMBERED - 1, None));
    }
}
