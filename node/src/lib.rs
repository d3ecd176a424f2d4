//! The node and the `the-block` command: everything that runs, put together.
//!
//! The [`chain`] over its store is what consensus decides on and the overlay gossips for; [`commands`] are what its operator
//! types, [`gossip`] ties pool and overlay together, [`witness`] serves the log of blocks and vouches for it, [`service`] answers whoever asks, [`supervise`] keeps it on the release that the chain approves. [`boot`] decides
//! whether any of that may start; [`node`] starts it.
//!
//! # Invariants
//! - Nothing listens before the boot check has passed.
//! - Blocks are committed by consensus alone, one after the other.

pub mod audit_signal;
pub mod audit_watch;
pub mod boot;
pub mod build_info;
pub mod chain;
pub mod commands;
pub mod described;
pub mod descriptors;
pub mod evidence;
pub mod flag_server;
pub mod fleet;
pub mod gather;
pub mod gossip;
pub mod governed_start;
pub mod holdings;
pub mod host_pattern;
pub mod lifetime;
pub mod log_metrics;
pub mod logging;
pub mod memory;
pub mod mempool;
pub mod metrics;
pub mod metrics_server;
pub mod network;
pub mod new_files;
pub mod node;
pub mod own;
pub mod receipt;
pub mod release_channel;
pub mod roll_call;
pub mod rollout_metrics;
pub mod service;
pub mod supervise;
pub mod witness;
