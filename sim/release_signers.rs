//! What becomes of releases when signers come, go, lose their keys or have them stolen: `cargo run -p sim --bin
//! release_signers`.

use sim::release_signers::{ABOUT, DEFAULT_SEEDS, Options, ReleaseSigners};
use std::process::ExitCode;

fn main() -> ExitCode {
    sim::cli::main::<Options, ReleaseSigners>(ABOUT, ReleaseSigners::new, DEFAULT_SEEDS)
}
