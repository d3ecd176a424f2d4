//! The one source of chance: all that is not decided in a future is drawn here, from its seed.

use rand::{Rng as _, RngCore as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use std::ops::RangeInclusive;

/// How many in a million always happen.
const ALWAYS: u32 = 1_000_000;

/// A stream of chance. What is drawn from one says nothing about what is drawn from another.
#[derive(Clone, Debug)]
pub struct Chance {
    key: [u8; 32],
    drawn: ChaCha8Rng,
}

impl Chance {
    /// The stream of a seed.
    pub fn of(seed: u64) -> Self {
        Self::keyed(*blake3::Hasher::new().update(b"sim/seed").update(&seed.to_le_bytes()).finalize().as_bytes())
    }

    fn keyed(key: [u8; 32]) -> Self {
        Self { key, drawn: ChaCha8Rng::from_seed(key) }
    }

    /// Another stream, for a purpose. This one goes on as if nobody had asked, so that who draws more for one purpose changes nothing
    /// for another.
    pub fn fork(&self, purpose: &str) -> Self {
        Self::keyed(*blake3::keyed_hash(&self.key, purpose.as_bytes()).as_bytes())
    }

    /// A number from 0 to before `end`; 0 where that is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        if end == 0 { 0 } else { self.drawn.gen_range(0..end) }
    }

    /// A number of a range; its beginning where it has none.
    pub fn within(&mut self, range: RangeInclusive<u64>) -> u64 {
        let begin = *range.start();
        if range.is_empty() { begin } else { self.drawn.gen_range(range) }
    }

    /// Whether something happens that happens so many times in a million.
    pub fn happens(&mut self, per_million: u32) -> bool {
        // A draw in any case, so that what comes later does not hang on how likely this was.
        self.drawn.next_u32() % ALWAYS < per_million
    }

    /// One of several; none of none.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.place(of.len()))
    }

    /// Brings a list into any order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for end in (1..list.len()).rev() {
            list.swap(end, self.place(end + 1));
        }
    }

    /// A number about a mean, mostly below it and sometimes far above, up to a bound: how long things take.
    pub fn tail(&mut self, mean: u64, most: u64) -> u64 {
        // Half as much again as often as not: of the geometric kind, by integers alone.
        let half = mean / 2;
        let mut value = self.below(half.saturating_add(1));
        while value < most && self.happens(ALWAYS / 2) {
            value = value.saturating_add(half.max(1)).saturating_add(self.below(half / 2 + 1));
        }
        value.min(most)
    }

    fn place(&mut self, of: usize) -> usize {
        usize::try_from(self.below(of as u64)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ten(mut chance: Chance) -> Vec<u64> {
        (0..10).map(|_| chance.below(u64::MAX)).collect()
    }

    #[test]
    fn a_seed_is_a_stream_and_a_purpose_another_that_disturbs_none() {
        assert_eq!(ten(Chance::of(7)), ten(Chance::of(7)));
        assert_ne!(ten(Chance::of(7)), ten(Chance::of(8)));
        let stream = Chance::of(7);
        let links = ten(stream.fork("links"));
        assert_ne!(links, ten(stream.fork("disks")));
        let mut drawn = stream.clone();
        drawn.below(10);
        assert_eq!(ten(drawn.fork("links")), links, "however much was drawn before");
        assert_eq!(ten(stream), ten(Chance::of(7)));
    }

    #[test]
    fn draws_stay_where_they_were_asked_for() {
        let mut chance = Chance::of(1);
        assert_eq!((chance.below(0), chance.within(5..=5), chance.pick::<u8>(&[])), (0, 5, None));
        assert!((0..1000).all(|_| chance.below(3) < 3 && (4..=6).contains(&chance.within(4..=6))));
        assert!((0..1000).all(|_| !chance.happens(0) && chance.happens(ALWAYS)));
        let tails: Vec<u64> = (0..1000).map(|_| chance.tail(100, 1000)).collect();
        let mean = tails.iter().sum::<u64>() / 1000;
        assert!(tails.iter().all(|tail| *tail <= 1000) && (70..150).contains(&mean), "{mean}");
        let mut list: Vec<u8> = (0..20).collect();
        chance.shuffle(&mut list);
        assert_ne!(list, (0..20).collect::<Vec<_>>());
        list.sort();
        assert_eq!(list, (0..20).collect::<Vec<_>>());
    }
}
