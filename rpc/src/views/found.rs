//! What is found among rows that no index has by what is sought: the latest of them are looked through, so many at a time, so that no
//! answer reads more because there are more.

use super::page::{PageOf, PageRange};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// How many rows one question looks through, at most: a filter that nearly nothing passes must not read all that there ever was.
pub const MOST_LOOKED_THROUGH: usize = 10_000;

/// A page of what was found, and where to look on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Found{T}Page")]
pub struct FoundPage<T> {
    /// The page, of those that were found.
    #[serde(flatten)]
    pub found: PageOf<T>,
    /// The number below which nothing was looked at yet, to be asked for as `before`; null where nothing is left.
    pub next: Option<u64>,
}

/// The numbers of the rows that are looked through.
pub(super) struct LookedThrough {
    numbers: Vec<u64>,
    /// The number below which there are others; none where there are none.
    next: Option<u64>,
}

impl LookedThrough {
    /// Those of some rows that are below a number. None where there are so many rows that only some of them would be looked through.
    pub fn all(rows: impl Iterator<Item = u64>, before: u64) -> Option<Self> {
        let mut numbers: Vec<u64> = rows.take(MOST_LOOKED_THROUGH + 1).collect();
        if numbers.len() > MOST_LOOKED_THROUGH {
            return None;
        }
        numbers.retain(|number| *number < before);
        Some(Self { numbers, next: None })
    }

    /// The latest of some rows below a number, of which `within` gives those of a range, each once. Rows are numbered from 1; where few of
    /// the numbers are theirs, wider and wider ranges are asked for.
    pub fn latest<'s>(before: u64, within: impl Fn(Range<u64>) -> Box<dyn Iterator<Item = u64> + 's>) -> Self {
        let (mut numbers, mut end, mut width) = (Vec::new(), before, MOST_LOOKED_THROUGH as u64);
        while end > 1 {
            let begin = end.saturating_sub(width).max(1);
            let room = MOST_LOOKED_THROUGH - numbers.len();
            let rows: Vec<u64> = within(begin..end).take(room + 1).collect();
            // The first range has no more numbers than there is room for, so that whoever looks on always comes further.
            if rows.len() > room {
                break;
            }
            numbers.extend(rows);
            (end, width) = (begin, width.saturating_mul(2));
        }
        Self { numbers, next: (end > 1).then_some(end) }
    }

    /// A page of those that somebody takes, the latest first, each as it is shown. The others are not shown.
    ///
    /// # Errors
    /// Those of `takes` and `show`.
    pub fn page<T, E>(
        self,
        range: PageRange,
        takes: impl Fn(u64) -> Result<bool, E>,
        show: impl Fn(u64) -> Result<T, E>,
    ) -> Result<FoundPage<T>, E> {
        let mut taken = Vec::new();
        for number in self.numbers {
            if takes(number)? {
                taken.push(number);
            }
        }
        taken.sort_unstable();
        let found = range.descending(taken.len() as u64, |place| show(taken[place as usize - 1]))?;
        Ok(FoundPage { found, next: self.next })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::convert::Infallible;

    /// What looking once for all numbers that `is_there` has read, found, and left for later.
    fn looked(before: u64, is_there: impl Fn(u64) -> bool + Copy) -> (usize, Vec<u64>, Option<u64>) {
        let read = Cell::new(0);
        let count = &read;
        let rows = LookedThrough::latest(before, |range| {
            Box::new(range.filter(move |number| is_there(*number)).inspect(move |_| count.set(count.get() + 1)))
        });
        let LookedThrough { mut numbers, next } = rows;
        numbers.sort_unstable();
        (read.get(), numbers, next)
    }

    #[test]
    fn h06_however_many_rows_there_are_one_question_reads_as_many_and_all_together_read_all() {
        let chains =
            [(0, 1), (1, 1), (9_999, 1), (10_000, 1), (10_001, 1), (35_000, 1), (400_000, 7), (900_000, 4_999)];
        for (latest, every) in chains {
            let is_there = |number: u64| number.is_multiple_of(every);
            let (mut before, mut all) = (latest + 1, Vec::new());
            loop {
                let (read, numbers, next) = looked(before, is_there);
                assert!(
                    read <= 2 * MOST_LOOKED_THROUGH + 1 && numbers.len() <= MOST_LOOKED_THROUGH,
                    "{read} of {latest}"
                );
                all = [numbers, all].concat();
                let Some(next) = next else { break };
                assert!(next < before, "it comes further");
                before = next;
            }
            assert_eq!(
                all,
                (1..=latest).filter(|number| is_there(*number)).collect::<Vec<_>>(),
                "{latest}, each {every}th"
            );
        }
    }

    #[test]
    fn few_rows_among_many_numbers_are_found_at_once() {
        let (read, numbers, next) = looked(10_000_001, |number| [3, 5_000_000].contains(&number));
        assert_eq!((read, numbers, next), (2, vec![3, 5_000_000], None));
    }

    #[test]
    fn a_page_has_the_latest_of_those_that_are_taken() {
        let all = LookedThrough::all([7, 3, 12, 9, 4].into_iter(), 12).unwrap();
        let range = PageRange::new(Some(0), Some(2)).unwrap();
        let page = all.page(range, |number| Ok::<_, Infallible>(number != 9), Ok).unwrap();
        assert_eq!((page.found.total, page.found.entries, page.next), (3, vec![7, 4], None));
        assert!(LookedThrough::all(1..=10_000, u64::MAX).is_some());
        assert!(LookedThrough::all(1..=10_001, u64::MAX).is_none());
    }
}
