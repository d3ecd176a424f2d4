//! A release that passes every check and does not come up: approved, signed, and broken. It is the product's own code in
//! everything but `start`.
//!
//! It ends with exit code 1, or with the one that is appended to the executable ([`tests::binaries::ending_with`]).

use std::process::ExitCode;
use tests::binaries::ENDS_WITH;
use the_block::commands::{arguments, run};

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("start") {
        eprintln!("this release does not come up");
        return ExitCode::from(code().unwrap_or(1));
    }
    run(arguments())
}

/// What is appended to this executable.
fn code() -> Option<u8> {
    let own = std::fs::read("/proc/self/exe").ok()?;
    let end = own.get(own.len().saturating_sub(64)..)?;
    let end = String::from_utf8_lossy(end);
    end.rsplit_once(ENDS_WITH)?.1.parse().ok()
}
