//! The state machine as a whole: what a transaction can ask, what governance can do, what happens, and why not.
//!
//! One idea carries it: **decide, then apply**. A [`Call`] is judged by `decide`, which reads [`State`](state::State) and can
//! write nothing; what it grants is an [`Event`], which `apply` writes and cannot refuse. Each decision becomes a [`Fact`], and
//! everything else reads facts: state is a fold of them, and so is any explorer's database. A block's header commits to
//! them, refusals included.
//!
//! ```
//! use runtime::{Genesis, replay};
//! # let genesis = runtime::testing::genesis();
//! let mut memory = genesis.build();
//! let context = runtime::testing::context(&genesis, 1);
//! let executed = runtime::execute(&memory, &context, &[]).unwrap();
//! assert_eq!(replay(&memory, &context, &executed.facts), executed.writes);
//! ```
//!
//! # Invariants
//! - Only `record` and `replay` of `execute` call `apply`.
//! - A refused call changes nothing but the fee and the nonce.
//! - `replay` of the facts writes what `execute` wrote: what else a block writes, such as how long the chain has run, follows
//!   from its context.
//! - No block holds what needs a higher level than the one in force, and no level falls ([`LEVEL`]).
//! - What is known of signatures before a block is executed changes nothing of what comes of it, and whoever knows nothing verifies all.
//! - A block brings precommits for its parent exactly while presence is paid for, and each of them was verified.
//! - The tree of blocks grows exactly while its gate is on, by every block since genesis, in order and without a gap.
//! - How bad a fact is follows from it alone: nobody who writes can lower it.
//! - A transaction cannot express a [`Motion`] but as the subject of a proposal.

mod audit;
mod block;
mod bounds;
mod chain;
mod compose;
mod dispatch;
mod execute;
mod fact;
mod frame;
mod genesis;
mod known;
mod last_commit;
mod migrate;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod transaction;

pub use block::{Block, BlockError, Header, Record};
pub use bounds::MOST_RECORD_JSON;
pub use chain::{
    CHAIN, ChainEvent, ChainParams, ConsensusParams, LEAST_BLOCK_READS, Limits, MOST_ENCODED_BLOCK,
    MOST_TRANSACTION_LIFETIME, RUNNING, Room, Running,
};
pub use compose::{Call, Error, Event, Motion, kinds};
pub use execute::{Context, Executed, assemble, execute, execute_knowing, replay};
pub use fact::{Cause, Fact};
pub use frame::moment_of;
pub use genesis::{Genesis, Mistakes};
pub use known::{KnownSignatures, NoneKnown};
pub use last_commit::{LastCommitError, is_last_commit_due};
pub use migrate::{MOST_MOVED, Migration};
// The lane goes with transactions; it stands with the accounts that count by it.
pub use accounts::Lane;
// What a block is decided by goes with blocks; it stands with the validators whose power it counts.
pub use staking::{Certificate, CertificateError};
pub use transaction::{NextBlock, Payload, Transaction, TxError};

/// The level that this code knows: what is in a block of a network at this level or a lower one, it can read, and it decides it as every
/// other build does that may run there. It grows by one with each change of which that would not be true for the build before (ROLLOUTS
/// 3.3); then what is new says so in front of itself, `#[level(..)]` ([`Leveled`](trait@primitives::Leveled)), and what decides otherwise asks
/// [`Moment::level`](primitives::Moment::level).
///
/// 1: plans, flags and roles, polls of members, and what nodes advertise.
pub const LEVEL: u32 = 1;
