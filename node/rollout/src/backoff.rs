//! How long something that failed is left in peace.

use std::time::Duration;

/// Pauses that double with every failure in a row, up to a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
}

impl Backoff {
    /// After no failure; the first pause is at most the longest.
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, failures: 0 }
    }

    /// Takes in a failure; gives the pause before the next try.
    pub fn failed(&mut self) -> Duration {
        let doubled = self.first.saturating_mul(2u32.saturating_pow(self.failures));
        self.failures = self.failures.saturating_add(1);
        doubled.min(self.longest)
    }

    /// Takes in a success: the next failure is the first again.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_bound_and_begin_anew_after_a_success() {
        let mut pauses = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));
        let mut after = |times: u32| (0..times).map(|_| pauses.failed().as_secs()).collect::<Vec<_>>();
        assert_eq!(after(8), [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(after(100).pop(), Some(60));
        pauses.succeeded();
        assert_eq!(pauses.failed(), Duration::from_secs(1));
    }
}
