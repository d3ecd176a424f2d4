//! Stories of the state machine as a whole: transactions, blocks, the life of a release, what is said about it, who holds it,
//! rosters, rival proposals, genesis, certificates, the time that the chain runs, its level, who vouches for its log, what that says of
//! facts, and attacks by their numbers.
#![allow(clippy::restriction, reason = "a test may stop where it fails")]

mod attacks;
mod audited;
mod blocks;
mod certificates;
mod cosigning;
mod fleet;
mod genesis;
#[path = "../governed/mod.rs"]
mod governed;
mod held;
mod level;
mod lifetime;
mod manifests;
#[path = "../network/mod.rs"]
mod network;
mod releases;
mod rivals;
mod rosters;
mod running;
mod sealing;
mod transactions;
