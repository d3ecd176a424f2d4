//! Simulations of a network before something about it is changed: many futures, each from a seed, in which the real rules decide.
//!
//! Nothing is imitated that can be run: blocks are built and judged by the [`ledger`] over memory, votes and releases are the pallets',
//! a node's decisions about a release are those of [`rollout`], and consensus is Malachite's core. What is made up is the
//! world around them: time, links, disks, clocks, people.
//!
//! | program | asks |
//! |---|---|
//! | [`release_signers`] | what lost and stolen keys, absent voters and another threshold do to releases |
//! | [`lagging_release`] | how a release comes to nodes that are slow, crash, or are lied to |
//! | [`consensus`] | what a bad network and dishonest validators do to blocks |
//! | [`governance`] | what hostile accounts do to honest motions |
//! | [`rollouts`] | what a council gets through under a plan, and what lapses, where neither people nor nodes are always there |
//!
//! A future is a plan (what happens, faults included) that is drawn from a seed and played; it breaks a property or keeps them all, and
//! comes to an outcome. Outcomes are counted into answers. A future that breaks something is named with the command that
//! shows it again, and its plan is shrunk.
//!
//! # Invariants
//! - No clock, file or thread in a future, and no chance but [`chance::Chance`]: a seed has one trace, on any machine.
//! - No rule of the product is broken by a switch in it: what a test breaks is broken here.

mod again;
pub mod answer;
pub mod chain;
pub mod chance;
pub mod cli;
pub mod consensus;
pub mod disk;
pub mod drift;
pub mod futures;
pub mod governance;
pub mod keys;
pub mod lagging_release;
pub mod links;
pub mod network;
mod page_file;
pub mod played;
pub mod property;
pub mod release_signers;
pub mod report;
pub mod rollouts;
pub mod run;
pub mod shrink;
pub mod source;
pub mod summary;
mod verdict;
pub mod world;
