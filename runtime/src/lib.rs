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
//! - A transaction cannot express a [`Motion`] but as the subject of a proposal.

mod block;
mod bounds;
mod chain;
mod compose;
mod execute;
mod fact;
mod frame;
mod genesis;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod transaction;

pub use block::{Block, BlockError, Header, Record};
pub use bounds::MOST_RECORD_JSON;
pub use chain::{
    CHAIN, ChainEvent, ChainParams, ConsensusParams, Limits, MOST_ENCODED_BLOCK, MOST_TRANSACTION_LIFETIME, RUNNING,
    Room, Running,
};
pub use compose::{Call, Error, Event, Motion, kinds};
pub use execute::{Context, Executed, assemble, execute, replay};
pub use fact::{Cause, Fact};
pub use frame::moment_of;
pub use genesis::{Genesis, Mistakes};
// What a block is decided by goes with blocks; it stands with the validators whose power it counts.
pub use staking::{Certificate, CertificateError};
pub use transaction::{Payload, Transaction, TxError};
