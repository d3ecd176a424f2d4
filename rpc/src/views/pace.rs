//! When an epoch will begin, as far as can be told.

use crate::chain_view::ChainView;
use crate::error::ReadError;
use primitives::{ChainPosition, Epoch, Height, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How fast blocks come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockPace {
    /// From one block to the next, in milliseconds; on average over the last hundred.
    pub block_ms: u64,
    at: ChainPosition,
    epoch_length: u64,
}

/// The start of an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Deadline {
    /// The epoch.
    pub epoch: Epoch,
    /// Its first block.
    pub height: Height,
    /// Blocks until then; 0 when it has begun.
    pub blocks_left: u64,
    /// When that block is or was made, at the pace of the last hundred blocks. Past ones are reckoned too.
    pub estimated_time: Timestamp,
}

impl BlockPace {
    /// How many blocks back the pace is measured.
    pub const MEASURED: u64 = 100;

    /// The average over the blocks from `earlier` to `at`; `target_ms` where no earlier block is known, or only one lies
    /// between.
    pub fn new(at: ChainPosition, earlier: Option<(Height, Timestamp)>, epoch_length: u64, target_ms: u64) -> Self {
        let average = earlier.and_then(|(height, time)| {
            let blocks = at.height.0.saturating_sub(height.0);
            (blocks > 1).then(|| at.time.0.saturating_sub(time.0) / blocks)
        });
        Self { block_ms: average.unwrap_or(target_ms), at, epoch_length }
    }

    /// Measures the newest [`MEASURED`](Self::MEASURED) blocks; before the second one, `target_ms` is taken.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn measure(view: &dyn ChainView, epoch_length: u64, target_ms: u64) -> Result<Self, ReadError> {
        let at = view.head()?.at;
        let height = at.height.minus(Self::MEASURED);
        let earlier = view.header(height)?.map(|header| (height, header.time));
        Ok(Self::new(at, earlier, epoch_length, target_ms))
    }

    /// When `epoch` begins.
    pub fn start_of(&self, epoch: Epoch) -> Deadline {
        let height = epoch.first_height(self.epoch_length);
        let blocks_left = height.0.saturating_sub(self.at.height.0);
        let ago = self.at.height.0.saturating_sub(height.0);
        let time = self.at.time.0.saturating_add(blocks_left.saturating_mul(self.block_ms));
        let time = time.saturating_sub(ago.saturating_mul(self.block_ms));
        Deadline { epoch, height, blocks_left, estimated_time: Timestamp(time) }
    }
}
