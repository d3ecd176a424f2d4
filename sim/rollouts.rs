//! What a council gets through and what lapses: see [`sim::rollouts`].

use sim::rollouts::{ABOUT, DEFAULT_SEEDS, Options, Rollouts};
use std::process::ExitCode;

fn main() -> ExitCode {
    sim::cli::main::<Options, Rollouts>(ABOUT, Rollouts::new, DEFAULT_SEEDS)
}
