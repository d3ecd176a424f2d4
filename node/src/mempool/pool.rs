//! The pool: what comes in, what goes into a block, what is dropped.

use super::line::{Line, Spot, Turn};
use super::{APART_EACH, Load, MempoolBounds, Waiting, dropped::Drops, lines::Lines, rate::Rate};
use accounts::{Account, Lane};
use parity_scale_codec::Encode as _;
use primitives::{AccountId, TransactionHash};
use rpc::SubmitError;
use rpc::views::Dropped;
use runtime::{NextBlock, Transaction, TxError};
use state::State;
use std::collections::{BTreeSet, HashMap};

/// The waiting transactions of a node.
#[derive(Debug)]
pub struct Mempool {
    bounds: MempoolBounds,
    lines: Lines,
    by_hash: HashMap<TransactionHash, (AccountId, Turn)>,
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
    Ready { spot: Spot, giving_way: Vec<TransactionHash> },
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

    /// Whether a transaction waits apart, because it is not its turn.
    pub fn waits_apart(&self, hash: &TransactionHash) -> bool {
        self.at(hash).is_some_and(|waiting| !waiting.is_ready())
    }

    /// Whether something of an account is ready.
    pub fn has_ready(&self, account: &AccountId) -> bool {
        self.lines.get(account).is_some_and(|line| line.ready().next().is_some())
    }

    /// The nonce that follows those in a lane of `account` that wait without a gap from the chain's; none when none waits.
    pub fn next_nonce(&self, account: &AccountId, lane: Lane, chain_nonce: u64) -> Option<u64> {
        let run = self.lines.get(account)?.run(Turn { lane, nonce: chain_nonce });
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
        self.at(hash).filter(|waiting| waiting.is_ready()).map(|waiting| waiting.transaction.encode())
    }

    /// A transaction that waits, ready or apart, for whoever was told its hash.
    pub fn find(&self, hash: &TransactionHash) -> Option<&Transaction> {
        self.at(hash).map(Waiting::transaction)
    }

    fn at(&self, hash: &TransactionHash) -> Option<&Waiting> {
        let (account, turn) = self.by_hash.get(hash)?;
        self.lines.get(account)?.at(*turn)
    }

    /// Whether the pool would take a transaction; of what it can be refused for, everything but its signature. `next` is the
    /// block to come, `state` what it stands on.
    ///
    /// # Errors
    /// The first rule that refuses it, the cheapest first.
    pub fn check(&self, waiting: &Waiting, state: &State, next: &NextBlock) -> Result<(), SubmitError> {
        let account = accounts::queries::account(state, &waiting.account());
        self.place(waiting, &account, state, next).map(|_| ())
    }

    /// Takes a transaction whose signature the caller has checked; `next` is the block to come, `state` what it stands on.
    ///
    /// # Errors
    /// Nothing is kept of a refused transaction.
    pub fn admit(&mut self, mut waiting: Waiting, state: &State, next: &NextBlock) -> Result<Admitted, SubmitError> {
        let (who, hash) = (waiting.account(), waiting.hash);
        waiting.count_reads(state, next.limits());
        let account = accounts::queries::account(state, &who);
        // A block may have been committed since the pool was last sorted.
        self.sort(who, account.clone(), state, next);
        self.settle(BTreeSet::from([who]), state, next);
        let mut touched = BTreeSet::from([who]);
        let spot = match self.place(&waiting, &account, state, next)? {
            Place::Ready { spot, giving_way } => {
                touched.extend(giving_way.iter().filter_map(|hash| self.outbid(hash)));
                self.became_ready.push(hash);
                Some(spot)
            }
            Place::Apart(why) => {
                waiting.wait_apart(why, &mut self.arrivals);
                None
            }
        };
        self.insert(waiting, spot);
        // What waited for it has its turn now; what it leaves too little for has it no more.
        for who in &touched {
            self.sort(*who, accounts::queries::account(state, who), state, next);
        }
        self.settle(touched, state, next);
        Ok(Admitted { hash, ready: spot.is_some() })
    }

    fn place(
        &self,
        waiting: &Waiting,
        account: &Account,
        state: &State,
        next: &NextBlock,
    ) -> Result<Place, SubmitError> {
        if self.contains(&waiting.hash) {
            return Err(SubmitError::Known);
        }
        let (transaction, turn) = (&waiting.transaction, waiting.turn());
        let expected = account.nonce_in(turn.lane);
        transaction.check_terms(state, next)?;
        transaction.check_turn(&account.clone().with_nonce(turn.lane, expected.max(turn.nonce)))?;
        let (account_id, most) = (waiting.account(), self.bounds.max_per_account);
        if turn.nonce - expected >= most.into() {
            return Err(SubmitError::AccountFull { account: account_id, most });
        }
        let nobody = Line::default();
        let line = self.lines.get(&account_id).unwrap_or(&nobody);
        let replaced = line.at(turn);
        replaced.map_or(Ok(()), |replaced| replaced.require_outbid_by(waiting))?;
        match line.spot(waiting, account, state) {
            Ok(spot) => {
                let giving_way = self.lines.giving_way(waiting, spot, self.bounds.ready());
                let full = |bid: Rate| SubmitError::PoolFull { least: bid.fee_for(waiting.weight) };
                Ok(Place::Ready { spot, giving_way: giving_way.map_err(full)? })
            }
            // What is ready is not given up for what is not.
            Err(why) if replaced.is_some_and(Waiting::is_ready) => Err(why.into()),
            Err(why) => {
                self.require_room_apart(waiting, line, &line.leaves(account.clone(), state), &why)?;
                Ok(Place::Apart(why))
            }
        }
    }

    /// Refuses what would not be kept apart: its account, which is `left` after all that is ready, keeps those that are nearer to
    /// their turn.
    fn require_room_apart(
        &self,
        waiting: &Waiting,
        line: &Line,
        left: &Account,
        why: &TxError,
    ) -> Result<(), SubmitError> {
        let far = waiting.turn().far_from(left);
        let nearer = line.apart().filter(|other| other.turn().far_from(left) < far).count();
        if nearer >= APART_EACH as usize {
            return Err(SubmitError::AccountFull { account: waiting.account(), most: APART_EACH });
        }
        let alone = Load::default().with(waiting.bytes);
        if alone.is_within(self.bounds.apart()) { Ok(()) } else { Err(why.clone().into()) }
    }

    fn insert(&mut self, waiting: Waiting, spot: Option<Spot>) {
        let (who, turn, hash) = (waiting.account(), waiting.turn(), waiting.hash);
        self.by_hash.insert(hash, (who, turn));
        self.drops.forget(&hash);
        if let Some(replaced) = self.lines.change(who, |line| line.insert(waiting, spot)) {
            self.forget(&replaced.hash, Dropped::Replaced { by: hash });
        }
    }

    /// After a block: drops what is included or expired, and sorts the lines of the others again that the block has moved. Gives the
    /// number dropped.
    pub fn recheck(&mut self, state: &State, next: &NextBlock) -> usize {
        let moved = |(who, line): (&AccountId, &Line)| {
            let stands = line.stands(accounts::queries::account(state, who), state, next.at);
            (!stands).then_some(*who)
        };
        let moved = self.lines.all().filter_map(moved).collect();
        self.sort_again(moved, state, next)
    }

    /// The same by sorting every line: what a pool is held against that leaves those alone that stand.
    #[cfg(test)]
    pub(super) fn recheck_every_line(&mut self, state: &State, next: &NextBlock) -> usize {
        let everybody = self.lines.all().map(|(who, _)| *who).collect();
        self.sort_again(everybody, state, next)
    }

    /// Sorts the lines of some accounts, and gives places to what has its turn. Gives the number dropped.
    fn sort_again(&mut self, whose: BTreeSet<AccountId>, state: &State, next: &NextBlock) -> usize {
        let before = self.count();
        // All places that are free now are free before the first is given out.
        for who in &whose {
            self.sort(*who, accounts::queries::account(state, who), state, next);
        }
        self.settle(whose, state, next);
        before - self.count()
    }

    /// Gives places to what has its turn: of these accounts, whose lines are sorted, and then of those whose last transactions gave
    /// way, because that may leave enough for what waits apart in their other lane. It comes to an end, because whatever gives way is
    /// gone.
    fn settle(&mut self, mut sorted: BTreeSet<AccountId>, state: &State, next: &NextBlock) {
        while let Some(who) = sorted.pop_first() {
            let account = accounts::queries::account(state, &who);
            for other in self.fill(who, &account, state) {
                self.sort(other, accounts::queries::account(state, &other), state, next);
                sorted.insert(other);
            }
        }
        self.bound_apart();
    }

    fn sort(&mut self, who: AccountId, account: Account, state: &State, next: &NextBlock) {
        let arrivals = &mut self.arrivals;
        let gone = self.lines.change(who, |line| line.sort(account, state, next.at, arrivals));
        gone.into_iter().for_each(|(waiting, why)| self.forget(&waiting.hash, why.into()));
    }

    /// Gives places to those of a line that have their turn, one after the other, as far as their bids find any; then keeps a few
    /// of the others apart. Gives back whose transactions gave way.
    fn fill(&mut self, who: AccountId, account: &Account, state: &State) -> Vec<AccountId> {
        let mut gave_way = Vec::new();
        while let Some((waiting, spot)) = self.lines.get(&who).and_then(|line| line.next_in_turn(account, state)) {
            let (hash, turn) = (waiting.hash, waiting.turn());
            match self.lines.giving_way(waiting, spot, self.bounds.ready()) {
                Ok(giving_way) => {
                    gave_way.extend(giving_way.iter().filter_map(|hash| self.outbid(hash)));
                    self.lines.change(who, |line| line.promote(turn, spot));
                    self.became_ready.push(hash);
                }
                Err(_) => {
                    self.outbid(&hash);
                }
            }
        }
        let beyond = self.lines.change(who, |line| {
            let left = line.leaves(account.clone(), state);
            line.beyond(APART_EACH as usize, &left)
        });
        beyond.into_iter().for_each(|turn| self.give_up(who, turn));
        gave_way
    }

    /// What has waited apart longest gives way to what came later: it is the least likely to have its turn.
    fn bound_apart(&mut self) {
        while !self.apart().is_within(self.bounds.apart())
            && let Some((who, turn)) = self.lines.longest_apart()
        {
            self.give_up(who, turn);
        }
    }

    /// Drops what others pay more than; gives back whose it was.
    fn outbid(&mut self, hash: &TransactionHash) -> Option<AccountId> {
        let (who, turn) = self.by_hash.get(hash).copied()?;
        self.lines.change(who, |line| line.remove(turn));
        self.forget(hash, Dropped::Outbid);
        Some(who)
    }

    /// Drops what waits apart, for the reason why it does.
    fn give_up(&mut self, who: AccountId, turn: Turn) {
        let Some(waiting) = self.lines.change(who, |line| line.remove(turn)) else { return };
        if let Some(apart) = waiting.apart {
            self.forget(&waiting.hash, apart.why.into());
        }
    }

    fn forget(&mut self, hash: &TransactionHash, why: Dropped) {
        self.by_hash.remove(hash);
        self.drops.add(*hash, why);
    }
}
