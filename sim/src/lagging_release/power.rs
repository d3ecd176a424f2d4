//! Whose power decides blocks, whose is away, and why; and since when how many run the release.

use crate::world::Moment;
use primitives::Amount;
use serde::Serialize;

/// What keeps a validator from deciding blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// Nothing.
    Up,
    /// It changes to a release by its own decision, and the new build has not answered yet.
    Changes,
    /// Its build may run no more, and another one takes its place.
    Retires,
    /// The build on trial is not well, or the one before shows whether it is.
    Tries,
    /// Its machine is down.
    Crashed,
    /// Nothing is started there any more.
    Still,
}

/// The power of all validators.
#[derive(Clone, Debug)]
pub(super) struct Power {
    of: Vec<u64>,
    why: Vec<Why>,
    total: u64,
    away: u64,
    changing: u64,
    changing_count: usize,
    trying: u64,
    still: u64,
    /// The most that changed at one time.
    pub most_changing: u64,
    /// The most that changed at one time, or had a build on trial that was not well.
    pub most_upgrading: u64,
    /// The most that was away at one time, for whatever reason.
    pub most_away: u64,
}

impl Power {
    /// All are up.
    pub fn new(powers: &[Amount]) -> Self {
        let of: Vec<u64> = powers.iter().map(|power| power.0).collect();
        Self {
            why: vec![Why::Up; of.len()],
            total: of.iter().sum(),
            of,
            away: 0,
            changing: 0,
            changing_count: 0,
            trying: 0,
            still: 0,
            most_changing: 0,
            most_upgrading: 0,
            most_away: 0,
        }
    }

    /// What keeps a validator.
    pub fn why(&self, validator: usize) -> Why {
        self.why[validator]
    }

    /// Something else keeps a validator from now on.
    pub fn set(&mut self, validator: usize, why: Why) {
        let power = self.of[validator];
        let before = std::mem::replace(&mut self.why[validator], why);
        self.sums(before).into_iter().for_each(|sum| *sum -= power);
        self.sums(why).into_iter().for_each(|sum| *sum += power);
        self.changing_count -= usize::from(before == Why::Changes);
        self.changing_count += usize::from(why == Why::Changes);
        self.most_changing = self.most_changing.max(self.changing);
        self.most_upgrading = self.most_upgrading.max(self.changing + self.trying);
        self.most_away = self.most_away.max(self.away);
    }

    /// Where the power of who is kept by something counts.
    fn sums(&mut self, why: Why) -> Vec<&mut u64> {
        match why {
            Why::Up => Vec::new(),
            Why::Changes => vec![&mut self.away, &mut self.changing],
            Why::Tries => vec![&mut self.away, &mut self.trying],
            Why::Still => vec![&mut self.away, &mut self.still],
            Why::Retires | Why::Crashed => vec![&mut self.away],
        }
    }

    /// Whether several validators that change have a third together, which the waves are to keep from happening.
    pub fn has_a_third_changing(&self) -> bool {
        self.changing_count > 1 && is_third(self.changing, self.total)
    }

    /// Whether those who are up decide blocks: more than two thirds.
    pub fn decides(&self) -> bool {
        u128::from(self.total - self.away) * 3 > u128::from(self.total) * 2
    }

    /// Whether so much is still for good that no block is decided any more.
    pub fn has_stopped(&self) -> bool {
        is_third(self.still, self.total)
    }

    /// A part in thousandths of all.
    pub fn thousandths(&self, part: u64) -> u64 {
        let share = u128::from(part) * 1_000 / u128::from(self.total.max(1));
        u64::try_from(share).unwrap_or(1_000)
    }

    /// The power of a validator.
    pub fn of(&self, validator: usize) -> u64 {
        self.of[validator]
    }

    /// That of all.
    pub fn total(&self) -> u64 {
        self.total
    }
}

fn is_third(part: u64, whole: u64) -> bool {
    u128::from(part) * 3 >= u128::from(whole)
}

/// After how many seconds 50, 90 and 99 percent had come to something; none where they never did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reached {
    /// Half.
    pub p50_s: Option<u64>,
    /// Nine tenths.
    pub p90_s: Option<u64>,
    /// All but a hundredth.
    pub p99_s: Option<u64>,
}

/// How much of something has come so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Uptake {
    have: u64,
    whole: u64,
    /// When how much had.
    pub reached: Reached,
}

impl Uptake {
    /// Nothing yet of so much.
    pub fn of(whole: u64) -> Self {
        Self { have: 0, whole, reached: Reached::default() }
    }

    /// So much more.
    pub fn add(&mut self, part: u64, now: Moment) {
        self.have += part;
        let seconds = now.since(Moment::BEGIN).as_secs();
        let (have, whole) = (u128::from(self.have) * 100, u128::from(self.whole));
        let Reached { p50_s, p90_s, p99_s } = &mut self.reached;
        for (percent, reached) in [(50, p50_s), (90, p90_s), (99, p99_s)] {
            if reached.is_none() && have >= whole * percent {
                *reached = Some(seconds);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_counts_only_where_several_change_and_who_is_up_again_is_not_away() {
        let mut power = Power::new(&[Amount(40), Amount(30), Amount(30)]);
        power.set(0, Why::Changes);
        assert!(!power.has_a_third_changing(), "nothing helps where one has a third by itself");
        assert!(!power.decides());
        power.set(0, Why::Up);
        power.set(1, Why::Changes);
        power.set(2, Why::Changes);
        assert!(power.has_a_third_changing());
        power.set(2, Why::Tries);
        assert!(!power.has_a_third_changing());
        assert_eq!((power.most_changing, power.most_away), (60, 60));
    }

    #[test]
    fn a_build_that_is_not_well_counts_with_those_that_change_and_none_that_retires_does() {
        let mut power = Power::new(&[Amount(40), Amount(30), Amount(30)]);
        power.set(1, Why::Tries);
        power.set(2, Why::Changes);
        assert_eq!((power.most_changing, power.most_upgrading), (30, 60));
        power.set(1, Why::Up);
        power.set(0, Why::Retires);
        assert_eq!((power.most_upgrading, power.most_away), (60, 70));
        assert!(!power.decides() && !power.has_stopped(), "nothing is still for good");
    }
}
