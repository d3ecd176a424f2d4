//! Quarters of a year, by which a council looks back.

use crate::Timestamp;
use std::fmt;
use std::str::FromStr;

/// The first year that a time of a block can be in.
const FIRST: u16 = 1970;
/// The last year that is written with four digits.
const LAST: u16 = 9999;
/// Milliseconds in a day.
const DAY: u64 = 86_400_000;

/// A quarter of a year in UTC, from 1970 to 9999, such as `2026-q1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quarter {
    year: u16,
    number: u8,
}

impl Quarter {
    /// The quarter of a year with a number; none of another year, and but for 1 to 4.
    pub fn new(year: u16, number: u8) -> Option<Self> {
        ((FIRST..=LAST).contains(&year) && (1..=4).contains(&number)).then_some(Self { year, number })
    }

    /// The quarter that a time is in; none of one after the year 9999.
    pub fn of(at: Timestamp) -> Option<Self> {
        let year = (FIRST..=LAST).rev().find(|year| Self { year: *year, number: 1 }.begins() <= at)?;
        let number = (1..=4).rev().find(|number| Self { year, number: *number }.begins() <= at)?;
        let found = Self { year, number };
        (at < found.ends()).then_some(found)
    }

    /// Those that a time from one moment to another is in, both included, in their order.
    pub fn between(from: Timestamp, to: Timestamp) -> impl Iterator<Item = Self> {
        std::iter::successors(Self::of(from), |quarter| quarter.next())
            .take_while(move |quarter| quarter.begins() <= to)
    }

    /// The first millisecond of it.
    pub fn begins(self) -> Timestamp {
        let year = u64::from(self.year);
        let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let before: u64 = match self.number {
            1 => 0,
            2 => 90,
            3 => 181,
            _ => 273,
        };
        let leap_day = u64::from(is_leap && self.number > 1);
        let years = year.saturating_sub(FIRST.into()).saturating_mul(365);
        let leap_days = leap_days_before(year).saturating_sub(leap_days_before(FIRST.into()));
        let days = years.saturating_add(leap_days).saturating_add(before).saturating_add(leap_day);
        Timestamp(days.saturating_mul(DAY))
    }

    /// The first millisecond after it.
    pub fn ends(self) -> Timestamp {
        self.after().begins()
    }

    /// The one after; none after the last.
    pub fn next(self) -> Option<Self> {
        let after = self.after();
        Self::new(after.year, after.number)
    }

    /// The one after, also after the last.
    fn after(self) -> Self {
        match self.number {
            1..=3 => Self { year: self.year, number: self.number.saturating_add(1) },
            _ => Self { year: self.year.saturating_add(1), number: 1 },
        }
    }
}

/// How many years before one have a day more.
fn leap_days_before(year: u64) -> u64 {
    let before = year.saturating_sub(1);
    (before / 4).saturating_sub(before / 100).saturating_add(before / 400)
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-q{}", self.year, self.number)
    }
}

/// As it is [printed](fmt::Display), or as people write it: `2026Q1`.
impl FromStr for Quarter {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no quarter from 1970 to 9999; write one such as 2026Q1");
        let written = text.trim().to_ascii_lowercase();
        let (year, number) = written.split_once('q').ok_or_else(wrong)?;
        let year = year.strip_suffix('-').unwrap_or(year);
        let digits = |part: &str, count| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(year, 4) || !digits(number, 1) {
            return Err(wrong());
        }
        let read = Self::new(year.parse().map_err(|_| wrong())?, number.parse().map_err(|_| wrong())?);
        read.ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_begins_where_the_one_before_ends_and_has_every_millisecond_between() {
        for (text, begins) in [
            ("1970-q1", 0),
            ("2024-q1", 1_704_067_200_000),
            ("2024-q2", 1_711_929_600_000),
            ("2026-q1", 1_767_225_600_000),
            ("2026-q2", 1_775_001_600_000),
            ("2026-q3", 1_782_864_000_000),
            ("2026-q4", 1_790_812_800_000),
            ("2027-q1", 1_798_761_600_000),
        ] {
            let quarter: Quarter = text.parse().unwrap();
            assert_eq!((quarter.begins(), quarter.to_string()), (Timestamp(begins), text.to_owned()));
            assert_eq!(Quarter::of(quarter.begins()), Some(quarter));
            assert_eq!(Quarter::of(quarter.ends().minus(1)), Some(quarter));
        }
        let mut quarter = Quarter::new(1970, 1).unwrap();
        while let Some(next) = quarter.next() {
            assert_eq!(quarter.ends(), next.begins());
            quarter = next;
        }
        assert_eq!((quarter.to_string(), Quarter::of(quarter.ends())), ("9999-q4".into(), None));
    }

    #[test]
    fn a_time_is_in_the_quarters_of_both_its_ends_and_in_those_between() {
        let between = |from, to| Quarter::between(from, to).map(|quarter| quarter.to_string()).collect::<Vec<_>>();
        let quarter: Quarter = "2026-q4".parse().unwrap();
        assert_eq!(between(quarter.begins(), quarter.begins()), ["2026-q4"]);
        assert_eq!(between(quarter.begins(), quarter.ends().minus(1)), ["2026-q4"]);
        assert_eq!(between(quarter.begins().minus(1), quarter.ends()), ["2026-q3", "2026-q4", "2027-q1"]);
    }

    #[test]
    fn a_quarter_is_typed_with_its_year_and_its_number() {
        for text in ["2026Q1", "2026q1", "2026-Q1", " 2026-q1 "] {
            assert_eq!(text.parse::<Quarter>().map(|quarter| quarter.to_string()), Ok("2026-q1".into()), "{text:?}");
        }
        for text in ["", "2026", "2026Q5", "2026Q0", "26Q1", "2026Q11", "1969Q4", "2026 Q1", "+026Q1", "2026Q+"] {
            assert!(text.parse::<Quarter>().is_err(), "{text:?}");
        }
    }
}
