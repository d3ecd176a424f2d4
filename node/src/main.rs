//! The `the-block` command: one node, or a network of them.

use std::process::ExitCode;

fn main() -> ExitCode {
    the_block::commands::run(the_block::commands::arguments())
}
