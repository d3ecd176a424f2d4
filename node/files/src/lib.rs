//! Files that a crash leaves whole: written beside their place, brought to the disk, and moved there by one rename.
//!
//! A rename is on the disk only with its folder, so every function here that gives a name also syncs the folder. When one
//! of them returns, a power cut changes nothing any more; when one fails, the name still has what it had, unless only the
//! sync of the folder failed. What is staged is removed again, except by a process that is killed meanwhile: it leaves a
//! `NAME.XXXXXX.part` beside the file, which is never mistaken for it.
//!
//! Errors are the system's own. Whoever asks knows what the file is for, and says so with what to do next.
//!
//! ```
//! let folder = tempfile::tempdir()?;
//! let file = folder.path().join("peers.json");
//! files::replace(&file, None, b"[]")?;
//! assert_eq!(std::fs::read(&file)?, b"[]");
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Invariants
//! - A name has its old bytes or its new ones, all of them, at every moment and after a crash at every moment.
//! - Nothing that is there is overwritten by [`create_new`].
#![deny(missing_docs)]

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use tempfile::NamedTempFile;

#[cfg(test)]
mod tests;

/// The permission bits of a new file that nobody asked any for; the umask takes its share.
const ANY_FILE: u32 = 0o666;

/// Writes a file in the place of what has its name, if anything has; a link is replaced, not followed. The file gets the
/// permission bits `mode`, or those of any new file.
///
/// # Errors
/// When the folder does not exist, or cannot be written.
pub fn replace(path: &Path, mode: Option<u32>, bytes: &[u8]) -> io::Result<()> {
    let staged = stage(path, mode)?;
    staged.as_file().write_all(bytes)?;
    publish(staged, path)
}

/// Writes what a user asked for to where the user says: a file is [replaced](replace); into a pipe, a terminal or another
/// device, such as `/dev/stdout`, the bytes go as they are.
///
/// # Errors
/// When the folder does not exist, or it cannot be written there.
pub fn write_out(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match std::fs::metadata(path) {
        Ok(found) if !found.is_file() && !found.is_dir() => std::fs::write(path, bytes),
        _ => replace(path, None, bytes),
    }
}

/// Writes a file where there is none, with the permission bits `mode` or those of any new file.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] when anything has the name, be it a link that leads nowhere. When the folder does not
/// exist, or cannot be written.
pub fn create_new(path: &Path, mode: Option<u32>, bytes: &[u8]) -> io::Result<()> {
    // Asked first as well, because it is the nearer reason where the folder cannot be written either.
    if fs::symlink_metadata(path).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let staged = stage(path, mode)?;
    staged.as_file().write_all(bytes)?;
    staged.as_file().sync_all()?;
    staged.persist_noclobber(path)?;
    sync_folder(folder_of(path))
}

/// An empty file beside `path`, for what is too large to be in memory; removed again unless it is [published](publish).
///
/// # Errors
/// When the folder does not exist, or cannot be written.
pub fn stage(path: &Path, mode: Option<u32>) -> io::Result<NamedTempFile> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    // With its mode from the start, so that a secret is at no moment open to others.
    let create =
        |staged: &Path| OpenOptions::new().write(true).create_new(true).mode(mode.unwrap_or(ANY_FILE)).open(staged);
    let staged = tempfile::Builder::new().prefix(&name).suffix(".part").make_in(folder_of(path), create)?;
    if let Some(mode) = mode {
        // The umask takes its share of what was asked for, too.
        staged.as_file().set_permissions(Permissions::from_mode(mode))?;
    }
    Ok(staged)
}

/// Gives a staged file its name, once its bytes are on the disk; what had the name is gone. It has to be in the folder of
/// `path`.
///
/// # Errors
/// When the disk refuses.
pub fn publish(staged: NamedTempFile, path: &Path) -> io::Result<()> {
    staged.as_file().sync_all()?;
    staged.persist(path)?;
    sync_folder(folder_of(path))
}

/// Gives a file, or a folder with its entries, another name beside the one it has. What the entries of a folder hold has to
/// be on the disk already.
///
/// # Errors
/// When the disk refuses, or a folder that is not empty has the name.
pub fn rename_durably(from: &Path, to: &Path) -> io::Result<()> {
    File::open(from)?.sync_all()?;
    fs::rename(from, to)?;
    sync_folder(folder_of(to))
}

/// Brings the names in a folder to the disk: those that were given, and those that were taken away.
///
/// # Errors
/// When the folder does not exist, or cannot be read.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The folder that a path lies in; the working folder for a bare name.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
