//! A release that would let itself run: approved and signed, it answers everything with exit code 0, and it leaves a mark when it
//! is executed. Only its self-check, without which it would never be installed, is the product's own.
//!
//! What is appended to the executable says where the mark is left ([`tests::binaries::obliging`]).

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::process::ExitCode;
use tests::binaries::MARKED_AT;
use the_block::commands::{arguments, run};

/// More than what is appended has.
const END: u64 = 4096;

fn main() -> ExitCode {
    if let Err(error) = leave_mark() {
        eprintln!("no mark can be left: {error}");
        return ExitCode::from(3);
    }
    if std::env::args().nth(1).as_deref() == Some("--self-check") { run(arguments()) } else { ExitCode::SUCCESS }
}

/// Appends what this process was asked.
fn leave_mark() -> std::io::Result<()> {
    let mut own = File::open("/proc/self/exe")?;
    let size = own.metadata()?.len();
    own.seek(SeekFrom::Start(size.saturating_sub(END)))?;
    let mut end = Vec::new();
    own.read_to_end(&mut end)?;
    let end = String::from_utf8_lossy(&end);
    let (_, place) = end.rsplit_once(MARKED_AT).ok_or_else(|| std::io::Error::other("nothing says where"))?;
    let asked: Vec<String> = std::env::args().skip(1).collect();
    writeln!(File::options().create(true).append(true).open(place)?, "{}", asked.join(" "))
}
