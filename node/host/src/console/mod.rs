//! What a program writes to its terminal, or to whatever its standard output and standard error lead to.
//!
//! Who reads there only watches. A reader that has gone, one that stands still, and a disk without room end no program, hold
//! none up and change no exit code. An answer that was asked for is [`print`]ed, and waits for its reader as pipes do. What is
//! said beside the work goes through a bounded queue to a thread of its own: log lines ([`log_lines`]), sentences ([`say`]) and what a
//! program that goes on [`announce`]s. What nobody takes is [lost](lost_lines) and counted.
//!
//! # Invariants
//! - Nothing here panics, and nothing but [`print`] waits for a reader.
//! - Log lines and sentences keep their order.

mod queue;
#[cfg(test)]
mod tests;

use crate::variables::variable;
use queue::Queue;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::error::Error;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::os::fd::AsFd;
use std::panic::PanicHookInfo;
use std::sync::OnceLock;
use std::time::Duration;

/// Bytes that wait for a reader of one stream, at most.
const MOST_WAITING: usize = 4 << 20;
/// How long a program that ends waits for who reads what it has said.
const PATIENCE: Duration = Duration::from_secs(1);

/// What leads to standard error, from the first sentence or log line on; none where the system gives no thread for it.
static ERRORS: OnceLock<Option<Queue>> = OnceLock::new();
/// What leads to standard output, beside answers.
static ANNOUNCED: OnceLock<Option<Queue>> = OnceLock::new();

/// An answer that could not be printed, though somebody may wait for it.
#[derive(Debug, thiserror::Error)]
#[error("the answer cannot be printed: {0}; check where standard output leads")]
pub struct NotPrinted(io::Error);

/// Prints an answer, whole lines, to standard output. A reader that has seen enough, such as `head`, is no failure.
///
/// # Errors
/// When it cannot be written for another reason, such as a full disk.
pub fn print(answer: &str) -> Result<(), NotPrinted> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(answer.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(NotPrinted(error)),
        _ => Ok(()),
    }
}

/// Says a sentence, or several lines, on standard error.
pub fn say(sentence: &str) {
    to_errors(format!("{sentence}\n").as_bytes());
}

/// An error with its causes as one sentence, outermost first; a cause that was told already is not told again.
pub fn sentence(error: &(dyn Error + 'static)) -> String {
    let (mut told, mut next) = (error.to_string(), error.source());
    while let Some(cause) = next {
        let words = cause.to_string();
        if !told.contains(&words) {
            told = format!("{told}: {words}");
        }
        next = cause.source();
    }
    told
}

/// Says whole lines on standard output, in a program that goes on and answers nothing there.
pub fn announce(lines: &str) {
    match ANNOUNCED.get_or_init(|| queue_to(&io::stdout())) {
        Some(queue) => queue.put(lines.as_bytes()),
        // Nobody waits for it either way.
        None => drop(print(lines)),
    }
}

/// Where a log writes: each write is a line of it.
pub fn log_lines() -> LogLines {
    LogLines
}

/// See [`log_lines`].
#[derive(Debug, Clone, Copy)]
pub struct LogLines;

impl Write for LogLines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        to_errors(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Log lines and sentences that nobody took, since this process started.
pub fn lost_lines() -> u64 {
    ERRORS.get().and_then(Option::as_ref).map_or(0, Queue::lost)
}

/// Gives readers a moment to take what was said: the last thing that a program does.
pub fn finish() {
    for queue in [&ERRORS, &ANNOUNCED].into_iter().filter_map(|queue| queue.get()?.as_ref()) {
        queue.finish(PATIENCE);
    }
}

/// Has panics of this process told like everything else, so that they wait for no reader either.
pub fn tell_panics() {
    std::panic::set_hook(Box::new(tell_panic));
}

fn tell_panic(panic: &PanicHookInfo<'_>) {
    let thread = std::thread::current();
    let told = format!("thread '{}' {panic}", thread.name().unwrap_or("<unnamed>"));
    let trace = Backtrace::capture();
    if trace.status() == BacktraceStatus::Captured {
        say(&format!("{told}\n{trace}"))
    } else {
        say(&told)
    }
    // It may be the end of this process.
    finish();
}

/// Whether what is written to a stream may be coloured or drawn over: it is a terminal that can, and nobody asked for none
/// (`NO_COLOR`, set and not empty; see no-color.org).
pub fn is_coloured(stream: &impl IsTerminal) -> bool {
    may_colour(stream.is_terminal(), variable("NO_COLOR").as_deref(), variable("TERM").as_deref())
}

fn may_colour(is_terminal: bool, no_colour: Option<&OsStr>, terminal: Option<&OsStr>) -> bool {
    is_terminal && no_colour.is_none_or(OsStr::is_empty) && terminal.is_none_or(|kind| kind != "dumb")
}

fn to_errors(line: &[u8]) {
    match ERRORS.get_or_init(|| queue_to(&io::stderr())) {
        Some(queue) => queue.put(line),
        None => drop(io::stderr().write_all(line)),
    }
}

/// A queue to a stream, past the lock that whoever else writes there holds while it waits.
fn queue_to(stream: &impl AsFd) -> Option<Queue> {
    let own = stream.as_fd().try_clone_to_owned().ok()?;
    Queue::to(File::from(own), MOST_WAITING).ok()
}
