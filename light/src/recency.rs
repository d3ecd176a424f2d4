//! Whether what was proven is of the present, by the clock of whoever asks.

use primitives::{Reading, Timestamp};

/// How near to the present a header has to be, so that nobody is held in the past (T3), and a clock that was set back makes nothing
/// acceptable (T26). A clock can only refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recency {
    /// How old it may be at most, in milliseconds.
    pub most_age_ms: u64,
    /// How far it may be ahead of the clock, and the clock behind what was seen before, in milliseconds.
    pub drift_ms: u64,
}

/// Why a proven header is not the present.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRecent {
    /// Too long ago.
    #[error("its header is {age_ms} ms old, and at most {most_ms} ms are allowed; fetch a newer ticket")]
    TooOld {
        /// Its age, in milliseconds.
        age_ms: u64,
        /// The most allowed.
        most_ms: u64,
    },
    /// Ahead of the clock.
    #[error("its header is {ahead_ms} ms ahead of this machine's clock; set the clock, then start again")]
    FromTheFuture {
        /// By how much, in milliseconds.
        ahead_ms: u64,
    },
    /// The clock was set back, or was wrong before.
    #[error("this machine's clock is {behind_ms} ms behind the latest time that was seen here; set it, or confirm it")]
    ClockBehind {
        /// By how much, in milliseconds.
        behind_ms: u64,
    },
}

impl Recency {
    /// Refuses a header of a time that is not of the present.
    ///
    /// # Errors
    /// For one that is too old, one ahead of the clock, and a clock that is behind what was seen before.
    pub fn require(&self, time: Timestamp, reading: Reading) -> Result<(), NotRecent> {
        let age_ms = reading.age_ms(time);
        if age_ms > self.most_age_ms {
            return Err(NotRecent::TooOld { age_ms, most_ms: self.most_age_ms });
        }
        let ahead_ms = reading.ahead_ms(time);
        if ahead_ms > self.drift_ms {
            return Err(NotRecent::FromTheFuture { ahead_ms });
        }
        self.require_clock(reading)
    }

    /// Refuses a clock that is behind what was seen before, whatever is judged by it.
    ///
    /// # Errors
    /// For a clock that is behind by more than the drift.
    pub fn require_clock(&self, reading: Reading) -> Result<(), NotRecent> {
        let behind_ms = reading.behind_ms();
        if behind_ms > self.drift_ms { Err(NotRecent::ClockBehind { behind_ms }) } else { Ok(()) }
    }
}
