//! What each command does: one file per group.

mod access_log;
pub mod account;
pub mod audit;
pub mod case;
pub mod chain;
pub mod completing;
pub mod explorer;
mod explorer_http;
mod file;
pub mod flags;
pub mod gov;
pub mod keys;
mod manifest_file;
pub mod node;
pub mod probe;
mod proofs;
pub mod release;
pub mod rewards;
pub mod roles;
pub mod rollout;
pub mod sending;
pub mod staking;
pub mod witness;
