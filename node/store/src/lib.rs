//! The chain on disk: blocks, state and its tree in one RocksDB directory, and what is made of them.
//!
//! A node writes its [`db`]; programs beside it read it as an [`archive`]; [`StoreView`] answers questions about the chain from
//! it. A [`snapshot`] takes the state of one height to a new node, [`Watermarks`] tell a store that lost blocks, [`HomeOrigin`] a home that
//! is a copy, and [`trust`] a store that somebody made. What is known against validators lies beside it until it is on chain, in an [`EvidenceFolder`], and a fork of the
//! network until operators have explained it.
//!
//! # Invariants
//! - Nothing is forgotten, and no snapshot is written or taken, while the state says that this network, or this node, does not (ROLLOUTS 11).
//! - Only a commit writes chain state, one synced batch for each block; a snapshot becomes a store as a whole or not at all.

mod anchor;
pub mod archive;
mod chain;
pub mod db;
mod evidence;
mod forks;
mod gates;
mod origin;
pub mod snapshot;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod watermark;

pub use anchor::{KeptAnchor, Mistrust, anchor_of, known_anchor, newest_end, trust};
pub use chain::{StoreView, begin, head_of};
pub use evidence::EvidenceFolder;
pub use forks::{decided_at, fork_in};
pub use gates::is_on_here;
pub use origin::{Doubt, Found, HomeOrigin, Mark};
pub use watermark::{Behind, Watermark, Watermarks};
