//! Where a size has its state and its index, and whether there is room for them.

use crate::table::named;
use std::path::{Path, PathBuf};

/// Bytes of disk for one of everything, at most: its state with what compaction takes meanwhile (some 4,000), or its index (some 5,500),
/// of which one is there at a time.
const BYTES: u64 = 6_000;
/// The same where everything is kept: the state as it was filled, what is other in the one that blocks are committed to, and the index.
const BYTES_KEPT: u64 = 10_000;

/// The folder that is kept, if one is.
pub fn kept() -> Option<PathBuf> {
    std::env::var_os("BENCH_DIR").map(PathBuf::from)
}

/// What a size has on disk.
pub struct SizePlaces {
    /// The folder of all of it.
    pub folder: PathBuf,
    /// How many there are of everything.
    pub size: u64,
}

impl SizePlaces {
    /// Those of a size within a folder.
    pub fn of(folder: &Path, size: u64) -> anyhow::Result<Self> {
        let folder = folder.join(format!("growth-{size}"));
        std::fs::create_dir_all(&folder)?;
        Ok(Self { folder, size })
    }

    /// The state as it was filled.
    pub fn pristine(&self) -> PathBuf {
        self.folder.join("pristine")
    }

    /// The state to which blocks are committed.
    pub fn state(&self) -> PathBuf {
        self.folder.join("state")
    }

    /// The index.
    pub fn index(&self) -> PathBuf {
        self.folder.join("index.sqlite")
    }

    /// What is there once the index has all its rows.
    pub fn index_done(&self) -> PathBuf {
        self.folder.join("index.done")
    }

    /// That the disk has no room for it, as a sentence; none where it has, or where everything is there already.
    pub fn lack(&self) -> anyhow::Result<Option<String>> {
        if self.pristine().exists() && self.index_done().exists() {
            return Ok(None);
        }
        let disk = rustix::fs::statvfs(&self.folder)?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        let need = self.size.saturating_mul(if kept().is_some() { BYTES_KEPT } else { BYTES });
        let [free_gib, need_gib] = [free, need].map(|bytes| bytes >> 30);
        let (name, place) = (named(self.size), self.folder.display());
        Ok((free < need).then(|| {
            format!("{name} is left out: it takes up to {need_gib} GiB of disk, and {place} has {free_gib} GiB left")
        }))
    }

    /// Removes what is there, unless it is kept.
    pub fn forget(&self) -> std::io::Result<()> {
        if kept().is_some() {
            return Ok(());
        }
        std::fs::remove_dir_all(&self.folder)?;
        std::fs::create_dir(&self.folder)
    }
}

/// The bytes of a folder's files.
pub fn bytes_in(folder: &Path) -> std::io::Result<u64> {
    std::fs::read_dir(folder)?.map(|file| -> std::io::Result<u64> { Ok(file?.metadata()?.len()) }).sum()
}
