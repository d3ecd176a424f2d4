//! What the evaluation plane asks of the node that it is part of.

use crate::writes::FlagWrites;
use primitives::{Digest, Height, Timestamp};
use state::State;
use tlog::Tile;

/// Why something of the log of blocks cannot be read; for the log of this node, and for nobody who asks.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct LogUnread(pub String);

/// A node, as far as flags are evaluated from it.
pub trait ChainSource: Send + Sync + 'static {
    /// The hash of the network's genesis, which every token names. Does not block.
    fn network(&self) -> Digest;

    /// Calls `ask` once with the state after the newest block, and the height and time of that. May read the disk; must not hold up a
    /// writer.
    fn read(&self, ask: &mut dyn FnMut(&State<'_>, Height, Timestamp));

    /// The height and the time of the newest block. Does not block.
    fn newest(&self) -> (Height, Timestamp);

    /// This machine's clock.
    fn clock(&self) -> Timestamp;

    /// What blocks wrote below `flags/` and `roles/`. Does not block.
    fn writes(&self) -> &FlagWrites;

    /// The newest checkpoint of the log of blocks, signed, as a note; none while there is none. May read the disk.
    fn log_checkpoint(&self) -> Option<String>;

    /// The bytes of a tile of the log of blocks; none of one that it has not got whole. May read the disk.
    ///
    /// # Errors
    /// It cannot be read.
    fn log_tile(&self, tile: &Tile) -> Result<Option<Vec<u8>>, LogUnread>;

    /// Why this node should not be asked now, such as that the chain does not move here; none when it should. May block.
    fn complaint(&self) -> Option<String>;
}

/// The later of block time and the machine's clock, by which tokens are judged: a clock that was set back makes none good again.
pub(crate) fn now(source: &dyn ChainSource) -> Timestamp {
    source.clock().max(source.newest().1)
}
