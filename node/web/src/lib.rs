//! The evaluation plane of a node: values of flags for whoever asks with a token, over OFREP 0.3.0, with streams that say when some have
//! changed, and previews of what a stage serves (ROLLOUTS 12). Beside that, for anybody: the log of blocks, as `tlog-tiles` of C2SP has it.
//!
//! Chain state is public; what is kept apart here is evaluation. A token, signed by an account, opens one scope of one plan, and whoever
//! has it is told of nothing else: not of another tenant's values, nor of its name, nor that it is there. A node that is part of this is a
//! [`ChainSource`]; an [`EvaluationPlane`] compiles the flags of the plans that its settings name after each block that wrote about them,
//! and answers from that alone. [`Endpoints`] are what it is asked at, and [`serve`] listens.
//!
//! # Invariants
//! - No answer to a token says a name of another tenant than its own that the asker did not bring.
//! - No answer waits for a block, and no block for an answer: what is compiled is published whole.
//! - No token counts any longer than its issuer may issue it: each block that writes about roles or flags has it judged again.
//! - What a proxy says about an address counts for rates and places, and never for a right.
//! - Nothing that strangers send is remembered without a bound, and no plan is compiled twice while another waits.

pub mod access_log;
mod asked;
mod channels;
mod connections;
mod endpoints;
mod etag;
mod health;
mod json;
mod locales;
mod log;
mod metrics;
mod ofrep;
mod origins;
mod places;
mod plane;
mod plans;
mod preview;
mod query;
mod rates;
pub mod reading;
mod refusal;
mod scope;
mod server;
mod source;
mod streams;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tokens;
mod turns;
mod visitor;
mod writes;
mod written;

pub use access_log::AccessLog;
pub use connections::most_connections;
pub use endpoints::Endpoints;
pub use locales::{LocaleMistake, Locales};
pub use metrics::WebMetrics;
pub use plane::EvaluationPlane;
pub use server::serve;
pub use source::{ChainSource, LogUnread};
pub use writes::FlagWrites;
