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

    /// A number of this mean, mostly not above it and sometimes far above: how long things take. What would be above
    /// `most` is that instead, which takes less than a hundredth from the mean where it is five times the mean or more.
    pub fn tail(&mut self, mean: u64, most: u64) -> u64 {
        // One draw is half the mean on average, and others follow as often as not, which is one more on average.
        let end = mean.saturating_add(1);
        let mut value = self.below(end);
        while value < most && self.happens(ALWAYS / 2) {
            value = value.saturating_add(self.below(end));
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
        let mut list: Vec<u8> = (0..20).collect();
        chance.shuffle(&mut list);
        assert_ne!(list, (0..20).collect::<Vec<_>>());
        list.sort();
        assert_eq!(list, (0..20).collect::<Vec<_>>());
    }

    const DRAWS: u64 = 50_000;

    fn tails(mean: u64, most: u64) -> Vec<u64> {
        let mut chance = Chance::of(mean);
        (0..DRAWS).map(|_| chance.tail(mean, most)).collect()
    }

    #[test]
    fn a_tail_has_the_mean_that_was_asked_for() {
        for mean in [1, 3, 10, 100, 1_000] {
            // The least bound that is promised to leave the mean as it is, and one that is never reached.
            for most in [mean * 5, mean * 1_000] {
                let percent = tails(mean, most).iter().sum::<u64>() * 100 / (mean * DRAWS);
                assert!((97..=102).contains(&percent), "asked {mean} up to {most}: {percent} percent of it");
            }
        }
    }

    #[test]
    fn a_tail_is_mostly_not_above_its_mean_sometimes_far_above_and_never_above_its_bound() {
        let count = |tails: &[u64], is: &dyn Fn(u64) -> bool| tails.iter().filter(|tail| is(**tail)).count() as u64;
        let free = tails(100, 1_000_000);
        assert!(count(&free, &|tail| tail <= 100) * 10 > DRAWS * 6);
        assert!((DRAWS / 1_000..DRAWS / 50).contains(&count(&free, &|tail| tail > 400)));
        let bound = tails(100, 150);
        assert!(bound.iter().all(|tail| *tail <= 150) && bound.contains(&150));
        let mut chance = Chance::of(1);
        assert!((0..100).all(|_| chance.tail(0, 9) == 0 && chance.tail(9, 0) == 0));
    }
}
