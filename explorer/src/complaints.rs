//! How often it is said that something fails again and again: at once where it is news, and then at growing spans, so that a log
//! shows that it goes on, and is not full of it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// After how long the same is said again, for the first time; each span is twice as long as the one before.
const SHORTEST: Duration = Duration::from_secs(60);
/// The longest span.
const LONGEST: Duration = Duration::from_secs(3_600);
/// How many different things are said within a span; what changes each time would be said each time.
const MOST: usize = 8;

/// What was said of one thing that fails.
#[derive(Debug, Default)]
pub struct Complaints {
    /// Since the last span began.
    said: BTreeSet<String>,
    /// When all may be said again, and how long the span is that ends then.
    until: Option<(Instant, Duration)>,
    /// When it failed last.
    failed: Option<Instant>,
}

impl Complaints {
    /// Whether to say a sentence now.
    pub fn is_due(&mut self, sentence: &str, now: Instant) -> bool {
        self.failed = Some(now);
        let span = match self.until {
            None => Some(SHORTEST),
            Some((end, span)) if now >= end => Some(span.saturating_mul(2).min(LONGEST)),
            Some(_) => None,
        };
        if let Some(span) = span {
            self.said.clear();
            self.until = Some((now + span, span));
        }
        self.said.len() < MOST && self.said.insert(sentence.to_owned())
    }

    /// It went well: where it did not fail for as long as the shortest span, what fails from now on is news. What works each second time
    /// is not.
    pub fn went_well(&mut self, now: Instant) {
        if self.failed.is_some_and(|failed| now.saturating_duration_since(failed) >= SHORTEST) {
            *self = Self::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At which of so many seconds a sentence is said, where it is asked about each second.
    fn said_at(complaints: &mut Complaints, began: Instant, seconds: std::ops::Range<u64>, sentence: &str) -> Vec<u64> {
        seconds.filter(|second| complaints.is_due(sentence, began + Duration::from_secs(*second))).collect()
    }

    #[test]
    fn what_goes_on_failing_is_said_at_once_and_then_at_growing_spans_without_end() {
        let (mut complaints, began) = (Complaints::default(), Instant::now());
        let said = said_at(&mut complaints, began, 0..20_000, "nobody listens");
        assert_eq!(said, [0, 60, 180, 420, 900, 1_860, 3_780, 7_380, 10_980, 14_580, 18_180]);
    }

    #[test]
    fn news_is_said_at_once_but_not_each_time_and_nothing_is_said_ever_more_often() {
        let (mut complaints, began) = (Complaints::default(), Instant::now());
        assert_eq!(said_at(&mut complaints, began, 0..10, "nobody listens"), [0]);
        assert_eq!(said_at(&mut complaints, began, 10..20, "it speaks another language"), [10]);
        assert_eq!(said_at(&mut complaints, began, 20..60, "nobody listens"), [] as [u64; 0], "it was said before");
        let changing = (0..1_000).filter(|number| complaints.is_due(&format!("at block {number}"), began));
        assert_eq!(changing.count(), MOST - 2);
    }

    #[test]
    fn what_fails_once_more_after_it_went_well_is_news() {
        let (mut complaints, now) = (Complaints::default(), Instant::now());
        assert!(complaints.is_due("nobody listens", now) && !complaints.is_due("nobody listens", now));
        let later = now + SHORTEST;
        // Within the second span, which would be 120 seconds long.
        assert!(complaints.is_due("nobody listens", later));
        complaints.went_well(later + SHORTEST);
        assert!(complaints.is_due("nobody listens", later + SHORTEST));
    }

    #[test]
    fn what_works_each_second_time_is_no_news_each_time() {
        let (mut complaints, began) = (Complaints::default(), Instant::now());
        let said = (0..1_000).filter(|second| {
            let now = began + Duration::from_secs(*second);
            complaints.went_well(now);
            second % 2 == 0 && complaints.is_due("nobody listens", now)
        });
        assert_eq!(said.collect::<Vec<u64>>(), [0, 60, 180, 420, 900]);
    }
}
