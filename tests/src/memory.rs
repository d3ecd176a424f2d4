//! How much memory a process needs.

use anyhow::Context as _;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

/// How often a process is looked at: its end takes the number with it.
const GLANCE: Duration = Duration::from_millis(5);

/// Runs a command to its end; gives the most memory that was resident, in bytes, as the kernel kept it.
///
/// # Errors
/// When it cannot be run.
pub fn most_of(mut command: Command) -> anyhow::Result<(ExitStatus, u64)> {
    let mut child = command.stdout(Stdio::null()).spawn().context("cannot run the command")?;
    let status_file = format!("/proc/{}/status", child.id());
    let mut most = 0;
    loop {
        if let Some(high) = std::fs::read_to_string(&status_file).ok().and_then(|text| high_water(&text)) {
            most = most.max(high);
        }
        if let Some(status) = child.try_wait()? {
            return Ok((status, most));
        }
        std::thread::sleep(GLANCE);
    }
}

/// The most memory that was resident in a running process so far, in bytes.
///
/// # Errors
/// When there is no such process.
pub fn peak_of(process: u32) -> anyhow::Result<u64> {
    high_water(&status_of(process)?).context("the kernel does not keep it")
}

/// The memory that is resident in a running process now and is no part of a file, in bytes.
///
/// # Errors
/// When there is no such process.
pub fn own_of(process: u32) -> anyhow::Result<u64> {
    kept(&status_of(process)?, "RssAnon:").context("the kernel does not keep it")
}

fn status_of(process: u32) -> anyhow::Result<String> {
    std::fs::read_to_string(format!("/proc/{process}/status")).context("there is no such process")
}

/// `VmHWM` of a status file, in bytes.
fn high_water(text: &str) -> Option<u64> {
    kept(text, "VmHWM:")
}

/// A number of a status file, in bytes.
fn kept(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib * 1024)
}
