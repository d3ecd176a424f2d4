//! When a poll of members ends that nobody decided before.

use parity_scale_codec::{Decode, Encode};
use primitives::{Epoch, Moment, Span};
use serde::{Deserialize, Serialize};

/// When voting on a poll of members ends, if it was not decided before: by the time that the chain has run, in which hours are
/// measured, or by epochs (ROLLOUTS 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Closing {
    /// When the chain has run for so many milliseconds since genesis.
    #[codec(index = 0)]
    Running(u64),
    /// At the start of an epoch.
    #[codec(index = 1)]
    Epoch(Epoch),
}

impl Closing {
    /// So long after a poll was opened. Of epochs only whole ones count, which began after that.
    pub fn after(opened: Moment, within: Span) -> Self {
        match within {
            Span::Millis(millis) => Self::Running(opened.running.saturating_add(millis)),
            Span::Epochs(epochs) => Self::Epoch(opened.epoch.plus(epochs).next()),
        }
    }

    /// Whether it has come.
    pub fn is_over(self, at: Moment) -> bool {
        match self {
            Self::Running(running) => at.running >= running,
            Self::Epoch(epoch) => at.epoch >= epoch,
        }
    }

    /// How long that is after a poll was opened.
    pub fn within(self, opened: Moment) -> Span {
        match self {
            Self::Running(running) => Span::Millis(running.saturating_sub(opened.running)),
            Self::Epoch(epoch) => Span::Epochs(epoch.minus(opened.epoch.0).minus(1).0),
        }
    }
}
