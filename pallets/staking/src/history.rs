//! An amount as it was over time.

use parity_scale_codec::{Decode, Encode};
use primitives::{Amount, Epoch};
use serde::{Deserialize, Serialize};

/// An amount by the epoch from which it is in force, oldest first. Before the first entry it is nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct StakeHistory(Vec<(Epoch, Amount)>);

impl StakeHistory {
    /// An amount in force from `epoch` on.
    pub fn since(epoch: Epoch, amount: Amount) -> Self {
        Self(vec![(epoch, amount)])
    }

    /// The amount in force in `epoch`.
    pub fn at(&self, epoch: Epoch) -> Amount {
        self.0.iter().rev().find(|(since, _)| *since <= epoch).map_or(Amount::ZERO, |(_, amount)| *amount)
    }

    /// The amount after all changes made so far.
    pub fn latest(&self) -> Amount {
        self.0.last().map_or(Amount::ZERO, |(_, amount)| *amount)
    }

    /// The least amount in force in `epoch` or later, all changes made so far included: what has stayed all the time since.
    pub fn least_since(&self, epoch: Epoch) -> Amount {
        let later = self.0.iter().filter(|(since, _)| *since > epoch).map(|(_, amount)| *amount);
        later.fold(self.at(epoch), Amount::min)
    }

    /// How much more it is after all changes made so far than it was in `epoch`.
    pub fn grown_since(&self, epoch: Epoch) -> Amount {
        self.latest().saturating_sub(self.at(epoch))
    }

    /// Since when nothing is left, after all changes made so far; none while something is, or when there never was anything.
    pub fn spent_since(&self) -> Option<Epoch> {
        self.0.last().filter(|(_, amount)| *amount == Amount::ZERO).map(|(since, _)| *since)
    }

    /// Sets the amount from `from` on, and forgets what was in force only before `oldest`.
    ///
    /// `from` is never before an entry already there, because changes take effect in the next epoch and epochs only grow.
    pub fn set(&mut self, from: Epoch, amount: Amount, oldest: Epoch) {
        self.0.retain(|(since, _)| *since < from);
        self.0.push((from, amount));
        let in_force = self.0.iter().rposition(|(since, _)| *since <= oldest).unwrap_or(0);
        self.0.drain(..in_force);
    }

    /// Whether nothing is in force in `oldest` or later.
    pub fn is_spent(&self, oldest: Epoch) -> bool {
        self.at(oldest) == Amount::ZERO
            && self.0.iter().all(|(since, amount)| *amount == Amount::ZERO || *since < oldest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_in_force_from_its_epoch_and_the_forgotten_past_keeps_its_last_value() {
        let mut history = StakeHistory::since(Epoch(0), Amount(5));
        history.set(Epoch(3), Amount(7), Epoch(0));
        history.set(Epoch(3), Amount(8), Epoch(0));
        history.set(Epoch(9), Amount(1), Epoch(4));
        assert_eq!([3, 8, 9, 99].map(|epoch| history.at(Epoch(epoch)).0), [8, 8, 1, 1]);
        assert_eq!(history.at(Epoch(2)), Amount(0), "forgotten");
        assert_eq!(history.latest(), Amount(1));
    }

    #[test]
    fn what_stayed_since_an_epoch_is_the_least_that_was_in_force_in_it_or_later() {
        let mut history = StakeHistory::since(Epoch(2), Amount(5));
        for (epoch, amount) in [(4, 9), (6, 3), (8, 7)] {
            history.set(Epoch(epoch), Amount(amount), Epoch(0));
        }
        assert_eq!([1, 2, 4, 5, 6, 8, 9].map(|epoch| history.least_since(Epoch(epoch)).0), [0, 3, 3, 3, 3, 7, 7]);
    }

    #[test]
    fn what_was_added_since_an_epoch_is_all_that_came_into_force_after_it() {
        let mut history = StakeHistory::since(Epoch(2), Amount(5));
        history.set(Epoch(4), Amount(9), Epoch(0));
        assert_eq!([1, 2, 3, 4, 9].map(|epoch| history.grown_since(Epoch(epoch)).0), [9, 4, 4, 0, 0]);
        assert_eq!(StakeHistory::default().grown_since(Epoch(3)), Amount(0));
    }

    #[test]
    fn an_amount_that_was_taken_back_is_spent_once_it_is_past() {
        let mut history = StakeHistory::since(Epoch(0), Amount(5));
        history.set(Epoch(3), Amount(0), Epoch(0));
        assert_eq!([0, 2, 3, 9].map(|oldest| history.is_spent(Epoch(oldest))), [false, false, true, true]);
        assert_eq!(history.spent_since(), Some(Epoch(3)));
        history.set(Epoch(12), Amount(1), Epoch(9));
        assert!(!history.is_spent(Epoch(9)), "it comes back");
        assert_eq!((history.spent_since(), StakeHistory::default().spent_since()), (None, None));
    }
}
