//! The pool: what comes in, what goes into a block, what is dropped.

use super::{APART_EACH, Load, MempoolBounds, Waiting, dropped::Drops, line::Line, lines::Lines, rate::Rate};
use accounts::Account;
use parity_scale_codec::Encode as _;
use primitives::{AccountId, Moment, TransactionHash};
use rpc::SubmitError;
use rpc::views::Dropped;
use runtime::{Transaction, TxError};
use state::State;
use std::collections::HashMap;

/// The waiting transactions of a node.
#[derive(Debug)]
pub struct Mempool {
    bounds: MempoolBounds,
    lines: Lines,
    by_hash: HashMap<TransactionHash, (AccountId, u64)>,
    /// How many ever came to wait apart.
    arrivals: u64,
    became_ready: Vec<TransactionHash>,
    drops: Drops,
}

/// A transaction that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admitted {
    /// Its hash.
    pub hash: TransactionHash,
    /// Whether it is ready; else it waits apart.
    pub ready: bool,
}

/// Where a transaction would wait.
enum Place {
    /// Among those that are ready, once these have given way.
    Ready { giving_way: Vec<TransactionHash> },
    /// Apart, because it is not its turn.
    Apart(TxError),
}

impl Mempool {
    /// An empty pool.
    pub fn new(bounds: MempoolBounds) -> Self {
        Self {
            bounds,
            lines: Lines::default(),
            by_hash: HashMap::new(),
            arrivals: 0,
            became_ready: Vec::new(),
            drops: Drops::default(),
        }
    }

    /// How many wait, ready or apart.
    pub fn count(&self) -> usize {
        self.by_hash.len()
    }

    /// What is ready and holds places.
    pub fn ready(&self) -> Load {
        self.lines.ready()
    }

    /// What waits apart.
    pub fn apart(&self) -> Load {
        self.lines.apart()
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
        let run = self.lines.get(account)?.run(chain_nonce);
        (run > 0).then_some(chain_nonce + run)
    }

    /// The transactions that blocks may take, in the order in which they do; at most `most`.
    pub fn candidates(&self, most: usize) -> Vec<Transaction> {
        self.lines.order().take(most).map(|waiting| waiting.transaction.clone()).collect()
    }

    /// The hashes of all that is ready, in the same order.
    pub fn order(&self) -> Vec<TransactionHash> {
        self.lines.order().map(|waiting| waiting.hash).collect()
    }

    /// What became ready since this was last asked; some of it may have gone again.
    pub fn take_ready(&mut self) -> Vec<TransactionHash> {
        std::mem::take(&mut self.became_ready)
    }

    /// A transaction that is ready, encoded as other nodes are given it.
    pub fn encoded(&self, hash: &TransactionHash) -> Option<Vec<u8>> {
        let (account, nonce) = self.by_hash.get(hash)?;
        let waiting = self.lines.get(account)?.at(*nonce).filter(|waiting| waiting.is_ready())?;
        Some(waiting.transaction.encode())
    }

    /// Whether the pool would take a transaction; of what it can be refused for, everything but its signature. `state` and
    /// `next` are those of the block to come.
    ///
    /// # Errors
    /// The first rule that refuses it, the cheapest first.
    pub fn check(&self, waiting: &Waiting, state: &State, next: Moment) -> Result<(), SubmitError> {
        let account = accounts::queries::account(state, &waiting.account());
        self.place(waiting, &account, state, next).map(|_| ())
    }

    /// Takes a transaction whose signature the caller has checked; `state` and `next` are those of the block to come.
    ///
    /// # Errors
    /// Nothing is kept of a refused transaction.
    pub fn admit(&mut self, mut waiting: Waiting, state: &State, next: Moment) -> Result<Admitted, SubmitError> {
        let (who, hash) = (waiting.account(), waiting.hash);
        let account = accounts::queries::account(state, &who);
        // A block may have been committed since the pool was last sorted.
        self.resort(who, account.clone(), state, next);
        let place = self.place(&waiting, &account, state, next)?;
        let ready = matches!(place, Place::Ready { .. });
        match place {
            Place::Ready { giving_way } => {
                giving_way.iter().for_each(|hash| self.outbid(hash));
                self.became_ready.push(hash);
            }
            Place::Apart(why) => waiting.wait_apart(why, &mut self.arrivals),
        }
        self.insert(waiting);
        // What waited for it has its turn now; what it leaves too little for has it no more.
        self.resort(who, account, state, next);
        Ok(Admitted { hash, ready })
    }

    fn place(&self, waiting: &Waiting, account: &Account, state: &State, next: Moment) -> Result<Place, SubmitError> {
        if self.contains(&waiting.hash) {
            return Err(SubmitError::Known);
        }
        let (transaction, expected, found) = (&waiting.transaction, account.nonce, waiting.nonce());
        transaction.check_terms(state, next)?;
        transaction.check_turn(&Account { nonce: expected.max(found), ..account.clone() })?;
        let (account_id, most) = (waiting.account(), self.bounds.max_per_account);
        if found - expected >= most.into() {
            return Err(SubmitError::AccountFull { account: account_id, most });
        }
        let line = self.lines.get(&account_id);
        let replaced = line.and_then(|line| line.at(found));
        replaced.map_or(Ok(()), |replaced| replaced.require_outbid_by(waiting))?;
        let (left, before) =
            line.map_or_else(|| (account.clone(), None), |line| line.leaves_for(found, account.clone(), state));
        match transaction.check_turn(&left) {
            Ok(()) => {
                let bid = before.map_or(waiting.rate(), |before| before.min(waiting.rate()));
                let giving_way = self.lines.giving_way(waiting, bid, self.bounds.ready());
                let full = |bid: Rate| SubmitError::PoolFull { least: bid.fee_for(waiting.weight) };
                Ok(Place::Ready { giving_way: giving_way.map_err(full)? })
            }
            // What is ready is not given up for what is not.
            Err(why) if replaced.is_some_and(Waiting::is_ready) => Err(why.into()),
            Err(why) => {
                self.require_room_apart(waiting, line, &why)?;
                Ok(Place::Apart(why))
            }
        }
    }

    /// Refuses what would not be kept apart: its account keeps those that are nearer to their turn.
    fn require_room_apart(&self, waiting: &Waiting, line: Option<&Line>, why: &TxError) -> Result<(), SubmitError> {
        let others = line.into_iter().flat_map(|line| line.apart()).map(Waiting::nonce);
        let nearer = others.filter(|nonce| *nonce < waiting.nonce()).count();
        if nearer >= APART_EACH as usize {
            return Err(SubmitError::AccountFull { account: waiting.account(), most: APART_EACH });
        }
        let alone = Load::default().with(waiting.bytes);
        if alone.is_within(self.bounds.apart()) { Ok(()) } else { Err(why.clone().into()) }
    }

    fn insert(&mut self, waiting: Waiting) {
        let (who, nonce, hash) = (waiting.account(), waiting.nonce(), waiting.hash);
        self.by_hash.insert(hash, (who, nonce));
        self.drops.forget(&hash);
        if let Some(replaced) = self.lines.change(who, |line| line.insert(waiting)) {
            self.forget(&replaced.hash, Dropped::Replaced { by: hash });
        }
    }

    /// After a block: drops what is included or expired, and sorts the others again. Gives the number dropped.
    pub fn recheck(&mut self, state: &State, next: Moment) -> usize {
        let before = self.count();
        let everybody = self.lines.accounts();
        // All places that are free now are free before the first is given out.
        for who in &everybody {
            self.sort(*who, accounts::queries::account(state, who), state, next);
        }
        everybody.into_iter().for_each(|who| self.fill(who));
        self.bound_apart();
        before - self.count()
    }

    fn resort(&mut self, who: AccountId, account: Account, state: &State, next: Moment) {
        self.sort(who, account, state, next);
        self.fill(who);
        self.bound_apart();
    }

    fn sort(&mut self, who: AccountId, account: Account, state: &State, next: Moment) {
        let arrivals = &mut self.arrivals;
        let gone = self.lines.change(who, |line| line.sort(account, state, next, arrivals));
        gone.into_iter().for_each(|(waiting, why)| self.forget(&waiting.hash, why.into()));
    }

    /// Gives places to those of a line that could be ready, one after the other, as far as their bids find any; then keeps a few
    /// of the others apart.
    fn fill(&mut self, who: AccountId) {
        while let Some((waiting, bid)) = self.lines.get(&who).and_then(Line::next_in_turn) {
            let (hash, nonce) = (waiting.hash, waiting.nonce());
            match self.lines.giving_way(waiting, bid, self.bounds.ready()) {
                Ok(giving_way) => {
                    giving_way.iter().for_each(|hash| self.outbid(hash));
                    self.lines.change(who, |line| line.promote(nonce));
                    self.became_ready.push(hash);
                }
                Err(_) => self.outbid(&hash),
            }
        }
        let apart = self.lines.get(&who).into_iter().flat_map(|line| line.apart()).map(Waiting::nonce);
        let beyond: Vec<u64> = apart.skip(APART_EACH as usize).collect();
        beyond.into_iter().for_each(|nonce| self.give_up(who, nonce));
    }

    /// What has waited apart longest gives way to what came later: it is the least likely to have its turn.
    fn bound_apart(&mut self) {
        while !self.apart().is_within(self.bounds.apart())
            && let Some((who, nonce)) = self.lines.longest_apart()
        {
            self.give_up(who, nonce);
        }
    }

    /// Drops what others pay more than.
    fn outbid(&mut self, hash: &TransactionHash) {
        if let Some((who, nonce)) = self.by_hash.get(hash).copied() {
            self.lines.change(who, |line| line.remove(nonce));
            self.forget(hash, Dropped::Outbid);
        }
    }

    /// Drops what waits apart, for the reason why it does.
    fn give_up(&mut self, who: AccountId, nonce: u64) {
        let Some(waiting) = self.lines.change(who, |line| line.remove(nonce)) else { return };
        if let Some(apart) = waiting.apart {
            self.forget(&waiting.hash, apart.why.into());
        }
    }

    fn forget(&mut self, hash: &TransactionHash, why: Dropped) {
        self.by_hash.remove(hash);
        self.drops.add(*hash, why);
    }
}
