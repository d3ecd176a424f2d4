//! Stories of the state machine as a whole: transactions, blocks, the life of a release, genesis, certificates.

mod blocks;
mod certificates;
mod genesis;
#[path = "../network/mod.rs"]
mod network;
mod releases;
mod transactions;
