//! How what is asked comes out, judged by what was said and by what the chain measures (ROLLOUTS 7.2): one file for each kind of question,
//! and [`verdict`](verdict::verdict) over all of them.

pub(crate) mod asked;
pub(crate) mod asked_for;
mod build;
mod chorus;
mod clear;
mod drill;
pub(crate) mod fleet;
pub(crate) mod forbid;
pub mod lists;
mod outcome;
mod poll;
mod recoverable;
pub(crate) mod rows;
mod said;
mod soak;
pub mod verdict;
mod watch;
mod word;

pub(crate) use drill::{DrillEnd, drill_state};
pub use verdict::verdict;
