//! The waiting transactions of one account, by lane and nonce, and the sequence in which blocks come to those that are ready.

use super::{Waiting, rate::Rate};
use accounts::{Account, Lane};
use primitives::{Amount, Moment};
use rpc::SubmitError;
use runtime::TxError;
use state::State;
use std::collections::BTreeMap;

/// A replacement must pay at least this many percent of what it replaces, so that replacing is not free bandwidth.
const REPLACEMENT_PERCENT: u64 = 110;

/// Of two lanes whose next transactions could both be ready, the first here is asked first.
const LANES: [Lane; 2] = [Lane::Node, Lane::Wallet];

/// Where a transaction stands among those of its account: at most one waits for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    pub lane: Lane,
    pub nonce: u64,
}

/// A place in the sequence of a line, which a transaction has or could have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    /// How many stand before it.
    pub before: usize,
    /// Whether what stands there gives way, because it waits for the same nonce.
    pub replaces: bool,
    /// What a transaction bids there: the least that it, or one before it, pays a byte.
    pub bid: Rate,
}

/// Invariant: the sequence names each that is ready once, those of a lane in the order of their nonces without a gap from the
/// chain's, and the account can pay for one after the other.
#[derive(Debug, Default)]
pub(super) struct Line {
    waiting: BTreeMap<Turn, Waiting>,
    /// Those that are ready, in the order in which blocks come to them.
    sequence: Vec<Turn>,
}

impl Line {
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// What waits for this turn.
    pub fn at(&self, turn: Turn) -> Option<&Waiting> {
        self.waiting.get(&turn)
    }

    /// Those that hold places, in the order in which blocks come to them.
    pub fn ready(&self) -> impl Iterator<Item = &Waiting> {
        self.sequence.iter().filter_map(|turn| self.waiting.get(turn))
    }

    /// Those that wait apart, in no order that means anything.
    pub fn apart(&self) -> impl Iterator<Item = &Waiting> {
        self.waiting.values().filter(|waiting| !waiting.is_ready())
    }

    /// What the first one that is ready pays, by which blocks choose, and the bid of the last one, which gives way first.
    pub fn ends(&self) -> Option<(Rate, Rate)> {
        Some((self.ready().next()?.rate(), bids(None, self.ready()).last()?.0))
    }

    /// How many wait in a lane from a nonce on without a gap.
    pub fn run(&self, from: Turn) -> u64 {
        let wanted = (from.nonce..).map(|nonce| Turn { nonce, ..from });
        self.waiting.range(from..).zip(wanted).take_while(|((have, _), want)| *have == want).count() as u64
    }

    /// The account, as state is, after all that is ready.
    pub fn leaves(&self, account: Account, state: &State) -> Account {
        self.leaves_to(self.sequence.len(), account, state)
    }

    /// The account as the first so many of the sequence leave it. What a block took since the line was sorted counts for nothing.
    fn leaves_to(&self, count: usize, account: Account, state: &State) -> Account {
        self.ready().take(count).fold(account, |left, ready| match ready.transaction.check_turn(&left) {
            Ok(()) => ready.transaction.after(left, state),
            Err(_) => left,
        })
    }

    /// Where a transaction could stand in the sequence, `account` being the line's as state is: where the one stands that waits for
    /// its nonce; else in front of what pays less a byte behind the last of its own lane, so that no lane waits for a cheaper one,
    /// as long as enough is left for all of that; else at the end.
    ///
    /// # Errors
    /// Why it is not its turn: at the end, or in the place of what it would replace.
    pub fn spot(&self, newcomer: &Waiting, account: &Account, state: &State) -> Result<Spot, TxError> {
        let (turn, transaction) = (newcomer.turn(), &newcomer.transaction);
        let replaced = self.sequence.iter().position(|ready| *ready == turn);
        let spot = |before| {
            let bid =
                bids(None, self.ready().take(before).chain([newcomer])).pop().map_or(newcomer.rate(), |last| last.0);
            Spot { before, replaces: replaced.is_some(), bid }
        };
        let left_by = |count| self.leaves_to(count, account.clone(), state);
        if let Some(replaced) = replaced {
            return transaction.check_turn(&left_by(replaced)).map(|()| spot(replaced));
        }
        let behind_own = self.sequence.iter().rposition(|ready| ready.lane == turn.lane).map_or(0, |last| last + 1);
        let cheaper = self.ready().skip(behind_own).position(|ready| ready.rate() < newcomer.rate());
        if let Some(ahead) = cheaper.map(|cheaper| behind_own + cheaper) {
            let left = left_by(ahead);
            if transaction.check_turn(&left).is_ok()
                && self.is_covered_from(ahead, transaction.after(left, state), state)
            {
                return Ok(spot(ahead));
            }
        }
        let end = self.sequence.len();
        transaction.check_turn(&left_by(end)).map(|()| spot(end))
    }

    /// Whether all of the sequence behind its first so many have their turns, one after the other, when the account comes to them as
    /// `left`.
    fn is_covered_from(&self, count: usize, mut left: Account, state: &State) -> bool {
        self.ready().skip(count).all(|ready| {
            let has_its_turn = ready.transaction.check_turn(&left).is_ok();
            left = ready.transaction.after(left.clone(), state);
            has_its_turn
        })
    }

    /// Whether [`sort`](Self::sort) would change nothing, and nobody have a turn that has none yet: nothing waits apart or is over, and
    /// whatever is ready has its turn still. `account` is the line's, as state is.
    pub fn stands(&self, account: Account, state: &State, next: Moment) -> bool {
        let lasts = |waiting: &Waiting| waiting.is_ready() && waiting.transaction.check_expiry(next).is_ok();
        self.waiting.values().all(lasts) && self.is_covered_from(0, account, state)
    }

    /// Takes out what can be in no block any more, and says why not. What is ready and has its turn no more waits apart from now
    /// on. `account` is the line's, as state is.
    pub fn sort(
        &mut self,
        mut account: Account,
        state: &State,
        next: Moment,
        arrivals: &mut u64,
    ) -> Vec<(Waiting, TxError)> {
        let over = |(turn, waiting): (&Turn, &Waiting)| {
            let (lane, found, expected) = (turn.lane, turn.nonce, account.nonce_in(turn.lane));
            let used = (found < expected).then_some(TxError::NonceUsed { lane, expected, found });
            Some((*turn, used.or_else(|| waiting.transaction.check_expiry(next).err())?))
        };
        let over: Vec<(Turn, TxError)> = self.waiting.iter().filter_map(over).collect();
        let gone = over.into_iter().filter_map(|(turn, why)| Some((self.waiting.remove(&turn)?, why))).collect();
        let waiting = &mut self.waiting;
        self.sequence.retain(|turn| {
            let Some(ready) = waiting.get_mut(turn) else { return false };
            match ready.transaction.check_turn(&account) {
                Ok(()) => {
                    account = ready.transaction.after(account.clone(), state);
                    true
                }
                Err(why) => {
                    ready.wait_apart(why, arrivals);
                    false
                }
            }
        });
        gone
    }

    /// The first that waits apart and has its turn, with where it could stand; `account` is the line's, as state is.
    pub fn next_in_turn(&self, account: &Account, state: &State) -> Option<(&Waiting, Spot)> {
        let left = self.leaves(account.clone(), state);
        LANES.into_iter().find_map(|lane| {
            let next = self.at(Turn { lane, nonce: left.nonce_in(lane) })?;
            Some((next, self.spot(next, account, state).ok()?))
        })
    }

    /// Gives what waits for this turn its place in the sequence.
    pub fn promote(&mut self, turn: Turn, spot: Spot) {
        if let Some(waiting) = self.waiting.get_mut(&turn) {
            waiting.apart = None;
            self.sequence.insert(spot.before, turn);
        }
    }

    /// Adds or replaces; gives back what was replaced. Without a spot it waits apart.
    pub fn insert(&mut self, waiting: Waiting, spot: Option<Spot>) -> Option<Waiting> {
        let turn = waiting.turn();
        if let Some(spot) = spot.filter(|spot| !spot.replaces) {
            self.sequence.insert(spot.before, turn);
        }
        self.waiting.insert(turn, waiting)
    }

    /// Takes one out: what waits apart, or the last of the sequence.
    pub fn remove(&mut self, turn: Turn) -> Option<Waiting> {
        self.sequence.retain(|ready| *ready != turn);
        self.waiting.remove(&turn)
    }

    /// Those that wait apart beyond so many that are nearest to their turns; each of these learns why it waits. `left` is the
    /// account after all that is ready.
    pub fn beyond(&mut self, nearest: usize, left: &Account) -> Vec<Turn> {
        for waiting in self.waiting.values_mut() {
            if let Some(apart) = &mut waiting.apart
                && let Err(why) = waiting.transaction.check_turn(left)
            {
                apart.why = why;
            }
        }
        let mut apart: Vec<Turn> = self.apart().map(Waiting::turn).collect();
        apart.sort_by_key(|turn| turn.far_from(left));
        apart.split_off(nearest.min(apart.len()))
    }
}

impl Turn {
    /// How far off it is for an account, the nearest first: by how many are missing before it, in whichever lane.
    pub fn far_from(&self, account: &Account) -> (u64, Lane) {
        (self.nonce.saturating_sub(account.nonce_in(self.lane)), self.lane)
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
        let Turn { lane, nonce } = self.turn();
        if newcomer.fee() < need { Err(SubmitError::ReplacementFee { lane, nonce, need }) } else { Ok(()) }
    }
}
