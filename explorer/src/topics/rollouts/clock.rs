//! When something about a change is over, as far as can be told from facts: in time and in blocks.

use primitives::{Epoch, Moment, Timestamp};
use rollouts::deadline::ChangeDeadline;
use rpc::views::{BlockPace, Deadline, DueEstimate};

/// The moment of the newest block, and how fast blocks come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IndexClock {
    /// That moment.
    pub at: Moment,
    /// That pace.
    pub pace: BlockPace,
}

impl IndexClock {
    /// When an epoch begins.
    pub fn start_of(&self, epoch: Epoch) -> Deadline {
        self.pace.start_of(epoch)
    }

    /// When a deadline is over, as a node reckons it.
    pub fn due(&self, deadline: ChangeDeadline) -> DueEstimate {
        let starts = |epoch| self.pace.start_of(epoch);
        let left_ms = match deadline {
            ChangeDeadline::Running(end) => end.saturating_sub(self.at.running),
            ChangeDeadline::Time(end) => end.0.saturating_sub(self.at.time.0),
            ChangeDeadline::Epoch(epoch) => starts(epoch).estimated_time.0.saturating_sub(self.at.time.0),
        };
        let blocks_left = match deadline {
            ChangeDeadline::Epoch(epoch) => starts(epoch).blocks_left,
            _ => left_ms.div_ceil(self.pace.block_ms.max(1)),
        };
        let estimated_time = Timestamp(self.at.time.0.saturating_add(left_ms));
        DueEstimate { deadline, is_over: deadline.is_over(self.at), left_ms, blocks_left, estimated_time }
    }
}
