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

impl ChangeDeadline {
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
        match self {
            Self::Running(end) => end <= at.running,
            Self::Epoch(end) => end <= at.epoch,
            Self::Time(end) => end <= at.time,
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
