//! What events do to the register and to what was cosigned, and what every block does to the tree.

use crate::{BlockLog, EpochCheckpoint, Event, LogWitness, MOST_CHECKPOINTS, queries, storage::*};
use primitives::{BlockHash, ChainId, Epoch, Height, Moment};
use state::{Apply, State};
use tlog::{BlockLeaf, Frontier, LogOrigin};

impl Apply for Event {
    fn apply(&self, state: &mut State, at: Moment) {
        match self {
            Event::Registered { witness, name, key, is_member } => {
                let (name, registered) = (name.clone(), at.epoch);
                REGISTER.set(state, witness, &LogWitness { name, key: *key, registered, is_member: *is_member });
            }
            Event::Retired { witness } => REGISTER.remove(state, witness),
            Event::Cosigned { witness, epoch, cosignature, .. } => {
                COSIGNED.set(state, &(*epoch, *witness), cosignature);
            }
        }
    }
}

/// What a block brings that the tree grows by.
pub struct Grown<'b> {
    /// The network.
    pub chain_id: &'b ChainId,
    /// The blocks of the heights that are [missing](queries::missing), in order.
    pub missing: &'b [BlockHash],
    /// The block before this one.
    pub parent: BlockHash,
    /// Whether this is the first block of its epoch that validators decide.
    pub begins_epoch: bool,
}

/// Appends to the tree what a block brings, and keeps the checkpoint of an epoch that begins. It follows from where the block stands, like
/// how long the chain has run, and is no fact; whoever calls it knows that the gate was on before the block.
pub fn grow(state: &mut State, at: Moment, grown: &Grown<'_>) {
    let Some(parent) = at.height.0.checked_sub(1) else { return };
    let mut frontier = LOG.get(state).map_or_else(Frontier::default, |log| log.frontier);
    let range = queries::missing_from(frontier.size(), at.height);
    if frontier.size() == 0 {
        // Leaf 0 is genesis, whose hash names the log.
        let genesis = grown.missing.first().unwrap_or(&grown.parent);
        ORIGIN.set(state, &LogOrigin::of(grown.chain_id, genesis));
    }
    for (height, block) in range.zip(grown.missing) {
        frontier.append(BlockLeaf { height: Height(height), block: *block }.hash());
    }
    if frontier.size() == parent {
        frontier.append(BlockLeaf { height: Height(parent), block: grown.parent }.hash());
    }
    if grown.begins_epoch {
        checkpointed(state, at.epoch, &frontier);
    }
    let last = Height(frontier.size().saturating_sub(1));
    LOG.set(state, &BlockLog { frontier, last });
}

/// Keeps the checkpoint of an epoch, and forgets the oldest where there are too many.
fn checkpointed(state: &mut State, epoch: Epoch, frontier: &Frontier) {
    let kept: Vec<Epoch> = queries::checkpoints(state).map(|(epoch, _)| epoch).collect();
    if let Some(oldest) = kept.first().filter(|_| kept.len() >= MOST_CHECKPOINTS as usize) {
        CHECKPOINTS.remove(state, oldest);
        for (witness, _) in queries::cosignatures(state, *oldest) {
            COSIGNED.remove(state, &(*oldest, witness));
        }
    }
    CHECKPOINTS.set(state, &epoch, &EpochCheckpoint { size: frontier.size(), root: frontier.root() });
}
