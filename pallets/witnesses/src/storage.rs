//! Where the log and its witnesses are kept.

use crate::{BlockLog, Cosignature, EpochCheckpoint, LogWitness};
use primitives::{AccountId, Epoch};
use state::{Item, Map};
use tlog::LogOrigin;

/// The tree; absent until its gate was on for the first time.
pub(crate) const LOG: Item<BlockLog> = Item::new("witnesses/log");

/// What the log is called in what is signed; written with its first leaf.
pub(crate) const ORIGIN: Item<LogOrigin> = Item::new("witnesses/origin");

/// What the tree was at the start of epochs, of the newest that began while it grew.
pub(crate) const CHECKPOINTS: Map<Epoch, EpochCheckpoint> = Map::new("witnesses/checkpoints");

/// Those who vouch for it.
pub(crate) const REGISTER: Map<AccountId, LogWitness> = Map::new("witnesses/register");

/// What they have cosigned, by the epoch and the witness; of each checkpoint that is kept.
pub(crate) const COSIGNED: Map<(Epoch, AccountId), Cosignature> = Map::new("witnesses/cosigned");
