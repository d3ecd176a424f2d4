//! A chain as a ledger: blocks are proposed, judged and committed on its head, over whatever keeps them.
//!
//! The node is a [`Ledger`] over its store, tests and simulators are one over [`InMemory`]: what is simulated is what runs.
//! Consensus says which block is decided; here is only what a block may be, and what came of it.
//!
//! ```
//! use ledger::{InMemory, Ledger};
//! use primitives::Timestamp;
//! # let genesis = runtime::testing::genesis();
//! # let proposer = runtime::testing::validator(0).account();
//! let mut ledger = Ledger::in_memory(&genesis);
//! let block = ledger.propose(0, Timestamp(genesis.time.0 + 1), proposer, []).unwrap();
//! let certificate = runtime::testing::certificate(&block.header, &[runtime::testing::validator(0)]);
//! let committed = ledger.commit(block, certificate).unwrap();
//! assert_eq!(ledger.head().at.height, committed.height);
//! ```
//!
//! # Invariants
//! - A block is executed once before it is voted for; the outcome is kept until one block of that height is committed.
//! - Nothing is committed that was not executed on the head, and every field of its header compared.
//! - A storage keeps a block as a whole or not at all.
#![cfg_attr(test, allow(clippy::restriction, reason = "a test may stop where it fails"))]

mod head;
mod judge;
mod memory;
mod storage;
#[cfg(test)]
mod tests;

pub use head::Head;
pub use judge::{Committed, JudgeError, Ledger};
pub use memory::{InMemory, KeptBlock};
pub use storage::{Commit, Storage, missing_blocks};
