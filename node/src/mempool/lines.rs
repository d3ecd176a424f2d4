//! The lines of all accounts, with an index by fee per byte: who is next in a block, and who gives way.

use super::{
    Waiting,
    line::{Line, Spot, Turn, bids},
    rate::Rate,
};
use primitives::{AccountId, TransactionHash};
use std::collections::{BTreeMap, BTreeSet};

/// So many transactions of so many bytes together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    /// How many.
    pub count: usize,
    /// Their encoded bytes.
    pub bytes: usize,
}

impl Load {
    pub(super) fn with(self, bytes: usize) -> Self {
        Self { count: self.count + 1, bytes: self.bytes.saturating_add(bytes) }
    }

    pub(super) fn without(self, bytes: usize) -> Self {
        Self { count: self.count - 1, bytes: self.bytes - bytes }
    }

    pub(super) fn is_within(self, most: Self) -> bool {
        self.count <= most.count && self.bytes <= most.bytes
    }
}

/// All lines that are not empty. Everything else here follows from them, and is brought up to them by [`Lines::change`] alone.
#[derive(Debug, Default)]
pub(super) struct Lines {
    lines: BTreeMap<AccountId, Line>,
    /// Each line that has something ready, by what the first of it pays.
    heads: BTreeSet<(Rate, AccountId)>,
    /// The same lines, by the bid of the last of each.
    tails: BTreeSet<(Rate, AccountId)>,
    /// What waits apart, by when it came to.
    apart: BTreeMap<u64, (AccountId, Turn)>,
    ready: Load,
    apart_load: Load,
}

impl Lines {
    pub fn get(&self, who: &AccountId) -> Option<&Line> {
        self.lines.get(who)
    }

    /// Each that is not empty, with its account.
    pub fn all(&self) -> impl Iterator<Item = (&AccountId, &Line)> {
        self.lines.iter()
    }

    /// What holds places.
    pub fn ready(&self) -> Load {
        self.ready
    }

    /// What waits apart.
    pub fn apart(&self) -> Load {
        self.apart_load
    }

    /// The account and turn of what has waited apart longest.
    pub fn longest_apart(&self) -> Option<(AccountId, Turn)> {
        self.apart.first_key_value().map(|(_, place)| *place)
    }

    /// Changes a line, and with it all that follows from the lines.
    pub fn change<T>(&mut self, who: AccountId, change: impl FnOnce(&mut Line) -> T) -> T {
        let mut line = self.lines.remove(&who).unwrap_or_default();
        self.unlist(who, &line);
        let changed = change(&mut line);
        self.list(who, &line);
        if !line.is_empty() {
            self.lines.insert(who, line);
        }
        changed
    }

    fn list(&mut self, who: AccountId, line: &Line) {
        if let Some((head, tail)) = line.ends() {
            self.heads.insert((head, who));
            self.tails.insert((tail, who));
        }
        for waiting in line.ready() {
            self.ready = self.ready.with(waiting.bytes);
        }
        for (waiting, apart) in line.apart().filter_map(|waiting| Some((waiting, waiting.apart.as_ref()?))) {
            self.apart_load = self.apart_load.with(waiting.bytes);
            self.apart.insert(apart.since, (who, waiting.turn()));
        }
    }

    fn unlist(&mut self, who: AccountId, line: &Line) {
        if let Some((head, tail)) = line.ends() {
            self.heads.remove(&(head, who));
            self.tails.remove(&(tail, who));
        }
        for waiting in line.ready() {
            self.ready = self.ready.without(waiting.bytes);
        }
        for (waiting, apart) in line.apart().filter_map(|waiting| Some((waiting, waiting.apart.as_ref()?))) {
            self.apart_load = self.apart_load.without(waiting.bytes);
            self.apart.remove(&apart.since);
        }
    }

    /// What is ready, in the order in which blocks take it: each account's in its sequence, and of all that are next, the one that
    /// pays most a byte.
    pub fn order(&self) -> impl Iterator<Item = &Waiting> {
        let mut heads = self.heads.iter().rev().peekable();
        let mut begun: BTreeMap<(Rate, AccountId), _> = BTreeMap::new();
        std::iter::from_fn(move || {
            let best = heads.next_if(|head| begun.last_key_value().is_none_or(|(last, _)| *head > last));
            if let Some((rate, who)) = best {
                begun.insert((*rate, *who), self.get(who)?.ready().peekable());
            }
            let ((_, who), mut line) = begun.pop_last()?;
            let next = line.next()?;
            if let Some(rate) = line.peek().map(|following| following.rate()) {
                begun.insert((rate, who), line);
            }
            Some(next)
        })
    }

    /// Who has to give way, the lowest bid first, so that `newcomer` at its spot and all others are within `most`; nobody while
    /// there is room. Whoever waits for its nonce gives way to it in any case, and is not named.
    ///
    /// # Errors
    /// The lowest bid that is not below the newcomer's, where those below it make no room together.
    pub fn giving_way(&self, newcomer: &Waiting, spot: Spot, most: Load) -> Result<Vec<TransactionHash>, Rate> {
        let (own, Spot { before, replaces, bid }) = (newcomer.account(), spot);
        let mut load = self.ready.with(newcomer.bytes);
        let mut begun: BTreeMap<(Rate, AccountId), Vec<(Rate, &Waiting)>> = BTreeMap::new();
        if let Some(line) = self.get(&own) {
            if let Some(replaced) = line.ready().nth(before).filter(|_| replaces) {
                load = load.without(replaced.bytes);
            }
            // Of its own line only those behind it can give way, and theirs are the bids that they have behind it.
            let behind = bids(Some(bid), line.ready().skip(before + usize::from(replaces)));
            if let Some(lowest) = behind.last().map(|(lowest, _)| *lowest) {
                begun.insert((lowest, own), behind);
            }
        }
        let mut tails = self.tails.iter().filter(|(_, who)| *who != own).peekable();
        let mut giving_way = Vec::new();
        while !load.is_within(most) {
            let cheapest = tails.next_if(|tail| begun.first_key_value().is_none_or(|(first, _)| *tail < first));
            if let Some((rate, who)) = cheapest
                && let Some(line) = self.get(who)
            {
                begun.insert((*rate, *who), bids(None, line.ready()));
            }
            let Some(((lowest, who), mut line)) = begun.pop_first() else { return Err(bid) };
            if lowest >= bid {
                return Err(lowest);
            }
            if let Some((_, last)) = line.pop() {
                load = load.without(last.bytes);
                giving_way.push(last.hash);
            }
            if let Some(lowest) = line.last().map(|(lowest, _)| *lowest) {
                begun.insert((lowest, who), line);
            }
        }
        Ok(giving_way)
    }
}
