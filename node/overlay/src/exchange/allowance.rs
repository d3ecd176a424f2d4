//! How much may a peer be given now? What an answer holds is known once it is read, so an allowance is spent afterwards, below
//! zero if need be, and nothing more is read until time has paid for it. Pure; the caller has the clock.

use libp2p::PeerId;
use std::{collections::HashMap, time::Instant};

/// Bytes in a second to one peer, and at once.
const EACH: i64 = 4 << 20;

/// Bytes in a second to all peers, and at once.
const ALL: i64 = 16 << 20;

/// What an answer counts for at least, so that asking is not free.
const LEAST: i64 = 4096;

/// The allowances of all peers together, and of each that has not its whole one.
#[derive(Debug)]
pub(super) struct Allowances {
    all: Allowance,
    each: HashMap<PeerId, Allowance>,
}

#[derive(Debug)]
struct Allowance {
    per_second: i64,
    left: i64,
    filled: Instant,
}

impl Allowances {
    pub(super) fn new(now: Instant) -> Self {
        Self { all: Allowance::full(ALL, now), each: HashMap::new() }
    }

    /// Whether anything may be given to a peer.
    pub(super) fn is_left(&mut self, peer: &PeerId, now: Instant) -> bool {
        self.all.is_left(now) && self.each.get_mut(peer).is_none_or(|each| each.is_left(now))
    }

    /// Counts what a peer was given.
    pub(super) fn spend(&mut self, peer: PeerId, bytes: usize, now: Instant) {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX).max(LEAST);
        let each = self.each.entry(peer).or_insert_with(|| Allowance::full(EACH, now));
        each.left = each.left.saturating_sub(bytes);
        self.all.left = self.all.left.saturating_sub(bytes);
    }

    /// Forgets the peers that have their whole allowance again.
    pub(super) fn forget_the_quiet(&mut self, now: Instant) {
        self.each.retain(|_, each| {
            each.fill(now);
            each.left < each.per_second
        });
    }
}

impl Allowance {
    fn full(per_second: i64, now: Instant) -> Self {
        Self { per_second, left: per_second, filled: now }
    }

    fn is_left(&mut self, now: Instant) -> bool {
        self.fill(now);
        self.left > 0
    }

    fn fill(&mut self, now: Instant) {
        let passed = i64::try_from(now.saturating_duration_since(self.filled).as_millis()).unwrap_or(i64::MAX);
        if passed > 0 {
            self.left = self.left.saturating_add(passed.saturating_mul(self.per_second / 1_000)).min(self.per_second);
            self.filled = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn what_was_given_beyond_the_allowance_is_waited_for() {
        let (peer, other, now) = (PeerId::random(), PeerId::random(), Instant::now());
        let mut allowances = Allowances::new(now);
        assert!(allowances.is_left(&peer, now));
        allowances.spend(peer, 3 * EACH as usize, now);
        assert!(!allowances.is_left(&peer, now) && allowances.is_left(&other, now));
        assert!(!allowances.is_left(&peer, now + Duration::from_secs(2)));
        assert!(allowances.is_left(&peer, now + Duration::from_millis(2_100)));
        allowances.forget_the_quiet(now + Duration::from_secs(10));
        assert!(allowances.each.is_empty());
    }

    #[test]
    fn asking_costs_and_all_together_have_a_bound() {
        let (peer, now) = (PeerId::random(), Instant::now());
        let mut allowances = Allowances::new(now);
        let mut asked = 0;
        while allowances.is_left(&peer, now) {
            allowances.spend(peer, 0, now);
            asked += 1;
        }
        assert_eq!(asked, EACH / LEAST);
        for _ in 0..ALL / EACH {
            allowances.spend(PeerId::random(), EACH as usize, now);
        }
        assert!(!allowances.is_left(&PeerId::random(), now), "nothing is left for anyone");
    }
}
