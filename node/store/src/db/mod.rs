//! The store: blocks, state and its tree, in one RocksDB directory.
//!
//! A block is stored by one synced write batch ([`Store::commit`]) or not at all. Whoever reads takes a [`View`]: the store
//! as it was at one moment, which no writer waits for and no later block changes. [`Store::verify`] says at startup
//! whether what is stored fits together.
//!
//! | column    | key                          | value                                              |
//! |-----------|------------------------------|----------------------------------------------------|
//! | default   | a word                       | schema, genesis, head, earliest, imported          |
//! | state     | raw state key                | current value                                      |
//! | tree      | version, path                | a node of the state tree, never changed            |
//! | values    | SHA-256 of the key, height   | key and value written at that height, or a removal |
//! | stale     | height                       | what that height's block replaced, for pruning     |
//! | headers   | height                       | header and commit certificate (genesis has none)   |
//! | bodies    | height                       | precommits for the parent, and the transactions    |
//! | records   | height                       | the block's facts                                  |
//! | indexes   | `tx/` or `block/` and a hash | height (and place in the block)                    |
//! | epochs    | height                       | header, certificate and validators of the last     |
//! |           |                              | block of each epoch; never pruned                  |
//! | hops      | number, from 1               | height of a block in `epochs` on which trust steps |
//! |           |                              | on its way from genesis                            |
//! | log       | level, number                | of level 0 the hash of the block of that height, of |
//! |           |                              | a higher one the node of the tree of blocks over so |
//! |           |                              | many of them; never pruned                          |
//!
//! # Invariants
//! - The head's header, the head row, the state column and the tree's newest root say the same, at every moment.
//! - Nodes of the tree enter the cache when their block is committed, never before: until then, a proposal is only one of
//!   several that could claim the same place.
//! - The hash of every block is kept from genesis on, whatever is pruned and whichever gates are off: only a store that an older version
//!   of this software has pruned, or a snapshot of it has begun, lacks the first of them, and says which.
//! - The nodes over them make the tree of blocks that the state has, as far as that goes. For hashes of a snapshot beyond it nobody
//!   vouches until it takes them up; the store says which.
//! - Nothing here knows what a fact, a state key or a consensus message means; only a migration has to, and whoever asks for a gate.
//! - A store is written by [`Store::commit`] and, before it has its place, by an [`Import`]; a [migration](migrate) adds to it
//!   what an older version of this software left out.

mod columns;
mod commit;
mod entries;
mod epochs;
mod error;
mod hashes;
mod hops;
mod import;
mod lock;
mod log;
mod migrate;
mod nodes;
mod open;
mod prune;
mod sorted;
mod staged;
mod verify;
mod view;

pub use commit::Prepared;
pub use epochs::epoch_ends;
pub use error::DbError;
pub use hashes::MOST_LOG_ROWS;
pub use import::{Import, Imported};
pub use open::{Access, Keep, MOST_OPEN_FILES, Settings, Store};
pub use prune::Pruned;
pub use verify::{Damage, Extent, Verified};
pub use view::{StoredHead, UNREADABLE, View};

#[cfg(test)]
mod tests;
