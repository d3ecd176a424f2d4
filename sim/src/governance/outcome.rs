//! What a future came to, in numbers.

use super::strategy::StrategyName;
use ::governance::TrackName;
use serde::Serialize;
use std::collections::BTreeMap;

/// An honest motion that passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decided {
    /// The track it was wanted on.
    pub asked: TrackName,
    /// The track it took: the expedited one, where the routine one was full.
    pub track: TrackName,
    /// Epochs from wanting it to the block that opened it for votes.
    pub to_open: u64,
    /// Epochs from wanting it to the end of its vote.
    pub to_decide: u64,
    /// Epochs by which that is later than it would have been without waiting for a place.
    pub late: u64,
    /// What was played when it was wanted.
    pub during: Vec<StrategyName>,
}

/// What a strategy did and paid.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Attack {
    /// Epochs in which it was played.
    pub epochs: u64,
    /// Transactions it sent.
    pub sent: u64,
    /// Those that the pool gave no place.
    pub kept_out: u64,
    /// Those that blocks took.
    pub included: u64,
    /// Those of them that the chain refused.
    pub refused: u64,
    /// Tokens that it paid in fees, without what its own proposers earned of them.
    pub fees: u64,
    /// Tokens that it forfeited as deposits.
    pub deposits: u64,
    /// Blocks that were made meanwhile.
    pub blocks: u64,
    /// The bytes of their transactions.
    pub bytes: u64,
    /// By how many blocks honest transactions waited meanwhile: how many did.
    pub waits: BTreeMap<u64, u64>,
}

/// The places of a track that all proposers share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Places {
    /// How many there are.
    pub all: u64,
    /// The most that were taken at once.
    pub most: u64,
    /// The most of them that the attacker had.
    pub most_hostile: u64,
    /// Blocks before which somebody honest found none.
    pub closed: u64,
}

/// What a future came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Epochs that passed.
    pub epochs: u64,
    /// Blocks that were made.
    pub blocks: u64,
    /// Those that were full to nine tenths.
    pub full: u64,
    /// Honest motions that were wanted for long enough to be decided.
    pub wanted: u64,
    /// Those that passed.
    pub decided: Vec<Decided>,
    /// Each strategy that was played.
    pub attacks: BTreeMap<StrategyName, Attack>,
    /// The blocks in which nothing was played.
    pub quiet: Attack,
    /// The shared places of the routine track.
    pub routine: Places,
    /// The shared places of the expedited track.
    pub expedited: Places,
    /// The bytes that the transactions of a block may have.
    pub block_bytes: u64,
    /// Tokens that honest accounts forfeited as deposits.
    pub honest_deposits: u64,
}

impl Outcome {
    /// The shared places of a track.
    pub fn places(&mut self, track: TrackName) -> &mut Places {
        match track {
            TrackName::Routine => &mut self.routine,
            TrackName::Expedited => &mut self.expedited,
            TrackName::Council => unreachable!("nobody proposes there"),
        }
    }

    /// What is counted of the strategies that are played, or of quiet times.
    pub fn played(&mut self, now: &[StrategyName]) -> Vec<&mut Attack> {
        if now.is_empty() {
            return vec![&mut self.quiet];
        }
        self.attacks.iter_mut().filter(|(name, _)| now.contains(name)).map(|(_, attack)| attack).collect()
    }

    /// What a strategy did and paid, so far.
    pub fn attack(&mut self, name: StrategyName) -> &mut Attack {
        self.attacks.entry(name).or_default()
    }
}
