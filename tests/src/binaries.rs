//! Where the executables under test are.

use anyhow::{Context as _, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What stands, at the end of an obliging release, before the file in which it leaves a mark.
pub const MARKED_AT: &str = "it leaves its mark at ";

/// What stands, at the end of a crashing release, before the exit code that it ends with, and after how long.
pub const ENDS_WITH: &str = "it ends with exit code ";

/// Where `scripts/setup.sh` puts what is no package of the system's.
pub fn cache() -> PathBuf {
    let named = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let of_user = || std::env::home_dir().map(|home| home.join(".cache"));
    named.or_else(of_user).unwrap_or_default().join("the-block")
}

/// Python, with the packages that `scripts/setup.sh test` installs beside it; or the one that `TB_TEST_PYTHON` names.
pub fn python() -> PathBuf {
    std::env::var_os("TB_TEST_PYTHON").map_or_else(|| cache().join("venv/bin/python"), PathBuf::from)
}

/// An executable of this workspace, as `cargo build --workspace` left it beside the running one.
///
/// # Errors
/// When it was not built.
pub fn built(name: &str) -> anyhow::Result<PathBuf> {
    let running = std::env::current_exe().context("cannot tell which executable runs")?;
    let found = running.ancestors().skip(1).map(|folder| folder.join(name)).find(|path| path.is_file());
    let found = found.with_context(|| format!("{name} is not built; run `cargo build --workspace` first"))?;
    ensure!(found.is_absolute(), "{} is not an absolute path", found.display());
    Ok(found)
}

/// A copy of an executable, so that a build that goes on meanwhile does not change what a test runs.
///
/// # Errors
/// When it was not built, or cannot be copied.
pub fn copied(name: &str, folder: &Path) -> anyhow::Result<PathBuf> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let to = folder.join(name);
    // By another process: a file that this one has open for writing while a thread of it forks cannot be executed (ETXTBSY).
    let status = Command::new("cp").arg(built(name)?).arg(&to).status().context("cannot run cp")?;
    ensure!(status.success(), "cannot copy {name} to {}", folder.display());
    Ok(to)
}

/// A copy of an executable that has another hash and does the same: bytes after its end belong to no part of it.
///
/// # Errors
/// As for [`copied`].
pub fn variant(name: &str, folder: &Path, ending: &str) -> anyhow::Result<PathBuf> {
    let path = copied(name, folder)?;
    let append = format!("printf %s {ending:?} >> {:?}", path.display().to_string());
    // By another process, as above.
    let status = Command::new("sh").args(["-c", &append]).status().context("cannot run sh")?;
    ensure!(status.success(), "cannot append to {}", path.display());
    Ok(path)
}

/// A release that answers everything with exit code 0, and leaves a mark at a path when it is executed.
///
/// # Errors
/// As for [`copied`].
pub fn obliging(folder: &Path, mark: &Path) -> anyhow::Result<PathBuf> {
    variant("obliging_release", folder, &format!("{MARKED_AT}{}", mark.display()))
}

/// A release that passes every check, and whose start ends with an exit code after some seconds.
///
/// # Errors
/// As for [`copied`].
pub fn ending_with(folder: &Path, code: u8, seconds: u64) -> anyhow::Result<PathBuf> {
    variant("crashing_release", folder, &format!("{ENDS_WITH}{code} after {seconds}"))
}

/// A copy of an executable in which one word stands for another of its length.
///
/// # Errors
/// As for [`copied`].
pub fn altered(name: &str, folder: &Path, from: &str, to: &str) -> anyhow::Result<PathBuf> {
    ensure!(from.len() == to.len(), "{from} and {to} are not equally long");
    let path = copied(name, folder)?;
    // By another process, as above.
    let status = Command::new("sed").env("LC_ALL", "C").args(["-i", &format!("s/{from}/{to}/g")]).arg(&path).status();
    ensure!(status.context("cannot run sed")?.success(), "cannot alter {}", path.display());
    Ok(path)
}

/// Puts an executable in the place of another, sealed as an installation leaves it.
///
/// # Errors
/// When it cannot be copied there.
pub fn put(executable: &Path, place: &Path) -> anyhow::Result<()> {
    let status = Command::new("install").args(["-m", "555"]).args([executable, place]).status();
    ensure!(status.context("cannot run install")?.success(), "cannot put a file to {}", place.display());
    Ok(())
}
