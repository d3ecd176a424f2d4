//! What can be asked about the log of blocks and about its witnesses.

use crate::{BlockLog, Cosignature, EpochCheckpoint, LogWitness, MOST_MISSING, storage::*};
use flags::{Gate, Gates};
use primitives::{AccountId, Amount, Epoch, Height};
use state::State;
use std::ops::Range;
use tlog::{Checkpoint, LogOrigin};

/// The tree of blocks; none while its gate was never on.
pub fn log(state: &State) -> Option<BlockLog> {
    LOG.get(state)
}

/// How many leaves the tree has; 0 while its gate was never on.
pub fn log_size(state: &State) -> u64 {
    log(state).map_or(0, |log| log.frontier.size())
}

/// The raw key of the cell that has it, for a proof of its root.
pub fn log_key() -> &'static [u8] {
    LOG.key()
}

/// What the log is called in what is signed; none while it has no leaf.
pub fn origin(state: &State) -> Option<LogOrigin> {
    ORIGIN.get(state)
}

/// The checkpoint of an epoch; none where the epoch did not begin while the tree grew, or is too old.
pub fn checkpoint(state: &State, epoch: Epoch) -> Option<EpochCheckpoint> {
    CHECKPOINTS.get(state, &epoch)
}

/// All that are kept, the oldest first.
pub fn checkpoints(state: &State) -> impl Iterator<Item = (Epoch, EpochCheckpoint)> {
    CHECKPOINTS.iter(state)
}

/// The newest one.
pub fn newest_checkpoint(state: &State) -> Option<(Epoch, EpochCheckpoint)> {
    checkpoints(state).last()
}

/// The checkpoint of an epoch as it is signed.
pub fn signed_checkpoint(state: &State, epoch: Epoch) -> Option<Checkpoint> {
    let EpochCheckpoint { size, root } = checkpoint(state, epoch)?;
    Some(Checkpoint { origin: origin(state)?, size, root })
}

/// Those who vouch for the log, in the order of their accounts.
pub fn witnesses(state: &State) -> Vec<(AccountId, LogWitness)> {
    REGISTER.iter(state).collect()
}

/// A witness; none where the account is none.
pub fn witness(state: &State, who: &AccountId) -> Option<LogWitness> {
    REGISTER.get(state, who)
}

/// What was cosigned of the checkpoint of an epoch, in the order of the accounts.
pub fn cosignatures(state: &State, epoch: Epoch) -> Vec<(AccountId, Cosignature)> {
    COSIGNED.iter_under(state, &epoch).map(|((_, who), cosignature)| (who, cosignature)).collect()
}

/// Whether an account cosigned the checkpoint of an epoch.
pub fn has_cosigned(state: &State, epoch: Epoch, who: &AccountId) -> bool {
    COSIGNED.contains(state, &(epoch, *who))
}

/// The heights whose blocks are missing in the tree and are appended by the block of a height that stands on this state, in front of its
/// parent: the next [`MOST_MISSING`] at most. None while the tree stands still, and none where only the parent is to be appended.
pub fn missing(state: &State, height: Height) -> Range<u64> {
    if !Gates::of(state).is_on(Gate::RecursiveProofs) {
        return 0..0;
    }
    missing_from(log_size(state), height)
}

/// The same for a tree that grows and has so many leaves, without reading anything.
pub fn missing_from(size: u64, height: Height) -> Range<u64> {
    let Some(parent) = height.0.checked_sub(1).filter(|parent| *parent > size) else { return 0..0 };
    size..parent.min(size.saturating_add(MOST_MISSING.into()))
}

/// What an account has bonded to itself, which is what a witness stands with.
pub fn bond(state: &State, who: &AccountId) -> Amount {
    staking::queries::bonded(state, who, who)
}
