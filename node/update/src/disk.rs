//! The writes of an installation, one function for each kind, so that a test can stop or fail at every single one. Elsewhere
//! the crate `files` takes the same steps at once.

use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

/// What an installation does to the disk. Each call is one step that happens or does not.
pub trait Disk: Send + Sync {
    /// Makes a folder and those above it.
    ///
    /// # Errors
    /// The system's.
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    /// Makes an empty file, or empties one.
    ///
    /// # Errors
    /// The system's.
    fn create(&self, path: &Path) -> io::Result<File> {
        File::create(path)
    }

    /// Appends bytes to an open file.
    ///
    /// # Errors
    /// The system's.
    fn append(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }

    /// Lets a file be run and read by everybody and written by nobody.
    ///
    /// # Errors
    /// The system's.
    fn make_executable(&self, file: &File) -> io::Result<()> {
        file.set_permissions(Permissions::from_mode(0o555))
    }

    /// Brings a file, or a folder's entries, to the disk.
    ///
    /// # Errors
    /// The system's.
    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_all()
    }

    /// Makes a link.
    ///
    /// # Errors
    /// The system's.
    fn link(&self, target: &Path, link: &Path) -> io::Result<()> {
        symlink(target, link)
    }

    /// Gives a file or a link another name, in one step; what had that name is gone.
    ///
    /// # Errors
    /// The system's.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    /// Removes a file or a link, if it is there.
    ///
    /// # Errors
    /// The system's.
    fn remove(&self, path: &Path) -> io::Result<()> {
        files::if_there(fs::remove_file(path)).map(|_| ())
    }
}

/// The disk as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealDisk;

impl Disk for RealDisk {}

/// Replaces a small file so that a crash leaves the old or the new one.
pub(super) fn replace(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let staged = path.with_extension("new");
    let mut file = disk.create(&staged)?;
    disk.append(&mut file, bytes)?;
    disk.sync(&file)?;
    disk.rename(&staged, path)?;
    sync_folder_of(disk, path)
}

/// Points a link elsewhere so that a crash leaves the old or the new one.
pub(super) fn repoint(disk: &dyn Disk, link: &Path, target: &Path) -> io::Result<()> {
    let staged = link.with_extension("new");
    disk.remove(&staged)?;
    disk.link(target, &staged)?;
    disk.rename(&staged, link)?;
    sync_folder_of(disk, link)
}

/// A rename is on the disk only with its folder.
pub(super) fn sync_folder_of(disk: &dyn Disk, path: &Path) -> io::Result<()> {
    disk.sync(&File::open(files::folder_of(path))?)
}
