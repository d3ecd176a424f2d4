//! What every block writes, whatever is in it: it follows from the block's context alone, like the fee, and is no fact.

use crate::compose::grow_log;
use crate::{BlockError, CHAIN, Context, RUNNING, Running};
use flags::{Gate, Gates};
use primitives::{ChainPosition, Height, Moment, Timestamp};
use state::State;
use witnesses::queries::{log_size, missing_from};

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

/// Writes how long the chain has run by this block, appends its parent to the tree of blocks where the gate of that was on before the
/// block, and gives its moment. Comes before all else in a block: what reads these cells meanwhile reads of this block.
pub(crate) fn frame(state: &mut State, context: &Context, gates: &Gates) -> Moment {
    let at = context.moment(state);
    RUNNING.set(state, &Running { ms: at.running, time: at.time });
    grow_log(state, at, context, gates);
    at
}

/// Refuses what does not bring as many hashes as there are blocks to be appended to the tree in front of the parent, in the state that it
/// stands on. Whether they are the right ones is for whoever keeps the chain to know: every node that follows it has them.
pub(crate) fn require_missing(state: &State, context: &Context, gates: &Gates) -> Result<(), BlockError> {
    let grows = gates.is_on(Gate::RecursiveProofs);
    let missing = if grows { missing_from(log_size(state), context.height) } else { 0..0 };
    let (have, need) = (context.missing.len() as u64, missing.end.saturating_sub(missing.start));
    if have == need { Ok(()) } else { Err(BlockError::Missing { have, need }) }
}
