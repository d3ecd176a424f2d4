//! The decoders that strangers reach, each with what must hold of it, whatever it is given.
//!
//! A module has the `check` of one decoder, which gives it any bytes and panics when something does not hold, and its
//! `seeds`, inputs made of the examples and test chains of the other crates. `make fuzz` runs every check under libFuzzer
//! (the targets in `fuzz/` are nothing else); the tests here give it the seeds of `fuzz/seeds`, whole and damaged, so that
//! `make test` notices when a check, a seed or a target has fallen behind.
//!
//! ```
//! use decoders::{Outcome, transaction};
//! assert_eq!(transaction::check(b"no transaction"), Outcome::Refused);
//! ```
//!
//! # Invariants
//! - What a decoder takes is written again as the same bytes; where a value can be written in several ways, as one that reads back
//!   as the same value.
//! - What it does not take is refused by an error that speaks of the input, and of nothing else.
//! - What is shown by a signature or a hash is what was signed or hashed, and nothing that was made of it since.
#![deny(missing_docs)]

pub mod accept_language;
pub mod announcement;
pub mod bao_stream;
pub mod block;
pub mod block_parts;
pub mod configuration;
pub mod consensus_message;
pub mod decision;
mod exchange;
pub mod fact_proof;
pub mod flag_body;
pub mod flag_query;
pub mod flag_ticket;
pub mod flag_token;
pub mod if_none_match;
pub mod note;
pub mod overlay_request;
pub mod peers_json;
pub mod plan_parts;
pub mod pool_exchange;
pub mod profile;
pub mod rpc_body;
pub mod rule;
pub mod snapshot;
mod streams;
pub mod ticket;
pub mod tile_path;
pub mod transaction;

/// The longest input that a decoder is given, in bytes; `scripts/fuzz.sh` has it too.
pub const LONGEST: usize = 64 << 10;

/// What became of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was read to its end.
    Taken,
    /// It was refused, and the error says why.
    Refused,
}

/// An input to begin with; its decoder takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seed {
    /// The name of its file.
    pub name: String,
    /// The input.
    pub bytes: Vec<u8>,
}

/// A decoder.
#[derive(Debug, Clone, Copy)]
pub struct Decoder {
    /// The name of its fuzz target, and of the folder of its seeds.
    pub name: &'static str,
    /// Gives it an input of at most [`LONGEST`] bytes. Panics when something does not hold.
    pub check: fn(&[u8]) -> Outcome,
    /// Inputs to begin with, the same at each call.
    pub seeds: fn() -> Vec<Seed>,
}

macro_rules! decoders {
    ($($name:ident)*) => {
        /// Every decoder.
        pub const DECODERS: &[Decoder] =
            &[$(Decoder { name: stringify!($name), check: $name::check, seeds: $name::seeds }),*];
    };
}

decoders! {
    accept_language
    announcement
    bao_stream
    block
    block_parts
    configuration
    consensus_message
    decision
    fact_proof
    flag_body
    flag_query
    flag_ticket
    flag_token
    if_none_match
    note
    overlay_request
    peers_json
    plan_parts
    pool_exchange
    profile
    rpc_body
    rule
    snapshot
    ticket
    tile_path
    transaction
}

/// Seeds with names that are counted up.
fn numbered(name: &str, inputs: impl IntoIterator<Item = Vec<u8>>) -> Vec<Seed> {
    let seed = |(number, bytes): (usize, Vec<u8>)| Seed { name: format!("{name}_{number:02}"), bytes };
    inputs.into_iter().enumerate().map(seed).collect()
}
