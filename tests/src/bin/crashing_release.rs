//! A release that passes every check and does not come up, or does not stay up: approved, signed, and broken. It is the product's
//! own code in everything but `start`.
//!
//! It ends at once with exit code 1, or as is appended to the executable ([`tests::binaries::ending_with`]).

use std::process::ExitCode;
use std::thread;
use std::time::Duration;
use tests::binaries::ENDS_WITH;
use the_block::commands::{arguments, run};

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() != Some("start") {
        return run(arguments());
    }
    let (code, after) = appended().unwrap_or((1, Duration::ZERO));
    if after.is_zero() {
        eprintln!("this release does not come up");
        return ExitCode::from(code);
    }
    thread::spawn(move || {
        thread::sleep(after);
        eprintln!("this release does not stay up");
        std::process::exit(code.into());
    });
    run(arguments())
}

/// The exit code that is appended to this executable, and how long it runs before.
fn appended() -> Option<(u8, Duration)> {
    let own = std::fs::read("/proc/self/exe").ok()?;
    let end = String::from_utf8_lossy(own.get(own.len().saturating_sub(64)..)?);
    let (code, seconds) = end.rsplit_once(ENDS_WITH)?.1.split_once(" after ")?;
    Some((code.parse().ok()?, Duration::from_secs(seconds.parse().ok()?)))
}
