//! Starting with nothing loaded that is no part of the executable (T8).
//!
//! Before the first instruction of a process, the system's loader brings in files that variables name. Whoever decides what may run,
//! or runs as a release, therefore executes itself once more without these variables; what it starts does not have them either.

use anyhow::Context as _;
use std::ffi::{CStr, OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// How the names of the loader's variables begin.
const LOADER: &[u8] = b"LD_";
/// The file of this process, whatever happened to its path.
const OWN_FILE: &str = "/proc/self/exe";
/// What lists of processes are to call this one.
const OWN_NAME: &CStr = c"the-block";

/// Returns only in a process that was started without variables for the loader.
///
/// # Errors
/// When there are some, and the system does not let this process be executed once more.
pub(super) fn require_plain() -> anyhow::Result<()> {
    let variables = std::env::vars_os().map(|(name, _)| name);
    let loading: Vec<OsString> = variables.filter(|name| name.as_bytes().starts_with(LOADER)).collect();
    if loading.is_empty() {
        // What was executed through a descriptor is called by its number. That is of no consequence, so it may stay.
        let _ = rustix::thread::set_name(OWN_NAME);
        return Ok(());
    }
    let mut words = std::env::args_os();
    let mut again = Command::new(OWN_FILE);
    again.arg0(words.next().unwrap_or_else(|| OsStr::from_bytes(OWN_NAME.to_bytes()).into())).args(words);
    for variable in &loading {
        again.env_remove(variable);
    }
    let refused = again.exec();
    Err(refused).context("variables for the loader are set, and cannot be taken away; unset those that begin with LD_")
}
