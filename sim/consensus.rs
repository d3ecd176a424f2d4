//! What a hostile network and dishonest validators can do to blocks: `cargo run -p sim --bin consensus`.

use sim::consensus::{ABOUT, DEFAULT_SEEDS, HostileNetwork, HostileOptions};
use std::process::ExitCode;

fn main() -> ExitCode {
    sim::cli::main::<HostileOptions, HostileNetwork>(ABOUT, HostileNetwork::new, DEFAULT_SEEDS)
}
