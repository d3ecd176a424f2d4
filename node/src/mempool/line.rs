//! The waiting transactions of one account, by nonce: what is ready stands first, what waits apart behind it.

use super::{Waiting, rate::Rate};
use accounts::Account;
use primitives::{Amount, Moment};
use rpc::SubmitError;
use runtime::TxError;
use state::State;
use std::collections::BTreeMap;

/// A replacement must pay at least this many percent of what it replaces, so that replacing is not free bandwidth.
const REPLACEMENT_PERCENT: u64 = 110;

#[derive(Debug, Default)]
pub(super) struct Line {
    waiting: BTreeMap<u64, Waiting>,
    /// How many could be ready, from the first on. As many are, except while places are given out.
    could: usize,
}

impl Line {
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// What waits for this nonce.
    pub fn at(&self, nonce: u64) -> Option<&Waiting> {
        self.waiting.get(&nonce)
    }

    /// Those that hold places, in the order of their turns.
    pub fn ready(&self) -> impl Iterator<Item = &Waiting> {
        self.waiting.values().take_while(|waiting| waiting.is_ready())
    }

    /// Those that wait apart, the nearest to its turn first.
    pub fn apart(&self) -> impl Iterator<Item = &Waiting> {
        self.waiting.values().skip_while(|waiting| waiting.is_ready())
    }

    /// What the first one that is ready pays, by which blocks choose, and the bid of the last one, which gives way first.
    pub fn ends(&self) -> Option<(Rate, Rate)> {
        Some((self.ready().next()?.rate(), bids(None, self.ready()).last()?.0))
    }

    /// How many wait from `nonce` on without a gap.
    pub fn run(&self, nonce: u64) -> u64 {
        self.waiting.range(nonce..).zip(nonce..).take_while(|((have, _), want)| *have == want).count() as u64
    }

    /// The account as those before `nonce` leave it, as far as each has its turn, and the least that one of them pays a byte.
    pub fn leaves_for(&self, nonce: u64, mut account: Account, state: &State) -> (Account, Option<Rate>) {
        let mut least: Option<Rate> = None;
        for waiting in self.waiting.range(account.nonce..nonce).map(|(_, waiting)| waiting) {
            if waiting.transaction.check_turn(&account).is_err() {
                break;
            }
            least = Some(least.map_or(waiting.rate(), |least| least.min(waiting.rate())));
            account = waiting.transaction.after(account, state);
        }
        (account, least)
    }

    /// Takes out what can be in no block any more, and says why not. Of what stays, finds out how many could be ready, and has
    /// those behind them wait apart. `account` is the line's, as state is.
    pub fn sort(
        &mut self,
        mut account: Account,
        state: &State,
        next: Moment,
        arrivals: &mut u64,
    ) -> Vec<(Waiting, TxError)> {
        let expected = account.nonce;
        let over = |(nonce, waiting): (&u64, &Waiting)| {
            let used = (*nonce < expected).then_some(TxError::NonceUsed { expected, found: *nonce });
            Some((*nonce, used.or_else(|| waiting.transaction.check_expiry(next).err())?))
        };
        let over: Vec<(u64, TxError)> = self.waiting.iter().filter_map(over).collect();
        self.could = 0;
        let gone = over.into_iter().filter_map(|(nonce, why)| Some((self.waiting.remove(&nonce)?, why))).collect();
        for waiting in self.waiting.values_mut() {
            match waiting.transaction.check_turn(&account) {
                Ok(()) => {
                    self.could += 1;
                    account = waiting.transaction.after(account, state);
                }
                Err(why) => waiting.wait_apart(why, arrivals),
            }
        }
        gone
    }

    /// The first that could be ready and holds no place yet, with its bid.
    pub fn next_in_turn(&self) -> Option<(&Waiting, Rate)> {
        let ready = self.ready().count();
        let (bid, next) = bids(None, self.waiting.values().take(ready + 1)).pop()?;
        (ready < self.could).then_some((next, bid))
    }

    /// Gives a place to what waits for this nonce.
    pub fn promote(&mut self, nonce: u64) {
        if let Some(waiting) = self.waiting.get_mut(&nonce) {
            waiting.apart = None;
        }
    }

    /// Adds or replaces; gives back what was replaced.
    pub fn insert(&mut self, waiting: Waiting) -> Option<Waiting> {
        self.waiting.insert(waiting.nonce(), waiting)
    }

    /// Takes one out. Those behind it cannot be ready any more.
    pub fn remove(&mut self, nonce: u64) -> Option<Waiting> {
        self.could = self.could.min(self.waiting.range(..nonce).count());
        self.waiting.remove(&nonce)
    }
}

/// Each with its bid: the least that it, or one before it, pays a byte. `before` is that of those who are not among them.
pub(super) fn bids<'w>(before: Option<Rate>, waiting: impl Iterator<Item = &'w Waiting>) -> Vec<(Rate, &'w Waiting)> {
    let mut least = before;
    let bid = |waiting: &'w Waiting| {
        let bid = least.map_or(waiting.rate(), |least| least.min(waiting.rate()));
        least = Some(bid);
        (bid, waiting)
    };
    waiting.map(bid).collect()
}

impl Waiting {
    /// Refuses what does not clearly outbid this for its nonce: by a tenth, and by the byte, so that nothing behind it comes to
    /// be worth less.
    pub(super) fn require_outbid_by(&self, newcomer: &Waiting) -> Result<(), SubmitError> {
        let fee = self.fee().0;
        let more = fee.saturating_mul(REPLACEMENT_PERCENT).div_ceil(100).max(fee.saturating_add(1));
        let need = Amount(more).max(self.rate().fee_for(newcomer.weight));
        if newcomer.fee() < need { Err(SubmitError::ReplacementFee { nonce: self.nonce(), need }) } else { Ok(()) }
    }
}
