//! When it is said that the index does not go on: by what keeps it from that, so that one cause is not lost among the sentences of
//! another, and as news only where it went on in between for long enough.

use crate::complaints::Complaints;
use crate::progress::ExplorerFault;
use primitives::Height;
use std::collections::BTreeMap;
use std::time::Instant;

/// What failed since this process follows.
#[derive(Debug, Default)]
pub struct Failures {
    /// What was said of each, and where the index ended when it failed last.
    known: BTreeMap<ExplorerFault, (Complaints, Height)>,
}

impl Failures {
    /// Whether to say a sentence now of something that failed while the index ends at `head`.
    pub fn is_due(&mut self, fault: ExplorerFault, sentence: &str, head: Height, now: Instant) -> bool {
        let (complaints, failed_at) = self.known.entry(fault).or_insert_with(|| (Complaints::default(), head));
        if head > *failed_at {
            complaints.went_well(now);
        }
        *failed_at = head;
        complaints.is_due(sentence, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// At which of these seconds a failure is said, while the index ends where `head` says.
    fn said_at(
        failures: &mut Failures,
        (fault, sentence): (ExplorerFault, &str),
        seconds: impl IntoIterator<Item = u64>,
        (began, head): (Instant, impl Fn(u64) -> u64),
    ) -> Vec<u64> {
        let at = |second: u64| began + Duration::from_secs(second);
        let seconds = seconds.into_iter();
        seconds.filter(|second| failures.is_due(fault, sentence, Height(head(*second)), at(*second))).collect()
    }

    const AWAY: (ExplorerFault, &str) = (ExplorerFault::Source, "nobody listens");

    #[test]
    fn o23_what_fails_again_after_blocks_came_quietly_for_a_while_is_said_again() {
        let (mut failures, began) = (Failures::default(), Instant::now());
        assert_eq!(said_at(&mut failures, AWAY, 0..62, (began, |_| 7)), [0, 60]);
        // The same would not be said again before second 180.
        assert_eq!(said_at(&mut failures, AWAY, [121, 122], (began, |_| 30)), [121]);
        assert_eq!(said_at(&mut failures, AWAY, [176], (began, |_| 60)), [] as [u64; 0], "54 s are not long enough");
    }

    #[test]
    fn o23_what_fails_again_at_the_same_block_is_no_news_however_long_it_was_quiet() {
        let (mut failures, began) = (Failures::default(), Instant::now());
        assert_eq!(said_at(&mut failures, AWAY, 0..62, (began, |_| 7)), [0, 60]);
        assert_eq!(said_at(&mut failures, AWAY, [121, 179, 180], (began, |_| 7)), [180]);
    }

    #[test]
    fn o23_a_block_between_each_two_failures_makes_no_news_of_them() {
        let (mut failures, began) = (Failures::default(), Instant::now());
        assert_eq!(said_at(&mut failures, AWAY, 0..1_000, (began, |second| second)), [0, 60, 180, 420, 900]);
    }

    #[test]
    fn o23_no_cause_is_lost_among_the_sentences_of_another() {
        let (mut failures, now) = (Failures::default(), Instant::now());
        for number in 0..100 {
            failures.is_due(ExplorerFault::Source, &format!("it breaks off at byte {number}"), Height(7), now);
        }
        assert!(failures.is_due(ExplorerFault::Block, "a block does not verify", Height(7), now));
        assert!(!failures.is_due(ExplorerFault::Block, "a block does not verify", Height(7), now), "it was said");
    }
}
