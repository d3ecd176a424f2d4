//! What time it is on a machine, as far as a clock can be believed that anybody may have set.

use crate::Timestamp;

/// What a machine's clock says, beside the latest time that was seen there before. Everything that is judged by it can only be refused
/// for it: a clock that was set back makes nothing younger, and is found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// What the clock says.
    pub clock: Timestamp,
    /// The latest of what it says now, what it said before, and the times of blocks that were proven.
    pub latest: Timestamp,
}

impl Reading {
    /// A reading where nothing was seen before.
    pub fn alone(clock: Timestamp) -> Self {
        Self { clock, latest: clock }
    }

    /// How long ago a time is at least, in milliseconds: by the latest that was seen.
    pub fn age_ms(&self, time: Timestamp) -> u64 {
        self.latest.minus(time.0).0
    }

    /// How far a time is ahead of the clock, in milliseconds.
    pub fn ahead_ms(&self, time: Timestamp) -> u64 {
        time.minus(self.clock.0).0
    }

    /// How far the clock is behind what was seen, in milliseconds.
    pub fn behind_ms(&self) -> u64 {
        self.ahead_ms(self.latest)
    }
}
