//! When something about a change is over, as far as can be told.

use crate::chain_view::ChainView;
use crate::error::ReadError;
use crate::views::{BlockPace, Deadline};
use primitives::{Epoch, Moment, Timestamp};
use rollouts::deadline::ChangeDeadline;
use runtime::{CHAIN, moment_of};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use state::State;

/// A deadline, in its own unit, and as time and blocks at the pace of the last hundred blocks. Running time goes on only while the
/// chain does, so it may become later and never earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DueEstimate {
    /// The deadline.
    pub deadline: ChangeDeadline,
    /// Whether it is over.
    pub is_over: bool,
    /// Milliseconds until then; 0 when it is over.
    pub left_ms: u64,
    /// Blocks until then; 0 when it is over.
    pub blocks_left: u64,
    /// When that is, in milliseconds since 1970; of one that is over, the time of the newest block.
    pub estimated_time: Timestamp,
}

/// The moment of the newest block, and how fast blocks come.
#[derive(Debug, Clone, Copy)]
pub struct RolloutClock {
    /// That moment.
    pub at: Moment,
    pace: BlockPace,
}

impl RolloutClock {
    /// At a moment, at a pace.
    pub fn new(at: Moment, pace: BlockPace) -> Self {
        Self { at, pace }
    }

    /// That of the newest block of a view, whose state is given too.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn of(view: &dyn ChainView, state: &State) -> Result<Self, ReadError> {
        let (head, chain) = (view.head()?, CHAIN.require(state));
        let pace = BlockPace::measure(view, chain.epoch_length, chain.consensus.block_time_ms)?;
        Ok(Self::new(moment_of(state, head.at.height, head.at.time), pace))
    }

    /// The same pace at another moment.
    pub fn at_moment(&self, at: Moment) -> Self {
        Self { at, ..*self }
    }

    /// When an epoch begins.
    pub fn start_of(&self, epoch: Epoch) -> Deadline {
        self.pace.start_of(epoch)
    }

    /// The pace, for whoever else tells of deadlines.
    pub fn pace(&self) -> BlockPace {
        self.pace
    }

    /// When a deadline is over.
    pub fn due(&self, deadline: ChangeDeadline) -> DueEstimate {
        let left_ms = match deadline {
            ChangeDeadline::Running(end) => end.saturating_sub(self.at.running),
            ChangeDeadline::Time(end) => end.0.saturating_sub(self.at.time.0),
            ChangeDeadline::Epoch(epoch) => self.pace.start_of(epoch).estimated_time.0.saturating_sub(self.at.time.0),
        };
        let blocks_left = match deadline {
            ChangeDeadline::Epoch(epoch) => self.pace.start_of(epoch).blocks_left,
            _ => left_ms.div_ceil(self.pace.block_ms.max(1)),
        };
        let estimated_time = Timestamp(self.at.time.0.saturating_add(left_ms));
        DueEstimate { deadline, is_over: deadline.is_over(self.at), left_ms, blocks_left, estimated_time }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::{ChainPosition, Height};

    /// Height 25 of epochs of ten blocks, one of which comes every two seconds.
    fn clock() -> RolloutClock {
        let at = ChainPosition { height: Height(25), epoch: Epoch(2), time: Timestamp(100_000) };
        RolloutClock::new(Moment::of(at, 40_000, 1), BlockPace::new(at, None, 10, 2_000))
    }

    #[test]
    fn each_unit_comes_out_as_time_and_blocks() {
        let seen = |deadline| {
            let due = clock().due(deadline);
            (due.is_over, due.left_ms, due.blocks_left, due.estimated_time.0)
        };
        assert_eq!(seen(ChangeDeadline::Running(43_000)), (false, 3_000, 2, 103_000));
        assert_eq!(seen(ChangeDeadline::Time(Timestamp(104_000))), (false, 4_000, 2, 104_000));
        assert_eq!(seen(ChangeDeadline::Epoch(Epoch(3))), (false, 10_000, 5, 110_000));
    }

    #[test]
    fn what_is_over_leaves_nothing() {
        let over =
            [ChangeDeadline::Running(40_000), ChangeDeadline::Time(Timestamp(1)), ChangeDeadline::Epoch(Epoch(2))];
        for deadline in over {
            let due = clock().due(deadline);
            assert!(due.is_over, "{due:?}");
            assert_eq!((due.left_ms, due.blocks_left, due.estimated_time.0), (0, 0, 100_000), "{due:?}");
        }
    }
}
