//! The words everyone shares: hashes, keys, heights, epochs, moments, amounts, bounded text and lists.
//!
//! Every type here has one SCALE form (consensus, storage, signing) and one JSON form (people, scripts): byte strings are
//! lower-case hex (any case is read), amounts are decimal strings, fractions are `"1/3"`.
//!
//! ```
//! use primitives::{Epoch, Height};
//! assert_eq!(Height(25).epoch(10), Epoch(2));
//! ```
//!
//! # Invariants
//! - Nothing here reads a clock, draws randomness, or touches a file.
//! - Decoding never allocates more than the bound in the type's name.
//! - One Ed25519 rule: [`PublicKey::verify`] is `verify_strict`, for one signature at a time.
#![cfg_attr(test, allow(clippy::restriction, reason = "a test may stop where it fails"))]

mod amount;
mod bytes;
mod consensus;
mod fraction;
mod keys;
mod merkle;
mod mistake;
mod reading;
mod subject;
mod text;
mod time;
mod vote;

pub use amount::{Amount, NotAnAmount, grouped};
#[cfg(feature = "schema")]
pub use bytes::Hex;
pub use bytes::{BlockHash, BuildHash, Digest, HexError, StateRoot, TransactionHash};
pub use consensus::{VoteKind, proposal_payload, vote_payload};
pub use fraction::Fraction;
pub use keys::{AccountId, PublicKey, SecretKey, Signature};
pub use merkle::merkle_root;
pub use mistake::{Checker, Mistake};
pub use reading::Reading;
pub use subject::Subject;
pub use text::{ChainId, Reason, Text, capitalised};
pub use time::{Epoch, Height, Moment, ProposalId, Timestamp};
pub use vote::{Mandate, TrackName};

/// A list of at most `N` elements; a longer one does not decode, from SCALE or from JSON.
pub type List<T, const N: u32> = bounded_collections::BoundedVec<T, bounded_collections::ConstU32<N>>;
