//! The node: the chain on disk, consensus, the overlay, the boot check, and the `the-block` command.
//!
//! Left of this crate everything is pure; here it meets the disk ([`db`]), the clock ([`clock`]), other nodes ([`consensus`],
//! [`overlay`]), its operator ([`config`], [`commands`]) and whoever asks it something ([`service`]). [`boot`] decides whether
//! any of that may start; [`node`] starts it.
//!
//! # Invariants
//! - Nothing listens before the boot check has passed.
//! - Only `commit` writes chain state, one synced batch for each block; a [`snapshot`] becomes a store as a whole or not at all.

pub mod boot;
pub mod build_info;
pub mod chain;
pub mod commands;
pub mod holdings;
pub mod lifetime;
pub mod logging;
pub mod mempool;
pub mod metrics;
pub mod metrics_server;
pub mod network;
pub mod node;
pub mod receipt;
pub mod service;
pub mod supervise;
