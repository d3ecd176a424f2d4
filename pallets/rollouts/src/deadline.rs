//! When something about a change is over.

use parity_scale_codec::{Decode, Encode};
use primitives::{Epoch, Moment, Span, Timestamp};
use serde::{Deserialize, Serialize};

/// The end of a span, fixed in the span's own unit when it began; or a block time, of what is judged by that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChangeDeadline {
    /// When the chain has run for so many milliseconds since genesis.
    #[codec(index = 0)]
    Running(u64),
    /// When that epoch begins.
    #[codec(index = 1)]
    Epoch(Epoch),
    /// At that block time: windows, notices and expiries.
    #[codec(index = 2)]
    Time(Timestamp),
}

/// By which clock a deadline comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum Clock {
    /// How long the chain has run, in milliseconds since genesis.
    #[codec(index = 0)]
    Running,
    /// The number of the epoch.
    #[codec(index = 1)]
    Epoch,
    /// Block time.
    #[codec(index = 2)]
    Time,
}

impl Clock {
    /// Every one of them.
    pub(crate) const ALL: [Self; 3] = [Self::Running, Self::Epoch, Self::Time];

    /// What it shows at a moment.
    pub(crate) fn shows(self, at: Moment) -> u64 {
        match self {
            Self::Running => at.running,
            Self::Epoch => at.epoch.0,
            Self::Time => at.time.0,
        }
    }
}

impl ChangeDeadline {
    /// What is over at every moment.
    pub(crate) const OVER: Self = Self::Running(0);

    /// The end of a span that began at a moment: the first moment at which [`Span::since`] has enough.
    pub fn after(start: Moment, span: Span) -> Self {
        match span {
            Span::Millis(millis) => Self::Running(start.running.saturating_add(millis)),
            Span::Epochs(0) => Self::Epoch(start.epoch),
            Span::Epochs(epochs) => Self::Epoch(start.epoch.plus(epochs.saturating_add(1))),
        }
    }

    /// Whether it is over; at the very moment it is.
    pub fn is_over(self, at: Moment) -> bool {
        let (clock, end) = self.on_clock();
        end <= clock.shows(at)
    }

    /// The clock that it comes by, and what that shows then.
    pub(crate) fn on_clock(self) -> (Clock, u64) {
        match self {
            Self::Running(end) => (Clock::Running, end),
            Self::Epoch(end) => (Clock::Epoch, end.0),
            Self::Time(end) => (Clock::Time, end.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::Height;
    use proptest::prelude::*;

    fn moment(epoch: u64, running: u64) -> Moment {
        Moment { height: Height(epoch), epoch: Epoch(epoch), time: Timestamp(running), running, level: 0 }
    }

    proptest! {
        #[test]
        fn a_deadline_is_over_exactly_when_its_span_has_passed(
            (span, start, later) in (any::<bool>(), 0u64..6, 0u64..20, 0u64..20, 0u64..20, 0u64..20).prop_map(
                |(is_epochs, length, epoch, running, epochs_on, running_on)| {
                    let span = if is_epochs { Span::Epochs(length) } else { Span::Millis(length) };
                    let later = moment(epoch + epochs_on, running + running_on);
                    (span, moment(epoch, running), later)
                },
            )
        ) {
            let is_enough = span.since(start, later).is_enough();
            prop_assert_eq!(ChangeDeadline::after(start, span).is_over(later), is_enough);
        }
    }

    #[test]
    fn a_block_time_is_over_from_its_millisecond_on() {
        let end = ChangeDeadline::Time(Timestamp(7));
        assert_eq!([6, 7, 8].map(|time| end.is_over(moment(0, time))), [false, true, true]);
    }
}
