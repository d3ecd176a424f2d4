//! What governance approved in a cycle: backend switches, releases, roster changes, builds taken out of use.
//!
//! A [`History`] holds everything that governance ever decided about releases, as the chain types say it. It comes from a
//! node's store ([`History::of_store`]), from a running node ([`History::of_node`]), or from a file that was exported from
//! either ([`History::of_file`]), and is the same from all three. [`Notes`] select a cycle of it and say what changed;
//! [`Notes::markdown`] and their JSON show it.
//!
//! # Invariants
//! - The notes of a history do not depend on where the history came from.
//! - Text from the chain is shown as literal text: it forms no markup, link or line of its own.
#![deny(missing_docs)]

mod export;
mod history;
mod markdown;
mod node;
mod notes;
mod store;

pub use export::FileError;
pub use history::{EnactedMotion, History};
pub use node::HistoryReadError;
pub use notes::{Component, Keys, Notes, Release, Retirement, Since, Switch};
pub use store::StateError;
