//! Processes that this one did not start itself, such as the node of a supervisor.

use crate::node::{GLANCE, PATIENCE};
use anyhow::{Context as _, ensure};
use rustix::process::{Pid, Signal, kill_process};
use std::time::Instant;

/// The processes that a process has started and not waited for.
///
/// # Errors
/// When the system does not list its processes.
pub fn children_of(parent: u32) -> anyhow::Result<Vec<u32>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let Ok(id) = entry?.file_name().to_string_lossy().parse::<u32>() else { continue };
        // One that has ended meanwhile is nobody's child.
        if stat(id).is_some_and(|(_, of)| of == parent) {
            found.push(id);
        }
    }
    Ok(found)
}

/// Whether a process runs. One that has ended does not, though nobody has waited for it yet.
pub fn is_alive(process: u32) -> bool {
    stat(process).is_some_and(|(state, _)| !['Z', 'X'].contains(&state))
}

/// Sends a signal to a process.
///
/// # Errors
/// When there is none, or it is somebody else's.
pub fn signal(process: u32, signal: Signal) -> anyhow::Result<()> {
    let id = Pid::from_raw(i32::try_from(process)?).context("0 is no process")?;
    kill_process(id, signal).with_context(|| format!("cannot send {signal:?} to process {process}"))
}

/// Waits until a process that was killed has ended.
///
/// # Errors
/// When it does not in time.
pub async fn ended(process: u32) -> anyhow::Result<()> {
    let started = Instant::now();
    while is_alive(process) {
        ensure!(started.elapsed() < PATIENCE, "process {process} still runs");
        tokio::time::sleep(GLANCE).await;
    }
    Ok(())
}

/// The state of a process and its parent; none when there is no such process.
fn stat(process: u32) -> Option<(char, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // What stands before is its name, which may hold anything.
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}
