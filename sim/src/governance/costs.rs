//! Which transactions a strategy sent, and what it paid for them.

use super::outcome::Outcome;
use super::strategy::StrategyName;
use primitives::TransactionHash;
use std::collections::BTreeMap;

/// For how many blocks a transaction that was sent is remembered: longer than it lives.
const REMEMBERED: u64 = 64;

/// What was sent and is not included yet.
#[derive(Debug, Default)]
pub struct Costs {
    sent: BTreeMap<TransactionHash, (StrategyName, u64)>,
}

/// A hostile transaction that a block took.
#[derive(Debug, Clone, Copy)]
pub struct Paid {
    /// What it burned.
    pub burned: u64,
    /// What the proposer earned.
    pub earned: u64,
    /// Whether the proposer is the attacker's.
    pub own_proposer: bool,
    /// Whether the chain refused the call.
    pub refused: bool,
}

impl Costs {
    /// A strategy sent something at a height.
    pub fn sends(&mut self, hash: TransactionHash, name: StrategyName, height: u64) {
        self.sent.insert(hash, (name, height));
    }

    /// A block took something: whose it was.
    pub fn included(&mut self, hash: &TransactionHash, paid: Paid, outcome: &mut Outcome) -> Option<StrategyName> {
        let (name, _) = self.sent.remove(hash)?;
        let attack = outcome.attack(name);
        attack.included += 1;
        attack.refused += u64::from(paid.refused);
        attack.fees += paid.burned + if paid.own_proposer { 0 } else { paid.earned };
        Some(name)
    }

    /// Forgets what no block can take any more.
    pub fn forget(&mut self, height: u64) {
        self.sent.retain(|_, (_, sent)| *sent + REMEMBERED > height);
    }
}
