//! Files that a crash leaves whole, and text as editors leave it.
//!
//! A file is written beside its place, brought to the disk, and moved there by one rename.
//!
//! A rename is on the disk only with its folder, so every function here that gives a name also syncs the folder. When one
//! of them returns, a power cut changes nothing any more; when one fails, the name still has what it had, unless only the
//! sync of the folder failed. What is staged is removed again, except by a process that is killed meanwhile: it leaves a
//! `NAME.XXXXXXXXXXXX.part` beside the file, which is never mistaken for it, and which whoever writes the file next removes.
//!
//! Errors are the system's own. Whoever asks knows what the file is for, and says so with what to do next, for which there is a
//! [`remedy()`].
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
//! - All [`text()`] that people write is read in one way.
#![deny(missing_docs)]

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Component, Path, PathBuf, absolute};
use tempfile::NamedTempFile;

mod remedy;
#[cfg(test)]
mod tests;
mod text;

pub use remedy::{remedy, remedy_or, told};
pub use text::{NotText, read_text, text, text_from};

/// The permission bits of a new file that nobody asked any for; the umask takes its share.
const ANY_FILE: u32 = 0o666;
/// How many letters and digits of a staged file's name are left to chance: more than anybody gives to a file of their own.
const CHANCE: usize = 12;
/// How the name of a staged file ends.
const PART: &str = ".part";

/// A path as it leads to its place from now on, whatever becomes of the working folder: absolute, and without `..`, each of which
/// is followed as the system follows it now. Links that none of them is behind stay links.
///
/// # Errors
/// When it is empty, or relative to a working folder that is gone.
pub fn settled(path: &Path) -> io::Result<PathBuf> {
    let mut settled = PathBuf::new();
    for part in absolute(path)?.components() {
        if part == Component::ParentDir {
            // Up from where a link leads; from what is not there, up from its name.
            settled = fs::canonicalize(&settled).unwrap_or(settled);
            settled.pop();
        } else {
            settled.push(part);
        }
    }
    Ok(settled)
}

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

/// An empty file beside `path`, for what is too large to be in memory; removed again unless it is [published](publish). What
/// killed processes left of others for the same `path` is removed first.
///
/// # Errors
/// When the folder does not exist, or cannot be written.
pub fn stage(path: &Path, mode: Option<u32>) -> io::Result<NamedTempFile> {
    remove_left(path);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    let create = |staged: &Path| create_locked(staged, mode.unwrap_or(ANY_FILE));
    let mut builder = tempfile::Builder::new();
    let staged = builder.prefix(&name).rand_bytes(CHANCE).suffix(PART).make_in(folder_of(path), create)?;
    if let Some(mode) = mode {
        // The umask takes its share of what was asked for, too.
        staged.as_file().set_permissions(Permissions::from_mode(mode))?;
    }
    Ok(staged)
}

/// A new file that is locked for as long as it is open, where the disk knows locks: so the living are told from the dead.
fn create_locked(staged: &Path, mode: u32) -> io::Result<File> {
    // With its mode from the start, so that a secret is at no moment open to others.
    let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(staged)?;
    let _ = file.lock();
    // Somebody may have taken it for left before it was locked; then another name is tried.
    if file.metadata()?.nlink() == 0 { Err(io::ErrorKind::AlreadyExists.into()) } else { Ok(file) }
}

/// Removes what killed processes have staged for `path`. What cannot be looked at, or be locked, stays.
fn remove_left(path: &Path) {
    let entries = fs::read_dir(folder_of(path)).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| is_staged_for(path, &entry.file_name())) {
        if !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let Ok(file) = File::open(entry.path()) else { continue };
        // Removed while it is locked here: whoever is about to lock a new one sees then that it is gone.
        if file.try_lock().is_ok() {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether a name beside `path` is one of those that [`stage`] gives for it.
fn is_staged_for(path: &Path, name: &OsStr) -> bool {
    let (Some(wanted), Some(name)) = (path.file_name().and_then(OsStr::to_str), name.to_str()) else { return false };
    let chance = name.strip_prefix(wanted).and_then(|rest| rest.strip_prefix('.')?.strip_suffix(PART));
    chance.is_some_and(|chance| chance.len() == CHANCE && chance.chars().all(|c| c.is_ascii_alphanumeric()))
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

/// Whether something is mounted in the place of a file or folder, over which nothing can be renamed; not known where the system has no
/// list of mounts.
pub fn is_mount_point(path: &Path) -> bool {
    let Ok(path) = path.canonicalize() else { return false };
    let mounts = fs::read("/proc/self/mountinfo").unwrap_or_default();
    let mut places =
        mounts.split(|byte| *byte == b'\n').filter_map(|line| line.split(|byte| *byte == b' ').nth(MOUNTED_AT));
    places.any(|place| unescaped(place) == path.as_os_str().as_bytes())
}

/// Which word of a line of the list of mounts is the place.
const MOUNTED_AT: usize = 4;

/// A place without the three octal digits after a backslash by which the list of mounts writes blanks and backslashes.
fn unescaped(place: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut rest = place;
    while let Some((byte, after)) = rest.split_first() {
        let code = after.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        match code.and_then(|digits| u8::from_str_radix(digits, 8).ok()).filter(|_| *byte == b'\\') {
            Some(code) => {
                plain.push(code);
                rest = &after[3..];
            }
            None => {
                plain.push(*byte);
                rest = after;
            }
        }
    }
    plain
}

/// Brings the names in a folder to the disk: those that were given, and those that were taken away.
///
/// # Errors
/// When the folder does not exist, or cannot be read.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// What was asked of a file or a folder; none where there is none.
///
/// # Errors
/// Those of what was asked, but for [`io::ErrorKind::NotFound`].
pub fn if_there<T>(asked: io::Result<T>) -> io::Result<Option<T>> {
    match asked {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        asked => asked.map(Some),
    }
}

/// The folder that a path lies in; the working folder for a bare name.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
