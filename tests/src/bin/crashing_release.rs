//! A release that passes every check and does not come up: approved, signed, and broken. It is the product's own code in
//! everything but `start`.

use std::process::ExitCode;
use the_block::commands::{arguments, run};

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("start") {
        eprintln!("this release does not come up");
        return ExitCode::from(1);
    }
    run(arguments())
}
