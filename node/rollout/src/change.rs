//! When a node changes to a release that lies ready.

use crate::hold::Hold;
use crate::waves::WaveTurns;
use primitives::Timestamp;

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
        }
    }
}
