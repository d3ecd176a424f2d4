//! How a profile file becomes a plan, and a plan a file and a page again.
//!
//! A profile says everything that an organisation decides about what changes, in which order and on whose word: it is TOML, names a
//! bundle of stages beside it (or holds it), and points into documents by `path#anchor`. [`read`] takes the bytes of all of these
//! from whoever has them and comes to a [`Plan`](rollouts::plan::Plan); [`load`] has them from a disk. Reading is strict: a key that
//! is not known, a value that is not possible, a number that is left out, a section that a document lacks and everything that
//! [`Plan::mistakes`](rollouts::plan::Plan::mistakes) finds are told at once, each with its file and line.
//!
//! ```
//! # struct Nothing;
//! # impl profiles::ProfileFiles for Nothing {
//! #     fn bundle(&self, _: &str) -> Result<Vec<u8>, String> { Err("no such file".into()) }
//! #     fn document(&self, _: &str) -> Result<Vec<u8>, String> { Err("no such file".into()) }
//! # }
//! let mistakes = profiles::read("shop.toml", b"profile = 1\nnam = \"shop\"\n", &Nothing).unwrap_err();
//! assert!(mistakes.to_string().contains("line 2: nam is not a known key; did you mean name?"));
//! ```
//!
//! # Invariants
//! - No number of a policy has a default: one that is left out is refused by its name.
//! - No key that is not known is passed over, and none hides another.
//! - No hash is of other bytes than those that were read: a bundle's is what `b3sum` prints for its file.
//! - No segment is named but one that the profile lists, or `validators`, whose members are asked.
//! - No file costs more than its length times what [`strict`] allows it: a mebibyte, sixteen levels, paths of 256 bytes.
//! - No file is read but by [`load`], and no document from outside of its root through `..`.
#![cfg_attr(test, allow(clippy::restriction, reason = "a test may stop where it fails"))]

pub mod anchors;
pub mod bundle;
mod documents;
mod load;
mod mistake;
mod plan;
mod profile;
mod segments;
pub mod strict;
pub mod text;
mod words;

pub use documents::ProfileFiles;
pub use load::load;
pub use mistake::{MistakeKind, ProfileMistake, ProfileMistakes};
pub use plan::{Loaded, read};
