//! Memory: typed cells over an ordered key-value backend, and the root that commits to all of it.
//!
//! A pallet declares its storage as constants ([`Item`], [`Map`], [`Set`], [`Log`]) and reads and writes them through a [`State`]:
//! pending writes over a [`Backend`]. A block's writes are taken out at the end ([`State::into_writes`]), hashed into the
//! [`tree`], and stored at once or not at all.
//!
//! ```
//! use state::{Map, Memory, State};
//! const AGE: Map<u64, u32> = Map::new("example/age");
//!
//! let memory = Memory::default();
//! let mut state = State::over(&memory);
//! AGE.set(&mut state, &7, &42);
//! assert_eq!(AGE.get(&state, &7), Some(42));
//! ```
//!
//! # Invariants
//! - A key is its cell's path as text, then order-preserving key bytes: a raw dump explains itself, and keys sort as values.
//! - Reading never writes; [`State`] takes `&mut` for every write.
//! - A stored value that does not decode stops the node ([`corrupt`]): a stopped node is safe, a wrong one is not.
#![cfg_attr(test, allow(clippy::restriction, reason = "a test may stop where it fails"))]

mod backend;
mod cell;
mod faces;
mod key;
mod overlay;
mod proof;
mod stored;
pub mod tree;

pub use backend::{Backend, LentEntry, Memory, StateEntry};
pub use cell::{Item, Log, Map, Set};
pub use faces::{Apply, AuditedEvent, AuditedRefusal, Decide, Enact, Told};
pub use key::{Key, KeyBytes, Under};
pub use overlay::{State, Writes, scan_over};
pub use proof::{ProofError, StateProof, proof_spec};

/// How the message of [`corrupt`] begins, by which a process tells it from other panics.
pub const CORRUPT: &str = "chain state is damaged";

/// Stops the node because stored state is not what this software wrote: the disk, or the software, is broken.
#[expect(clippy::panic, reason = "the one place that stops the node; see the crate's invariants")]
pub fn corrupt(what: &str) -> ! {
    panic!("{CORRUPT}: {what}; restore this node from a snapshot or from its peers")
}
