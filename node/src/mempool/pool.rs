//! The pool: what comes in, what goes into a block, what is dropped.

use super::{MempoolBounds, Waiting, dropped::Drops, queue::Queue};
use parity_scale_codec::Encode;
use primitives::{AccountId, Moment, TransactionHash};
use rpc::SubmitError;
use rpc::views::Dropped;
use runtime::{Transaction, TxError};
use state::State;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

/// The waiting transactions of a node.
#[derive(Debug)]
pub struct Mempool {
    bounds: MempoolBounds,
    queues: HashMap<AccountId, Queue>,
    by_hash: HashMap<TransactionHash, (AccountId, u64)>,
    bytes: usize,
    drops: Drops,
}

impl Mempool {
    /// An empty pool.
    pub fn new(bounds: MempoolBounds) -> Self {
        Self { bounds, queues: HashMap::new(), by_hash: HashMap::new(), bytes: 0, drops: Drops::default() }
    }

    /// How many wait.
    pub fn count(&self) -> usize {
        self.by_hash.len()
    }

    /// How many bytes wait.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Why a transaction was dropped lately. One that a block took may be among them.
    pub fn dropped(&self, hash: &TransactionHash) -> Option<&Dropped> {
        self.drops.why(hash)
    }

    /// Whether a transaction waits.
    pub fn contains(&self, hash: &TransactionHash) -> bool {
        self.by_hash.contains_key(hash)
    }

    /// The nonce that follows those of `account` that wait without a gap from the chain's; none when none waits.
    pub fn next_nonce(&self, account: &AccountId, chain_nonce: u64) -> Option<u64> {
        let ready = self.queues.get(account)?.ready(chain_nonce).count() as u64;
        (ready > 0).then_some(chain_nonce + ready)
    }

    /// Takes a transaction whose signature the caller has checked; `state` and `next` are those of the block to come.
    ///
    /// # Errors
    /// Nothing is kept of a refused transaction.
    pub fn admit(
        &mut self,
        transaction: Transaction,
        state: &State,
        next: Moment,
    ) -> Result<TransactionHash, SubmitError> {
        let encoded = transaction.encode();
        let waiting = Waiting { hash: TransactionHash::of(&encoded), bytes: encoded.len(), transaction };
        let hash = waiting.hash;
        if self.contains(&hash) {
            return Err(SubmitError::Known);
        }
        waiting.transaction.check_terms(state, next)?;
        self.require_place(&waiting, state)?;
        self.make_room(&waiting)?;
        self.insert(waiting);
        Ok(hash)
    }

    fn require_place(&self, waiting: &Waiting, state: &State) -> Result<(), SubmitError> {
        let account = waiting.transaction.payload.account;
        let found = waiting.transaction.payload.nonce;
        let expected = accounts::queries::account(state, &account).nonce;
        if found < expected {
            return Err(TxError::NonceUsed { expected, found }.into());
        }
        let most = self.bounds.max_per_account;
        let queue = self.queues.get(&account);
        let replaces = queue.is_some_and(|queue| queue.at(found).is_some());
        if found - expected >= most.into() || (!replaces && queue.is_some_and(|queue| queue.len() >= most as usize)) {
            return Err(SubmitError::AccountFull { account, most });
        }
        queue.map_or(Ok(()), |queue| queue.require_outbids(waiting))
    }

    /// Drops cheaper transactions until the newcomer fits; none when that is not enough.
    fn make_room(&mut self, newcomer: &Waiting) -> Result<(), SubmitError> {
        while self.count() >= self.bounds.max_count || self.bytes + newcomer.bytes > self.bounds.max_bytes {
            let cheapest = self
                .queues
                .iter()
                .filter(|(account, _)| **account != newcomer.transaction.payload.account)
                .filter_map(|(_, queue)| queue.last())
                .min_by(|a, b| a.pays_more_than(b).cmp(&b.pays_more_than(a)).then(a.hash.cmp(&b.hash)));
            match cheapest {
                Some(cheapest) if newcomer.pays_more_than(cheapest) => {
                    let outbid = cheapest.hash;
                    self.remove(&outbid);
                    self.drops.add(outbid, Dropped::Outbid);
                }
                Some(cheapest) => return Err(SubmitError::PoolFull { least: cheapest.fee() }),
                None => return Err(SubmitError::PoolFull { least: newcomer.fee() }),
            }
        }
        Ok(())
    }

    fn insert(&mut self, waiting: Waiting) {
        let payload = &waiting.transaction.payload;
        let (account, place) = (payload.account, (payload.account, payload.nonce));
        self.bytes += waiting.bytes;
        let hash = waiting.hash;
        self.by_hash.insert(hash, place);
        self.drops.forget(&hash);
        if let Some(replaced) = self.queues.entry(account).or_default().insert(waiting) {
            self.forget(&replaced);
            self.drops.add(replaced.hash, Dropped::Replaced { by: hash });
        }
    }

    fn remove(&mut self, hash: &TransactionHash) {
        let Some((account, nonce)) = self.by_hash.get(hash).copied() else { return };
        let removed = self.queues.get_mut(&account).and_then(|queue| queue.remove(nonce));
        removed.iter().for_each(|waiting| self.forget(waiting));
        self.queues.retain(|_, queue| !queue.is_empty());
    }

    fn forget(&mut self, waiting: &Waiting) {
        self.bytes -= waiting.bytes;
        self.by_hash.remove(&waiting.hash);
    }

    /// The transactions a block may take, best first: each account's in nonce order, the account whose next transaction pays
    /// most before the others. At most `most`.
    pub fn candidates(&self, state: &State, most: usize) -> Vec<Transaction> {
        let mut lines: BTreeMap<AccountId, _> = BTreeMap::new();
        let mut heap = BinaryHeap::new();
        for (account, queue) in &self.queues {
            let nonce = accounts::queries::account(state, account).nonce;
            let mut line = queue.ready(nonce);
            if let Some(first) = line.next() {
                heap.push(Bid(first));
                lines.insert(*account, line);
            }
        }
        let mut chosen = Vec::new();
        while chosen.len() < most
            && let Some(Bid(best)) = heap.pop()
        {
            chosen.push(best.transaction.clone());
            if let Some(next) = lines.get_mut(&best.transaction.payload.account).and_then(Iterator::next) {
                heap.push(Bid(next));
            }
        }
        chosen
    }

    /// After a block: drops what is included, expired, or can no longer be paid for. Gives the number dropped.
    pub fn recheck(&mut self, state: &State, next: Moment) -> usize {
        let mut dropped = Vec::new();
        for (account, queue) in &mut self.queues {
            let nonce = accounts::queries::account(state, account).nonce;
            let mut why = Vec::new();
            let gone =
                queue.retain(|waiting| judge(waiting, nonce, state, next).map_err(|error| why.push(error)).is_ok());
            dropped.extend(gone.into_iter().zip(why));
        }
        let count = dropped.len();
        for (waiting, why) in dropped {
            self.forget(&waiting);
            self.drops.add(waiting.hash, why.into());
        }
        self.queues.retain(|_, queue| !queue.is_empty());
        count
    }
}

/// Why a waiting transaction can be in no block any more, its account's next nonce being `expected`.
fn judge(waiting: &Waiting, expected: u64, state: &State, next: Moment) -> Result<(), TxError> {
    let found = waiting.transaction.payload.nonce;
    if found < expected {
        return Err(TxError::NonceUsed { expected, found });
    }
    waiting.transaction.check_terms(state, next)
}

/// Orders waiting transactions by what they pay per byte; equal ones by hash, so that the order is total.
struct Bid<'a>(&'a Waiting);

impl Ord for Bid<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let (a, b) = (self.0, other.0);
        a.pays_more_than(b).cmp(&b.pays_more_than(a)).then(b.hash.cmp(&a.hash))
    }
}
impl PartialOrd for Bid<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Bid<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Bid<'_> {}
