//! A store that is being filled: in a folder within its place, and so on the disk that was meant, whether the place is a folder, a link to
//! one, or where a volume is mounted.
//!
//! What makes files a store is the one that is called `CURRENT`. It is moved up last, and the folder removed after it; so a place with that
//! folder and without `CURRENT` has an import that was cut short, of which everything may be removed.

use super::{DbError, lock};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder, within a store's place, in which an import is under way.
pub(super) const UNDER_WAY: &str = "importing";
/// What makes a folder a store.
pub(super) const CURRENT: &str = "CURRENT";
/// What file systems have in their root.
const LOST_AND_FOUND: &str = "lost+found";

/// A folder within the place of a store. Dropped before it is [kept](Self::keep), it leaves nothing behind.
pub(super) struct Staged {
    folder: PathBuf,
    /// The store's place, without links.
    place: PathBuf,
    /// Whether the place was made for it.
    is_new: bool,
    /// Whether there may be files of it in the place: then only the next import removes them.
    is_moving: bool,
}

impl Staged {
    /// Makes the folder, and removes what an import left that was cut short.
    ///
    /// # Errors
    /// When anything else is there already, or it cannot be written there.
    pub fn new(path: &Path) -> Result<Self, DbError> {
        let failed = |error: io::Error| DbError::system(path, &error);
        let is_new = !path.try_exists().map_err(failed)?;
        fs::create_dir_all(path).map_err(failed)?;
        let place = path.canonicalize().map_err(failed)?;
        let folder = place.join(UNDER_WAY);
        clear(&place, &folder)?;
        fs::create_dir(&folder).map_err(failed)?;
        Ok(Self { folder, place, is_new, is_moving: false })
    }

    /// Where the store is filled.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Moves the store, which is closed, to its place.
    pub fn keep(mut self) -> Result<(), DbError> {
        self.is_moving = true;
        self.move_up().map_err(|error| DbError::system(&self.place, &error))
    }

    fn move_up(&self) -> io::Result<()> {
        for name in names(&self.folder)?.into_iter().filter(|name| name != CURRENT) {
            fs::rename(self.folder.join(&name), self.place.join(&name))?;
        }
        files::sync_folder(&self.place)?;
        files::rename_durably(&self.folder.join(CURRENT), &self.place.join(CURRENT))?;
        fs::remove_dir(&self.folder)?;
        files::sync_folder(&self.place)?;
        files::sync_folder(files::folder_of(&self.place))
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if self.is_moving {
            return;
        }
        let removed = fs::remove_dir_all(&self.folder);
        let removed = removed.and_then(|()| if self.is_new { fs::remove_dir(&self.place) } else { Ok(()) });
        if let Err(error) = removed {
            tracing::warn!(folder = %self.folder.display(), %error, "an import that failed could not be removed");
        }
    }
}

/// Removes what is left of an import, and nothing else.
fn clear(place: &Path, folder: &Path) -> Result<(), DbError> {
    let failed = |error: io::Error| DbError::system(place, &error);
    let mut found = names(place).map_err(failed)?;
    found.retain(|name| name != LOST_AND_FOUND);
    let is_left = found.iter().any(|name| name == UNDER_WAY);
    let is_of_it = |name: &OsString| name == UNDER_WAY || (name != CURRENT && is_of_a_store(name));
    if !(found.is_empty() || is_left && found.iter().all(is_of_it)) {
        return Err(DbError::Occupied { path: place.into() });
    }
    if !is_left {
        return Ok(());
    }
    // Unless somebody is still at it.
    let _alone = lock::take(folder)?;
    for name in found.iter().filter(|name| *name != UNDER_WAY) {
        fs::remove_file(place.join(name)).map_err(failed)?;
    }
    fs::remove_dir_all(folder).map_err(failed)
}

/// Whether RocksDB gives such names to its files.
fn is_of_a_store(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let (beginnings, endings) = (["MANIFEST-", "OPTIONS-", "LOG", "LOCK", "IDENTITY", CURRENT], [".sst", ".log"]);
    beginnings.iter().any(|beginning| name.starts_with(beginning)) || endings.iter().any(|end| name.ends_with(end))
}

/// The names in a folder.
pub(super) fn names(folder: &Path) -> io::Result<Vec<OsString>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect()
}
