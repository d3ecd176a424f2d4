//! What a program of the house is told by the machine it runs on: the time ([`clock`]), the home of a node with what its
//! operator has set ([`config`]) there or in the environment ([`variables`]), the keys that lie there ([`keys`]), and the
//! signers whom the operator trusts ([`provenance`]).
//!
//! Where another user runs the node than supervises it, [`user`] acts as that one, and [`owners`] says whose each file is.
//! The log of denied reads hangs together by the [`access_log`], for who writes it and for who takes it away.
//! What programs say to who reads along goes through the [`console`], [`signals`] are those that end none of them,
//! and [`threads`] are what waits for all the rest.
//!
//! Whoever reads a node's store, fetches its releases or runs it starts here. Nothing in it listens or asks.
//!
//! ```
//! use host::config::{Config, Home};
//! let home = Home::at("/var/lib/node0");
//! assert_eq!(home.artifacts(), home.path().join("artifacts"));
//! assert!(home.gov_db(&Config::default()).is_absolute());
//! ```
//!
//! # Invariants
//! - A configuration says nothing that all validators have to agree on; that is in genesis.

pub mod access_log;
pub mod clock;
pub mod config;
pub mod console;
pub mod handover;
pub mod keys;
pub mod memory;
pub mod owners;
pub mod provenance;
mod secret;
pub mod signals;
pub mod threads;
pub mod token;
pub mod user;
pub mod variables;
