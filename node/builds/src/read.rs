//! What is held, and what is in it?

use super::error::{ArtifactError, unreadable};
use super::files::open_regular;
use super::retention::Candidate;
use super::{ArtifactStore, Held, Part, named, tree_size};
use primitives::{BuildHash, Timestamp};
use std::fs;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::time::UNIX_EPOCH;

impl ArtifactStore {
    /// Whether an artifact is held: its executable and its whole tree.
    pub fn has(&self, hash: &BuildHash) -> bool {
        self.size(hash).is_some()
    }

    /// Bytes of an artifact's executable; none when it is not held.
    pub fn size(&self, hash: &BuildHash) -> Option<u64> {
        let length = |part| {
            let there = fs::symlink_metadata(self.path_of(hash, part)).ok()?;
            there.is_file().then_some(there.len())
        };
        length(Part::Data).filter(|size| length(Part::Tree) == Some(tree_size(*size)))
    }

    /// Bytes of a part; exactly `length` of them from `offset` on.
    ///
    /// # Errors
    /// When the artifact is not held, ends before, or the disk fails.
    pub fn read(&self, hash: &BuildHash, part: Part, offset: u64, length: usize) -> Result<Vec<u8>, ArtifactError> {
        let path = self.path_of(hash, part);
        let file = match open_regular(&path) {
            Err(ArtifactError::Unreadable { reason, .. }) if reason.kind() == io::ErrorKind::NotFound => {
                return Err(ArtifactError::NotHeld(*hash));
            }
            opened => opened?,
        };
        let size = file.metadata().map_err(unreadable(&path))?.len();
        if offset.checked_add(length as u64).is_none_or(|end| end > size) {
            return Err(ArtifactError::OutOfRange { offset, length: length as u64, size });
        }
        let mut bytes = vec![0; length];
        file.read_exact_at(&mut bytes, offset).map_err(unreadable(&path))?;
        Ok(bytes)
    }

    /// Everything that is held, by hash.
    ///
    /// # Errors
    /// When the folder or its pins cannot be read.
    pub fn list(&self) -> Result<Vec<Held>, ArtifactError> {
        let mut pins = self.pins()?;
        let mut hashes: Vec<BuildHash> =
            self.names()?.iter().filter_map(|name| named(name.strip_suffix(".bin")?)).collect();
        hashes.sort();
        let held = hashes.into_iter().filter_map(|hash| {
            let size = self.size(&hash)?;
            Some(Held { hash, size, since: self.since(&hash), pinned: pins.remove(&hash) })
        });
        Ok(held.collect())
    }

    pub(super) fn find(&self, hash: &BuildHash) -> Result<Option<Held>, ArtifactError> {
        let Some(size) = self.size(hash) else { return Ok(None) };
        Ok(Some(Held { hash: *hash, size, since: self.since(hash), pinned: self.pins()?.remove(hash) }))
    }

    /// What is held, as retention looks at it.
    pub(super) fn candidates(&self) -> Result<Vec<Candidate>, ArtifactError> {
        let candidate = |held: Held| Candidate {
            stage: (self.stage_of)(&held.hash),
            since: held.since,
            hash: held.hash,
            bytes: held.size.saturating_add(tree_size(held.size)),
            pinned: held.pinned.is_some(),
        };
        Ok(self.list()?.into_iter().map(candidate).collect())
    }

    /// The names in the folder; one that is not UTF-8 is none of ours.
    pub(super) fn names(&self) -> Result<Vec<String>, ArtifactError> {
        let entries = fs::read_dir(&self.dir).map_err(unreadable(&self.dir))?;
        let mut names = Vec::new();
        for entry in entries {
            names.extend(entry.map_err(unreadable(&self.dir))?.file_name().into_string());
        }
        Ok(names)
    }

    /// When its executable was written; the name keeps that time.
    fn since(&self, hash: &BuildHash) -> Timestamp {
        let written = fs::symlink_metadata(self.path_of(hash, Part::Data)).and_then(|there| there.modified());
        let since = written.ok().and_then(|written| written.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
        Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}
