//! How files of the store are opened, staged and made to appear: a reader sees a whole file or none.

use super::error::{ArtifactError, unreadable, unwritable};
use rustix::fs::OFlags;
use std::fs::{self, File, OpenOptions, Permissions};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use tempfile::NamedTempFile;

/// What a staged file's name begins and ends with.
const STAGED: (&str, &str) = (".held-", ".part");

/// Whoever can reach the folder may read an artifact; nobody writes one in place.
pub(super) const READABLE: u32 = 0o444;

/// What an operator may correct by hand.
pub(super) const EDITABLE: u32 = 0o644;

/// Opens a regular file for reading; a link is not followed, and a pipe or a device is not waited for.
pub(super) fn open_regular(path: &Path) -> Result<File, ArtifactError> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32;
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(path);
    let file = match opened {
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            return Err(ArtifactError::NotAFile { path: path.into() });
        }
        opened => opened.map_err(unreadable(path))?,
    };
    if !file.metadata().map_err(unreadable(path))?.is_file() {
        return Err(ArtifactError::NotAFile { path: path.into() });
    }
    Ok(file)
}

/// A file in `dir` that is removed again unless it is published.
pub(super) fn stage(dir: &Path) -> Result<NamedTempFile, ArtifactError> {
    tempfile::Builder::new().prefix(STAGED.0).suffix(STAGED.1).tempfile_in(dir).map_err(unwritable(dir))
}

/// Whether a name is that of a staged file.
pub(super) fn is_staged(name: &str) -> bool {
    name.starts_with(STAGED.0) && name.ends_with(STAGED.1)
}

/// Gives a staged file its name, once its bytes are on disk.
pub(super) fn publish(staged: NamedTempFile, to: &Path, mode: u32) -> Result<(), ArtifactError> {
    let given = staged.as_file().set_permissions(Permissions::from_mode(mode));
    given.and_then(|()| files::publish(staged, to)).map_err(unwritable(to))
}

/// Makes names that were given or taken away last.
pub(super) fn sync_folder(dir: &Path) -> Result<(), ArtifactError> {
    files::sync_folder(dir).map_err(unwritable(dir))
}

/// Removes a file; gives whether it was there.
pub(super) fn remove(path: &Path) -> Result<bool, ArtifactError> {
    Ok(files::if_there(fs::remove_file(path)).map_err(unwritable(path))?.is_some())
}
