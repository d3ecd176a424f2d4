//! What the comparison with other engines is made of: a plan of flags, and an allocator that counts.

pub mod counting;

/// The plan that the bench of `flags` itself is made with.
#[path = "../../../pallets/flags/benches/resolve/shop.rs"]
#[allow(missing_docs, clippy::unwrap_used, reason = "it is written for a bench, which may stop where it fails")]
pub mod shop;
