//! How much may a peer send that is not wanted? A budget for each peer; pure, the caller has the clock.

use super::{Cost, MessageVerdict};
use libp2p::PeerId;
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// What a message of no use to anybody costs; one that is taken gives as much back.
const MUCH: i64 = 16;

/// What a message costs that another pool may rightly have taken.
const LITTLE: i64 = 1;

/// The budget of a peer: 512 messages of no use at once.
const BUDGET: i64 = 512 * MUCH;

/// What a second gives back: peers differ by a block now and then, for as long as they are peers.
const PER_SECOND: i64 = MUCH;

/// Budgets remembered; a new id costs a stranger nothing, so the fullest one makes room.
const REMEMBERED: usize = 4096;

/// The budgets that are not whole.
#[derive(Debug, Default)]
pub(super) struct Budgets(HashMap<PeerId, Budget>);

#[derive(Debug)]
struct Budget {
    /// Below zero once it is spent.
    left: i64,
    filled: Instant,
}

impl Budgets {
    /// Counts what a message was worth. Gives what the peer's score is to fall by, a negative number, if it falls or rises.
    pub(super) fn count(&mut self, peer: PeerId, verdict: MessageVerdict, now: Instant) -> Option<f64> {
        match verdict {
            MessageVerdict::Accept => self.change(peer, MUCH, now),
            MessageVerdict::Ignore(Cost::Nothing) | MessageVerdict::Reject => None,
            MessageVerdict::Ignore(Cost::Little) => self.change(peer, -LITTLE, now),
            MessageVerdict::Ignore(Cost::Much) => self.change(peer, -MUCH, now),
        }
    }

    /// Whether nothing is left of a peer's budget.
    pub(super) fn is_spent(&self, peer: &PeerId) -> bool {
        self.0.get(peer).is_some_and(|budget| budget.left <= 0)
    }

    fn change(&mut self, peer: PeerId, gained: i64, now: Instant) -> Option<f64> {
        if gained < 0 && !self.0.contains_key(&peer) {
            self.make_room();
            self.0.insert(peer, Budget { left: BUDGET, filled: now });
        }
        let budget = self.0.get_mut(&peer)?;
        let before = budget.overdraft();
        budget.left = (budget.left + gained).clamp(-BUDGET, BUDGET);
        let after = budget.overdraft();
        (before != after).then_some(after)
    }

    fn make_room(&mut self) {
        if self.0.len() >= REMEMBERED {
            let fullest = self.0.iter().max_by_key(|(_, budget)| budget.left).map(|(peer, _)| *peer);
            fullest.and_then(|peer| self.0.remove(&peer));
        }
    }

    /// Gives back what time does, and forgets the budgets that are whole. Gives the peers whose budget is spent, with what their
    /// scores are to fall by; zero for those that have just come out of it.
    pub(super) fn refill(&mut self, now: Instant) -> Vec<(PeerId, f64)> {
        let mut scores = Vec::new();
        self.0.retain(|peer, budget| {
            let before = budget.overdraft();
            let seconds = now.saturating_duration_since(budget.filled).as_secs();
            budget.filled += Duration::from_secs(seconds);
            let brought = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(PER_SECOND);
            budget.left = budget.left.saturating_add(brought).min(BUDGET);
            if before < 0.0 {
                scores.push((*peer, budget.overdraft()));
            }
            budget.left < BUDGET
        });
        scores
    }
}

impl Budget {
    /// One point for each message of no use beyond the budget, as a negative number; else nothing.
    fn overdraft(&self) -> f64 {
        (self.left.min(0) / MUCH) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USELESS: MessageVerdict = MessageVerdict::Ignore(Cost::Much);

    fn after(budgets: &mut Budgets, peer: PeerId, verdict: MessageVerdict, times: usize, now: Instant) -> Option<f64> {
        (0..times).filter_map(|_| budgets.count(peer, verdict, now)).last()
    }

    #[test]
    fn h22_the_score_falls_once_the_budget_is_spent_and_no_sooner() {
        let (mut budgets, peer, other, now) = (Budgets::default(), PeerId::random(), PeerId::random(), Instant::now());
        assert_eq!(after(&mut budgets, peer, USELESS, 511, now), None);
        assert!(!budgets.is_spent(&peer) && !budgets.is_spent(&other));
        assert_eq!(after(&mut budgets, peer, USELESS, 1, now), None);
        assert!(budgets.is_spent(&peer));
        assert_eq!(after(&mut budgets, peer, USELESS, 3, now), Some(-3.0));
        assert_eq!(after(&mut budgets, other, USELESS, 512, now), None, "each has its own");
        assert_eq!(after(&mut budgets, peer, MessageVerdict::Accept, 2, now), Some(-1.0));
        assert_eq!(after(&mut budgets, peer, MessageVerdict::Accept, 100, now), Some(0.0));
        assert_eq!(after(&mut budgets, peer, USELESS, 99, now), None, "what is taken refills it");
    }

    #[test]
    fn h22_what_another_pool_may_have_taken_costs_little_and_what_cannot_be_judged_nothing() {
        let (mut budgets, peer, now) = (Budgets::default(), PeerId::random(), Instant::now());
        assert_eq!(after(&mut budgets, peer, MessageVerdict::Ignore(Cost::Nothing), 100_000, now), None);
        assert_eq!(after(&mut budgets, peer, MessageVerdict::Ignore(Cost::Little), 512 * 16, now), None);
        assert_eq!(after(&mut budgets, peer, MessageVerdict::Ignore(Cost::Little), 16, now), Some(-1.0));
    }

    #[test]
    fn time_gives_back_and_whole_budgets_are_forgotten() {
        let (mut budgets, peer, now) = (Budgets::default(), PeerId::random(), Instant::now());
        assert_eq!(after(&mut budgets, peer, USELESS, 514, now), Some(-2.0));
        assert_eq!(budgets.refill(now + Duration::from_millis(1_500)), [(peer, -1.0)]);
        assert_eq!(budgets.refill(now + Duration::from_secs(2)), [(peer, 0.0)]);
        assert!(budgets.refill(now + Duration::from_secs(513)).is_empty() && budgets.0.len() == 1);
        assert!(budgets.refill(now + Duration::from_secs(514)).is_empty() && budgets.0.is_empty());
        for _ in 0..REMEMBERED + 10 {
            budgets.count(PeerId::random(), USELESS, now);
        }
        assert_eq!(budgets.0.len(), REMEMBERED);
    }
}
