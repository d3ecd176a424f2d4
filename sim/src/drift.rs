//! The clock of a machine, which is ahead or behind, fast or slow, and sometimes set.

use crate::world::Moment;
use primitives::Timestamp;
use serde::Serialize;

/// How far a clock is off.
#[derive(Clone, Debug, Default, Serialize, PartialEq, Eq)]
pub struct Drift {
    /// How far it is ahead, in milliseconds.
    pub ahead_ms: i64,
    /// By how many millionths it is fast.
    pub per_million: i64,
}

impl Drift {
    /// What it shows, in a world that began at `origin`.
    pub fn reads(&self, origin: Timestamp, now: Moment) -> Timestamp {
        let passed = i128::from(now.0);
        let gained = passed.saturating_mul(self.per_million.into()) / 1_000_000;
        let shown = i128::from(origin.0) + (passed + gained) / 1_000 + i128::from(self.ahead_ms);
        Timestamp(u64::try_from(shown.max(0)).unwrap_or(u64::MAX))
    }

    /// Somebody sets it, so much ahead.
    pub fn jump(&mut self, ms: i64) {
        self.ahead_ms = self.ahead_ms.saturating_add(ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_ahead_gains_and_is_set() {
        let (origin, hour) = (Timestamp(1_000_000), Moment(3_600_000_000));
        assert_eq!(Drift::default().reads(origin, hour), Timestamp(4_600_000));
        let mut fast = Drift { ahead_ms: -5, per_million: 100 };
        assert_eq!(fast.reads(origin, hour), Timestamp(4_600_000 - 5 + 360));
        fast.jump(-10_000_000);
        assert_eq!(fast.reads(origin, hour), Timestamp(0));
    }
}
