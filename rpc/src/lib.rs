//! What a node can be asked: JSON-RPC over HTTP and WebSocket, at a port, and for its operator over a socket in its home.
//!
//! [`api`] names the methods, one trait per namespace; from it come the server and the typed client. The answers are the
//! chain's own types, and [`views`] where an answer joins several. A node implements [`NodeSource`], what answers are read
//! from, and starts [`serve`] and [`serve_operator`]; a client opens a [`client::Node`], and writes with a [`client::Wallet`].
//! What both begin with comes from a [`genesis_file`].
//!
//! ```no_run
//! # async fn example() -> Result<(), rpc::client::CallError> {
//! use rpc::api::GovApiClient;
//! let node = rpc::client::Node::open("http://127.0.0.1:26600")?;
//! let signers = node.release_signers().await.map_err(|error| node.explain(error))?;
//! println!("{} signatures are needed", signers.threshold);
//! # Ok(()) }
//! ```
//!
//! # Invariants
//! - An answer is read from one snapshot, and no reader holds up the writer.
//! - Every method, its parameters and its result are in [`methods::METHODS`], from which `rpc.discover` is made; what is not
//!   in it is refused, by name.
//! - No schema is written by hand: [`shapes`] are derived from the types, and their comments are the descriptions.
//! - Every refusal has a code of its own ([`error::TABLE`]), a sentence, and the typed error as `data`.
//! - Nothing a client sends makes the node hold more than the bounds of [`ServerConfig`].
//! - No method of the port acts on the node, whoever asks; what does is answered over the operator's socket alone.
#![deny(missing_docs)]

mod answer_size;
pub mod api;
mod chain_view;
pub mod client;
pub mod error;
pub mod genesis_file;
#[cfg(any(test, feature = "testing"))]
pub mod golden;
mod listener;
pub mod methods;
mod openrpc;
mod probe;
mod server;
pub mod shapes;
mod socket;
mod source;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod views;
pub mod wire;

pub use answer_size::MOST_ANSWER_BYTES;
pub use chain_view::{AtEachRow, ChainView, WatchedView};
pub use error::{ReadError, SubmitError};
pub use ledger::Head;
pub use listener::{listen_on, take_address};
pub use openrpc::document as openrpc;
pub use probe::{Probe, ProbeAudience, Probed, Probes};
pub use server::{
    AddressRange, NoRange, Observer, OperatorServer, ServeError, Server, ServerConfig, most_descriptors, serve,
    serve_operator,
};
pub use socket::OPERATOR_SOCKET;
pub use source::NodeSource;
