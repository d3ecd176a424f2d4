//! Transactions that wait for a block.
//!
//! Each was judged when it came in: its signature once, its terms against the state at that time. After every block the
//! pool judges the terms again and drops what can never be included. Accounts queue by nonce; between accounts the higher
//! fee per byte goes first.
//!
//! # Invariants
//! - The pool is bounded in transactions, in bytes, and for each account.
//! - At most one transaction waits for an account's nonce; only a clearly higher fee replaces it.

mod dropped;
mod pool;
mod queue;
#[cfg(test)]
mod tests;

pub use pool::Mempool;

use primitives::{Amount, TransactionHash};
use runtime::Transaction;

/// The bounds of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MempoolBounds {
    /// All waiting transactions together, in encoded bytes.
    pub max_bytes: usize,
    /// All waiting transactions.
    pub max_count: usize,
    /// Waiting transactions of one account, and how far its nonces may run ahead of the chain's.
    pub max_per_account: u32,
}

/// A waiting transaction.
#[derive(Debug, Clone)]
struct Waiting {
    hash: TransactionHash,
    bytes: usize,
    transaction: Transaction,
}

impl Waiting {
    /// Whether this pays more per byte than `other`; exact, in integers.
    fn pays_more_than(&self, other: &Waiting) -> bool {
        u128::from(self.fee().0) * other.bytes as u128 > u128::from(other.fee().0) * self.bytes as u128
    }

    fn fee(&self) -> Amount {
        self.transaction.payload.fee
    }
}
