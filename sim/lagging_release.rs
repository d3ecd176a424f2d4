//! What becomes of a release on nodes that fetch slowly, crash and lag behind: `cargo run -p sim --bin lagging_release`.

use sim::lagging_release::{ABOUT, DEFAULT_SEEDS, LaggingRelease, Options};
use std::process::ExitCode;

fn main() -> ExitCode {
    sim::cli::main::<Options, LaggingRelease>(ABOUT, LaggingRelease::new, DEFAULT_SEEDS)
}
