//! Transactions that wait for a block.
//!
//! *Ready* is what blocks could take one after the other, as state is: nothing is missing before it, and the balance covers, in
//! sequence, the fees and what the calls before may spend. What is ready holds a place, is told to other nodes, and competes with
//! its *bid*: the least that it, or one before it of its account, pays for a byte of what it takes of a block, by its
//! [weight](Limits::weight) and by [what its verdicts may read](Limits::claim), because blocks come to it no earlier. What is not ready waits apart, a little of each account, until a transaction or a block
//! brings its turn. After every block the pool sorts again whatever does not stand as it was, and drops what can never be included.
//!
//! An account has two [lanes](runtime::Lane), each with nonces of its own, and one balance. So what is ready of it is one sequence: a
//! transaction stands behind those of its lane that come before it, in front of what pays less a byte in the other lane, and
//! nowhere so that too little is left for one that was ready before.
//!
//! # Invariants
//! - What waits is bounded in transactions, in bytes, and for each account.
//! - At most one transaction waits for a nonce in a lane of an account; only a clearly higher fee replaces it.
//! - What is ready loses its turn to no transaction but one that takes the place of another.
//! - Whatever waits apart could not follow what is ready of its account.
//! - What waits apart never takes the place of what is ready.
//! - Who gives way bids less than everyone who stays.

mod dropped;
mod line;
mod lines;
mod pool;
mod rate;
#[cfg(test)]
mod tests;

pub use lines::Load;
pub use pool::{Admitted, Mempool};

use line::Turn;
use parity_scale_codec::Encode;
use primitives::{AccountId, Amount, TransactionHash};
use rate::Rate;
use runtime::{Limits, Transaction, TxError};
use state::State;

/// How many transactions of one account wait apart, at most, in both lanes together: those that are nearest to their turn.
const APART_EACH: u32 = 4;

/// The share of the pool that may wait apart of all accounts together, beside the places: one part in so many.
const APART_SHARE: usize = 20;

/// The bounds of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MempoolBounds {
    /// All transactions that are ready, in encoded bytes.
    pub max_bytes: usize,
    /// All transactions that are ready: the places of the pool.
    pub max_count: usize,
    /// Waiting transactions in one lane of an account, and how far its nonces may run ahead of the chain's.
    pub max_per_account: u32,
}

impl MempoolBounds {
    /// The places of what is ready.
    fn ready(&self) -> Load {
        Load { count: self.max_count, bytes: self.max_bytes }
    }

    /// How many transactions wait at most, ready or apart.
    pub(crate) fn most_waiting(&self) -> usize {
        self.ready().count.saturating_add(self.apart().count)
    }

    /// What may wait apart, beside them.
    fn apart(&self) -> Load {
        Load { count: self.max_count / APART_SHARE, bytes: self.max_bytes / APART_SHARE }
    }
}

/// A transaction that waits, or is to.
#[derive(Debug, Clone)]
pub struct Waiting {
    hash: TransactionHash,
    /// What it takes of the pool.
    bytes: usize,
    /// What it takes of a block, in bytes.
    weight: u64,
    transaction: Transaction,
    /// None while it is ready.
    apart: Option<Apart>,
}

/// How a transaction waits apart.
#[derive(Debug, Clone)]
struct Apart {
    /// Its number among all that came to wait apart; the smallest has waited longest.
    since: u64,
    /// Why it is not its turn.
    why: TxError,
}

impl Waiting {
    /// A transaction as a pool keeps it, on a chain of these limits.
    pub fn of(transaction: Transaction, limits: &Limits) -> Self {
        let encoded = transaction.encode();
        let weight = transaction.weight(limits);
        Self { hash: TransactionHash::of(&encoded), bytes: encoded.len(), weight, transaction, apart: None }
    }

    /// Counts what a verdict that it asks may read as taken of a block, as state is now. It is left as it is then: a list that gets longer
    /// later is paid for, or the transaction cannot be in a block any more.
    fn count_reads(&mut self, state: &State, limits: &Limits) {
        let reads = self.transaction.reads(state);
        if reads > 0 {
            self.weight = limits.claim(self.weight, reads);
        }
    }

    /// The hash by which it is known.
    pub fn hash(&self) -> TransactionHash {
        self.hash
    }

    /// The transaction itself.
    pub fn transaction(&self) -> &Transaction {
        &self.transaction
    }

    fn account(&self) -> AccountId {
        self.transaction.payload.account
    }

    fn turn(&self) -> Turn {
        Turn { lane: self.transaction.payload.lane, nonce: self.transaction.payload.nonce }
    }

    fn fee(&self) -> Amount {
        self.transaction.payload.fee
    }

    fn rate(&self) -> Rate {
        Rate::of(self.fee(), self.weight)
    }

    fn is_ready(&self) -> bool {
        self.apart.is_none()
    }

    /// Waits apart from now on, or goes on doing so; `arrivals` counts who came to.
    fn wait_apart(&mut self, why: TxError, arrivals: &mut u64) {
        let since = self.apart.take().map_or_else(
            || {
                *arrivals += 1;
                *arrivals
            },
            |apart| apart.since,
        );
        self.apart = Some(Apart { since, why });
    }
}
