//! The words everyone shares: hashes, keys, heights, epochs, moments, spans, amounts, names, paths, bounded text and lists.
//!
//! Every type here has one SCALE form (consensus, storage, signing) and one JSON form (people, scripts): byte strings are
//! lower-case hex (any case is read), amounts are decimal strings, fractions are `"1/3"`. `FromStr` is for what people type, and
//! takes it as they have it: with blanks around it, and hex with `0x` in front.
//!
//! ```
//! use primitives::{Epoch, Height};
//! assert_eq!(Height(25).epoch(10), Epoch(2));
//! ```
//!
//! # Invariants
//! - Nothing here reads a clock, draws randomness, or touches a file.
//! - Decoding never allocates more than the bound in the type's name.
//! - What has a part without a level has none itself: the compiler refuses it.
//! - One Ed25519 rule: [`PublicKey::verify`] is `verify_strict`, for one signature at a time.
#![cfg_attr(test, allow(clippy::restriction, reason = "a test may stop where it fails"))]

// What is derived names this crate, here too.
extern crate self as primitives;

mod amount;
mod audit;
mod bytes;
mod class;
mod consensus;
mod decimal;
mod fraction;
mod keys;
mod level;
mod markdown;
mod merkle;
mod mistake;
mod name;
mod number;
mod pattern;
mod quarter;
mod reading;
mod span;
mod subject;
#[cfg(test)]
mod tests;
mod text;
mod time;
mod vote;

pub use amount::{Amount, AmountError};
pub use audit::{AlertSeverity, AuditActivity, EntityActivity, FactMarks, FindingActivity, RecordClass};
#[cfg(feature = "schema")]
pub use bytes::Hex;
pub use bytes::{BlockHash, BuildHash, Digest, HexError, StateRoot, TransactionHash, typed_digits};
pub use class::ReleaseClass;
pub use consensus::{VoteKind, proposal_payload, vote_payload};
pub use decimal::Decimal;
pub use fraction::Fraction;
pub use keys::{AccountId, PublicKey, SecretKey, Signature};
pub use level::Leveled;
pub use level_derive::Leveled;
pub use markdown::code_span;
pub use merkle::{merkle_leaf, merkle_path, merkle_root};
pub use mistake::{Checker, Mistake};
pub use name::{Name, Path, ScopePattern};
pub use number::{NumberError, grouped, typed_number, typed_number16, typed_number32};
pub use pattern::Pattern;
pub use quarter::Quarter;
pub use reading::Reading;
pub use span::{Elapsed, Span};
pub use subject::Subject;
pub use text::{ChainId, Reason, Text, capitalised};
pub use time::{CaseId, ChainPosition, ChangeId, Epoch, Height, Moment, ProposalId, Timestamp};
pub use vote::{Mandate, TrackName};

/// A list of at most `N` elements; a longer one does not decode, from SCALE or from JSON.
pub type List<T, const N: u32> = bounded_collections::BoundedVec<T, bounded_collections::ConstU32<N>>;
