//! What each command does: one file per group.

pub mod account;
pub mod audit;
pub mod case;
pub mod chain;
pub mod completing;
pub mod explorer;
mod file;
pub mod flags;
pub mod gov;
pub mod keys;
mod manifest_file;
pub mod node;
pub mod probe;
pub mod release;
pub mod roles;
pub mod rollout;
pub mod sending;
pub mod staking;
