//! Journeys through the real product: real executables, real processes, real ports, on loopback.
//!
//! [`votes`] carries proposals to their end. [`Network`] writes a network with `the-block testnet` and runs its nodes as processes
//! ([`NodeProcess`]); [`contract`] runs the operator's command; [`wallet`] signs what the command would not; [`walk`] is the main job from
//! signature to installed, which both `make demo` and a test take; [`promotion`] is how a council promotes a network, for `make demo-rollout`
//! and a journey; [`shop`] is a shop whose flags are asked by OpenFeature's providers ([`openfeature`]), for `make demo-pos` and journeys;
//! [`soak`] kills validators again and again, in a test and in `make soak`; [`load`] is what strangers ask for all at once; [`offering`]
//! is what benches submit, and [`quick`] how many samples they take.
#![deny(missing_docs)]

pub mod binaries;
pub mod chain;
pub mod clock;
pub mod contract;
pub mod documents;
pub mod drill;
pub mod explorer;
pub mod forwarder;
pub mod http;
pub mod intrusion;
pub mod life;
pub mod load;
pub mod log_check;
pub mod memory;
pub mod mirror;
pub mod network;
pub mod node;
pub mod offering;
pub mod opened;
pub mod openfeature;
pub mod pages;
pub mod pgbouncer;
pub mod postgres;
pub mod processes;
pub mod prometheus;
pub mod promotion;
pub mod provenance;
pub mod quick;
pub mod refusal;
pub mod release;
pub mod shop;
pub mod showing;
pub mod signed;
pub mod soak;
pub mod spoken;
pub mod stored;
pub mod votes;
pub mod walk;
pub mod wallet;

pub use contract::Contract;
pub use explorer::ExplorerProcess;
pub use network::Network;
pub use node::NodeProcess;
pub use prometheus::PrometheusProcess;
pub use signed::SignedManifest;
pub use wallet::TestWallet;
