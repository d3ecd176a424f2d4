//! Proof that a chain approves a build, checked without the chain: for nodes before they sync, wallets and explorers.
//!
//! A [`Ticket`] carries a header, the precommits that decided it, and ICS-23 proofs of what state under that header says
//! about a build. [`Ticket::verify`] needs nothing else but an [`Anchor`]: the last validator set the verifier trusts, which
//! is genesis for a newcomer. Where validators have changed since, the ticket brings the headers between
//! ([`SignedHeader`]), and each is trusted by those before it, as in Tendermint's skipping verification: either the trusted
//! header already named its validators, or more than a third of the trusted power signed it and no more than the trusting
//! period has passed. Which headers those are from genesis on is the same for everybody ([`Trail`]). What the validators of a
//! block say about a build is shown the same way, under a header that is trusted already ([`FailedStake`]).
//!
//! The same anchors carry two proofs more: that a fact is on record, however old it is ([`FactProof`]), and what a flag serves at a path
//! ([`FlagTicket`]).
//!
//! ```
//! # let genesis = runtime::testing::genesis();
//! # let build = genesis.releases.approved[0].build_hash;
//! # let ticket = light::testing::TestChain::new(genesis.clone()).ticket(build);
//! let anchor = light::Anchor::genesis(&genesis);
//! let bytes = ticket.to_bytes();
//! let proven = light::Ticket::from_bytes(&bytes).unwrap().verify(&anchor, &build).unwrap();
//! assert_eq!(proven.verdict(), releases::queries::Verdict::Approved);
//! ```
//!
//! # Invariants
//! - No clock is read: every bound is in heights and epochs of verified headers. Whoever has a clock asks
//!   [`Proven::require_recent`] and [`Proven::as_of`] on top, which can only refuse.
//! - Nothing is believed that is not under a verified header's state root, and nothing is read of a network whose level is above that of
//!   this software; a fact alone says what it says, whatever the level.
//! - What a flag serves is said by the function that the chain calls, over rows that are each proven, absent ones too.
//! - A ticket never moves trust backwards: a header below the anchor is refused, and another header at its height is a [`Fork`], as
//!   far as those are trusted who signed it.

mod anchor;
mod failed;
mod file;
mod flags;
mod fork;
mod header;
mod log;
mod recency;
mod route;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod ticket;
mod trail;

pub use self::flags::{FlagQuestion, FlagRows, FlagTicket, FlagTicketError, ProvenFlag};
pub use anchor::{Anchor, Distrust};
pub use failed::{FailedStake, NotShown};
pub use file::MAX_TICKET_BYTES;
pub use fork::Fork;
pub use header::{HeaderError, SignedHeader};
pub use log::{BlockProof, FactInBlock, FactProof, FactProofError};
pub use recency::{NotRecent, Recency};
pub use route::{Unreachable, route};
pub use ticket::{MAX_HOPS, Proven, Ticket, TicketError};
pub use trail::Trail;
