//! Is a moment in a window of every week, and when does the next one begin?
//!
//! Windows are judged by block time, in UTC, which has no summer and whose days all have 1,440 minutes: whole numbers do.

use crate::plan::WindowRule;
use primitives::Timestamp;

const MINUTE: u64 = 60_000;
const DAY: u64 = 1_440 * MINUTE;
/// Days of a week.
const WEEK: u64 = 7;
/// The day that 1970-01-01 was, a Thursday, counted from Monday.
const FIRST_DAY: u64 = 3;

impl WindowRule {
    /// Whether a moment lies in a window of every week: from its first millisecond on, and before the first one after it. One
    /// that is announced has no times of its own, and holds nothing.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.around(at).any(|(start, end)| start <= at.0 && at.0 < end)
    }

    /// When the next window of every week begins, after `at`: one that begins at that very moment has begun. None for one that is
    /// announced, and at the end of time.
    pub fn next_start(&self, at: Timestamp) -> Option<Timestamp> {
        self.around(at).map(|(start, _)| start).find(|start| *start > at.0).map(Timestamp)
    }

    /// When the window that `at` lies in ends: the first moment that no window holds, so that windows without a gap are one.
    /// None when `at` lies in none, and when there is never a gap.
    pub fn end(&self, at: Timestamp) -> Option<Timestamp> {
        let mut end = self.around(at).find(|(start, end)| *start <= at.0 && at.0 < *end)?.1;
        for (start, later) in self.around(at) {
            if start <= end {
                end = end.max(later);
            }
        }
        // What reaches through a whole week reaches through every week.
        (end.saturating_sub(at.0) < WEEK.saturating_mul(DAY)).then_some(Timestamp(end))
    }

    /// The windows that begin from the day before a moment until eight days after it, in order: their first moments, and the
    /// first ones after them.
    fn around(&self, at: Timestamp) -> impl Iterator<Item = (u64, u64)> {
        let (days, from, minutes) = match self {
            Self::Weekly { days, from_minute, minutes } => (*days, u64::from(*from_minute), u64::from(*minutes)),
            Self::Announced { .. } => (0, 0, 0),
        };
        let today = at.0.checked_div(DAY).unwrap_or(0);
        let near = today.saturating_sub(1)..=today.saturating_add(WEEK).saturating_add(1);
        near.filter(move |day| is_of(days, *day)).filter_map(move |day| {
            let start = day.checked_mul(DAY)?.checked_add(from.saturating_mul(MINUTE))?;
            Some((start, start.saturating_add(minutes.saturating_mul(MINUTE))))
        })
    }
}

/// Whether a day, counted from 1970-01-01, is among those of a week of which bit 0 is Monday.
fn is_of(days: u8, day: u64) -> bool {
    let weekday = day.saturating_add(FIRST_DAY).checked_rem(WEEK).unwrap_or(0);
    u32::try_from(weekday).is_ok_and(|weekday| days.checked_shr(weekday).unwrap_or(0) & 1 == 1)
}
