//! Turns the older peer store of the overlay, `overlay_peers.json`, into today's, `overlay/peers.json`.
//!
//! [`migrate`] reads the older document strictly ([`older`] defines it), writes every peer id in its canonical base58, stamps
//! each entry with the time of the migration, and puts the new document in place at once. A node reads the result with
//! [`PeerStore::load`](overlay::PeerStore::load). The older file stays as it is.
//!
//! # Invariants
//! - An entry is migrated in full or the migration is refused with the entry's place; nothing is skipped in silence.
//! - What is at the destination is the old document, or the whole new one.
#![deny(missing_docs)]

mod migrate;
pub mod older;
mod peer_id;

pub use migrate::{MigrateError, Migrated, migrate};
