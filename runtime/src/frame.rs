//! What every block writes, whatever is in it: it follows from the block's context alone, like the fee, and is no fact.

use crate::{CHAIN, Context, RUNNING, Running};
use primitives::{ChainPosition, Height, Moment, Timestamp};
use state::State;

impl Context {
    /// The moment at which this block's contents are judged, over the state of the block before.
    pub fn moment(&self, state: &State) -> Moment {
        moment_of(state, self.height, self.time)
    }
}

/// The moment of a block that would stand at a height and a time, over the state of the block before.
pub fn moment_of(state: &State, height: Height, time: Timestamp) -> Moment {
    // Before its own facts, the chain of height 0 has no rules yet: it is in epoch 0 by any, has not run, and knows nothing.
    let Some(chain) = CHAIN.get(state) else { return Moment::of(ChainPosition::of(height, time, 1), 0, 0) };
    let running = RUNNING.require(state).until(time, chain.most_block_ms);
    let position = ChainPosition::of(height, time, chain.epoch_length);
    Moment::of(position, running.ms, releases::queries::level_at(state, position.epoch))
}

/// Writes how long the chain has run by this block, and gives its moment. Comes before all else in a block: what reads the cell
/// meanwhile reads of this block.
pub(crate) fn frame(state: &mut State, context: &Context) -> Moment {
    let at = context.moment(state);
    RUNNING.set(state, &Running { ms: at.running, time: at.time });
    at
}
