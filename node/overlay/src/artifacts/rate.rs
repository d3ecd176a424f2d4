//! How many bytes may be given away now? Token buckets, one for each peer and one for all; pure, the caller has the clock.

use super::MOST_READ;
use libp2p::PeerId;
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// What an answer without bytes counts for, so that asking is not free.
pub(super) const LEAST: u64 = 4096;

/// The allowances of a node.
#[derive(Debug)]
pub(super) struct Rates {
    all: Bucket,
    each: HashMap<PeerId, Bucket>,
    each_per_second: u64,
}

impl Rates {
    pub(super) fn new(per_second: u64, now: Instant) -> Self {
        let per_second = per_second.max(u64::from(MOST_READ));
        Self { all: Bucket::full(per_second, now), each: HashMap::new(), each_per_second: per_second / 2 }
    }

    /// Takes `bytes` from what a peer and all together have left; nothing when either has too little.
    pub(super) fn take(&mut self, peer: PeerId, bytes: u64, now: Instant) -> bool {
        let bytes = bytes.max(LEAST);
        let each = self.each.entry(peer).or_insert_with(|| Bucket::full(self.each_per_second, now));
        let granted = each.has(bytes, now) && self.all.has(bytes, now);
        if granted {
            each.left -= bytes;
            self.all.left -= bytes;
        }
        granted
    }

    /// Forgets the peers that have their whole allowance again.
    pub(super) fn forget_the_quiet(&mut self, now: Instant) {
        self.each.retain(|_, bucket| !bucket.has(bucket.most, now));
    }
}

/// Fills with time, up to what one second brings, and at least one read.
#[derive(Debug)]
struct Bucket {
    per_second: u64,
    most: u64,
    left: u64,
    filled: Instant,
}

impl Bucket {
    fn full(per_second: u64, now: Instant) -> Self {
        let most = per_second.max(u64::from(MOST_READ));
        Self { per_second, most, left: most, filled: now }
    }

    fn has(&mut self, bytes: u64, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.filled).min(Duration::from_secs(3600));
        let brought = u64::try_from(passed.as_micros()).unwrap_or(0).saturating_mul(self.per_second) / 1_000_000;
        // Time that brought less than a byte is not lost: it counts when it has brought one.
        if brought > 0 {
            self.left = self.left.saturating_add(brought).min(self.most);
            self.filled = now;
        }
        self.left >= bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn a_peer_gets_its_half_and_all_together_the_whole() {
        let now = Instant::now();
        let mut rates = Rates::new(8 * MIB, now);
        let peers: Vec<PeerId> = (0..3).map(|_| PeerId::random()).collect();
        let granted: Vec<usize> =
            peers.iter().map(|peer| (0..10).filter(|_| rates.take(*peer, MIB, now)).count()).collect();
        assert_eq!(granted, [4, 4, 0]);
        let later = now + Duration::from_millis(500);
        assert_eq!((0..10).filter(|_| rates.take(peers[2], MIB, later)).count(), 4);
        assert!(!rates.take(peers[0], 1, later), "nothing is left for anyone");
    }

    #[test]
    fn over_time_no_more_flows_than_is_allowed() {
        let start = Instant::now();
        let (peer, mut rates, mut given) = (PeerId::random(), Rates::new(2 * MIB, start), 0);
        for step in 0..10_000 {
            let now = start + Duration::from_millis(step);
            given += if rates.take(peer, 100_000, now) { 100_000 } else { 0 };
        }
        assert!((10 * MIB..=11 * MIB).contains(&given), "{given}");
    }

    #[test]
    fn asking_costs_and_the_quiet_are_forgotten() {
        let now = Instant::now();
        let (peer, mut rates) = (PeerId::random(), Rates::new(0, now));
        assert_eq!((0..1000).filter(|_| rates.take(peer, 0, now)).count() as u64, MIB / LEAST);
        rates.forget_the_quiet(now);
        assert_eq!(rates.each.len(), 1);
        rates.forget_the_quiet(now + Duration::from_secs(10));
        assert!(rates.each.is_empty());
        assert!(rates.take(peer, MIB, now + Duration::from_secs(10)), "the longest read always fits at last");
    }
}
