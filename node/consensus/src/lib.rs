//! How the nodes agree on one chain: Malachite, a Tendermint consensus engine, joined to our chain.
//!
//! Malachite decides hashes. A proposer's block travels in signed parts, as the ids of its transactions where that is much shorter
//! (`streaming`); every validator executes it once before it votes (`proposals`), and commits it once when two thirds have precommitted
//! it (`app_loop`). A node that was away fetches decided blocks with their certificates (`catch_up`). What a validator has seen of an
//! undecided height outlives it: votes in Malachite's write-ahead log, blocks in the log of `undecided`.
//!
//! The chain is an [`Application`]; [`start`] joins the two.
//!
//! # Invariants
//! - A block that [`Application::validate`] refuses is never voted for.
//! - A validator is asked to build a block once for a height and round, and proposes that block even after a crash.
//! - No block is spoken of that is not on the disk first, and one sync brings it there.
//! - A vote signs the bytes of `primitives::vote_payload`, so a commit certificate needs no Malachite to check.
//! - What proves that a validator contradicted itself is handed to the chain before the log that has it is emptied.
//! - A key that may not sign here signs nothing: the engine then runs under a key of the moment, and follows.
//! - What a peer sends is bounded in size and number before memory or time is spent on it.
//! - No part of a block is looked at that neither a configured peer published nor a proven one, but out of a neighbour's budget.
//! - No signature of an announcement is checked before every rule that costs nothing, nor on the loop.
//! - No block is put together from ids, or from anything else, that has not the announced length and digest, and none of a later round
//!   hangs on what others have.
//! - The pool is looked through for the ids of one block of the height being decided, of its proposer in the first round, and for no others.
//! - No publisher is asked twice by one peer for the same, and none tells a transaction of a stream, or the whole of it, more than once.
//! - Nothing here runs on after the chain could not commit.
//! - Everything here runs on threads of its own (`threads`), and nothing else does.

mod app_loop;
mod application;
mod catch_up;
mod certificate;
mod codec;
mod config;
mod connections;
mod context;
mod engine;
#[cfg(any(test, feature = "testing"))]
pub mod flood;
mod messages;
mod metrics;
mod misbehaviour;
mod pen;
mod proposals;
mod senders;
mod sets;
mod signing;
mod streaming;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod threads;
mod undecided;
mod voices;

pub use application::{Application, Blame, Origin, Signing, TwinSighting};
pub use arc_malachitebft_core_types::LinearTimeouts;
pub use certificate::{chain_certificate, core_certificate};
pub use config::{ConsensusConfig, timeouts};
// What validators of this chain say, for whoever drives Malachite's core without this engine, as simulators do.
pub use context::{Address, BlockHeight, BlockValue, ChainContext, Members, Voter};
pub use engine::{ConsensusHandle, ConsensusPeers, KeyWatch, start};
pub use libp2p::{Multiaddr, identity::Keypair};
pub use messages::{Announcement, Lacking, ProposalMessage, ProposalPart, Vote};
pub use metrics::{LOG_FILTER, metrics_text};
pub use misbehaviour::offences;
pub use signing::{Ed25519Strict, KeyError, Signatory, SignatureChecker};
pub use voices::Voices;

#[cfg(test)]
mod tests;
