//! When a node changes to a release that lies ready.

use crate::hold::Hold;
use crate::waves::WaveTurns;
use primitives::Timestamp;
use std::time::Duration;

/// What keeps a node from a release that lies ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Nothing: it changes now.
    Now,
    /// What others say of it.
    HeldBack {
        /// The share of the stake on which it failed, in percent.
        percent: u128,
        /// The block time until which it is waited at most.
        until: Timestamp,
    },
    /// Its turn, which is to come.
    InWave {
        /// The number of its wave, from 0.
        wave: u64,
        /// The block time at which that comes.
        at: Timestamp,
    },
}

impl Change {
    /// As [`of`](Self::of), where so much time passed since the block was asked for, such as until others had said what they know of the
    /// release. Its time may be over by now, and then the turn of others has begun.
    pub fn asked_for(hold: Hold, turns: &WaveTurns, now: Timestamp, passed: Duration) -> Self {
        let later = now.plus(u64::try_from(passed.as_millis()).unwrap_or(u64::MAX));
        match Self::of(hold, turns, now) {
            Change::Now => Self::of(hold, turns, later),
            kept => kept,
        }
    }

    /// Decides by what the reports of others come to, the turns of the node, and the time of the newest proven block.
    pub fn of(hold: Hold, turns: &WaveTurns, now: Timestamp) -> Self {
        match (hold, turns.next(now)) {
            (Hold::Until(percent, until), _) => Change::HeldBack { percent, until },
            (Hold::No | Hold::Over(_), Some(at)) => Change::InWave { wave: turns.wave, at },
            (Hold::No | Hold::Over(_), None) => Change::Now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::{AccountId, Amount, BuildHash};
    use staking::{Validator, ValidatorSet};
    use std::time::Duration;

    #[test]
    fn a_node_changes_in_its_turn_and_not_while_a_release_is_held_back() {
        let who = |seed: u8| AccountId([seed; 32]);
        let validators = (0..4).map(|seed| Validator { account: who(seed), power: Amount(10) }).collect();
        let set = ValidatorSet::strongest(validators, 100);
        let (begin, minute) = (Timestamp(1_000_000), Duration::from_secs(60));
        let turns = |seed: u8| WaveTurns::of(&set, &BuildHash([5; 32]), Some(&who(seed)), begin, minute);
        let all: Vec<WaveTurns> = (0..4).map(turns).collect();
        let until = begin.plus(9);
        for turns in &all {
            let at = |now: Timestamp, hold: Hold| Change::of(hold, turns, now);
            let mine = begin.plus(60_000 * turns.wave);
            assert_eq!(at(mine, Hold::No), Change::Now);
            assert_eq!(at(mine, Hold::Over(40)), Change::Now, "it was waited long enough");
            assert_eq!(at(mine, Hold::Until(40, until)), Change::HeldBack { percent: 40, until });
            let next = mine.plus(6 * 60_000);
            assert_eq!(at(mine.plus(30_000), Hold::No), Change::InWave { wave: turns.wave, at: next });
            let later = |ms: u64| Change::asked_for(Hold::No, turns, mine, Duration::from_millis(ms));
            assert_eq!(later(19_999), Change::Now);
            assert_eq!(later(20_000), Change::InWave { wave: turns.wave, at: next }, "its turn ended while it asked");
            let early = Change::asked_for(Hold::No, turns, mine.plus(59_000), Duration::from_secs(301));
            assert_eq!(
                early,
                Change::InWave { wave: turns.wave, at: next },
                "no block has shown that its turn has come"
            );
        }
    }
}
