//! A release that passes every check and hangs: approved, signed, and mute. It is the product's own code in everything but
//! `start`.

use std::process::ExitCode;
use the_block::commands::{arguments, run};

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("start") {
        // As long as it has a supervisor; the rest of the test must not wait for it.
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        return ExitCode::SUCCESS;
    }
    run(arguments())
}
