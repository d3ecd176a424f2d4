//! An honest account's transactions, from asking to the block that takes them: in order, and for more the longer they
//! wait.

use super::arena::Arena;
use super::honest::Purpose;
use primitives::TransactionHash;
use runtime::Call;
use std::collections::VecDeque;

/// Times the least fee that an honest account offers at first.
const AT_FIRST: u64 = 2;

/// How often it doubles that, a block each.
const MOST_DOUBLED: u64 = 10;

/// How many of its transactions are sent ahead.
const AHEAD: usize = 48;

/// A transaction that is to be in a block.
#[derive(Debug)]
pub struct Errand {
    /// What it is for.
    pub purpose: Purpose,
    /// The height of the first block that could take it.
    pub asked: u64,
    call: Call,
    /// How it was last sent: its nonce, times the least fee, and the hash.
    sent: Option<(u64, u64, TransactionHash)>,
}

impl Errand {
    /// Nothing is sent yet.
    pub fn new(call: Call, purpose: Purpose, asked: u64) -> Self {
        Self { purpose, asked, call, sent: None }
    }

    /// Sends it, unless it waits as it is to be. What the pool refuses is sent again before the next block.
    fn send(&mut self, arena: &mut Arena<'_>, who: usize, nonce: u64, height: u64) {
        let times = AT_FIRST << height.saturating_sub(self.asked).min(MOST_DOUBLED);
        let waits = |(before, offered, hash): &(u64, u64, TransactionHash)| {
            *before == nonce && *offered == times && arena.contains(hash)
        };
        if self.sent.as_ref().is_some_and(waits) {
            return;
        }
        if let Ok(admitted) = arena.submit_as(who, nonce, self.call.clone(), times) {
            self.sent = Some((nonce, times, admitted.hash));
        }
    }
}

/// The transactions of an account, in the order in which blocks take them.
#[derive(Debug)]
pub struct Wallet {
    who: usize,
    errands: VecDeque<Errand>,
}

impl Wallet {
    /// Nothing to do for somebody.
    pub fn new(who: usize) -> Self {
        Self { who, errands: VecDeque::new() }
    }

    /// Something more to do.
    pub fn ask(&mut self, errand: Errand) {
        self.errands.push_back(errand);
    }

    /// Whether a proposal is among it.
    pub fn is_proposing(&self) -> bool {
        self.errands.iter().any(|errand| matches!(errand.purpose, Purpose::Propose(_)))
    }

    /// Sends what the next blocks are to take.
    pub fn send(&mut self, arena: &mut Arena<'_>, height: u64) {
        if self.errands.is_empty() {
            return;
        }
        let first = arena.nonce(self.who);
        for (nonce, errand) in (first..).zip(self.errands.iter_mut().take(AHEAD)) {
            errand.send(arena, self.who, nonce, height);
        }
    }

    /// A block took the first one.
    pub fn included(&mut self) -> Option<Errand> {
        self.errands.pop_front()
    }
}
