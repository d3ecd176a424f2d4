//! What changes the folder? Opening it cleans it; holding and removing happen under its lock, one at a time.

use super::error::{ArtifactError, unreadable, unwritable};
use super::files::{READABLE, is_staged, open_regular, publish, remove, stage, sync_folder};
use super::retention::{StageOnChain, room_for, surplus};
use super::tree::copy_and_grow;
use super::{ArtifactBounds, ArtifactStore, Held, Part, named, tree_size};
use primitives::BuildHash;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Seek as _;
use std::path::Path;
use std::sync::Arc;

/// Whoever changes the folder holds a lock on this file; the system releases it when that process ends.
const LOCK: &str = ".lock";

impl ArtifactStore {
    /// Opens the artifacts in `dir`, which is created when it is missing, and removes what a killed process left half done.
    ///
    /// # Errors
    /// When the folder cannot be created or read.
    pub fn open(dir: &Path) -> Result<Self, ArtifactError> {
        fs::create_dir_all(dir).map_err(unwritable(dir))?;
        let store =
            Self { dir: dir.into(), bounds: ArtifactBounds::default(), stage_of: Arc::new(|_| StageOnChain::Unknown) };
        match store.lock_file().map(|lock| (lock.try_lock(), lock)) {
            Ok((Ok(()), _lock)) => store.clean()?,
            // Another process is at work, and what looks half done is its.
            Ok((Err(TryLockError::WouldBlock), _)) => {}
            Ok((Err(TryLockError::Error(error)), _)) => return Err(unwritable(&dir.join(LOCK))(error)),
            // Read-only: what is there can be served.
            Err(error) => {
                fs::read_dir(dir).map_err(unreadable(dir))?;
                tracing::warn!(%error, "release artifacts can be read but none can be added");
            }
        }
        Ok(store)
    }

    /// Takes in a copy of `file`, which must be the build `hash`; makes room for it when it has to. Nothing happens when it is
    /// held already.
    ///
    /// # Errors
    /// [`ArtifactError`]: the file is another build, does not fit, or the disk fails. Nothing is left behind then, and what was
    /// held before is held still unless it made room.
    pub fn hold(&self, file: &Path, hash: &BuildHash) -> Result<Held, ArtifactError> {
        let _lock = self.lock()?;
        if let Some(held) = self.find(hash)? {
            return Ok(held);
        }
        let mut source = open_regular(file)?;
        let size = source.metadata().map_err(unreadable(file))?.len();
        self.make_room(file, &mut source, hash, size)?;
        let (data, tree) = (stage(&self.dir)?, stage(&self.dir)?);
        require_hash(file, hash, copy_and_grow(file, size, &mut source, &data, &tree)?)?;
        // The tree first: what has its executable has its tree.
        publish(tree, &self.path_of(hash, Part::Tree), READABLE)?;
        publish(data, &self.path_of(hash, Part::Data), READABLE)
            .inspect_err(|_| drop(remove(&self.path_of(hash, Part::Tree))))?;
        tracing::info!(%hash, size, "a release artifact is held");
        self.find(hash)?.ok_or(ArtifactError::NotHeld(*hash))
    }

    /// Removes an artifact; gives whether it was held.
    ///
    /// # Errors
    /// When it is pinned, or the disk fails.
    pub fn remove(&self, hash: &BuildHash) -> Result<bool, ArtifactError> {
        let _lock = self.lock()?;
        if let Some(reason) = self.pins()?.remove(hash) {
            return Err(ArtifactError::Pinned { hash: *hash, reason });
        }
        self.discard(hash)
    }

    /// Removes what the bounds no longer let this node keep, and gives what that was.
    ///
    /// # Errors
    /// When the folder or its pins cannot be read, or the disk fails.
    pub fn retain(&self) -> Result<Vec<BuildHash>, ArtifactError> {
        let _lock = self.lock()?;
        let gone = surplus(&self.candidates()?, &self.bounds);
        for hash in &gone {
            self.discard(hash)?;
            tracing::info!(%hash, "a release artifact was removed: newer ones need its place");
        }
        Ok(gone)
    }

    pub(super) fn lock(&self) -> Result<File, ArtifactError> {
        let lock = self.lock_file()?;
        lock.lock().map_err(unwritable(&self.dir.join(LOCK)))?;
        Ok(lock)
    }

    fn lock_file(&self) -> Result<File, ArtifactError> {
        let path = self.dir.join(LOCK);
        OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(unwritable(&path))
    }

    fn make_room(&self, file: &Path, source: &mut File, hash: &BuildHash, size: u64) -> Result<(), ArtifactError> {
        let (bytes, budget) = (size.saturating_add(tree_size(size)), self.bounds.disk_budget_bytes);
        if bytes > budget {
            return Err(ArtifactError::LargerThanBudget { bytes, budget });
        }
        let leaving = room_for(&self.candidates()?, (self.stage_of)(hash), bytes, &self.bounds)
            .map_err(|kept| ArtifactError::NoRoom { bytes, kept, budget })?;
        if leaving.is_empty() {
            return Ok(());
        }
        // Nothing is given up for a file that turns out to be another build.
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(&mut *source).map_err(unreadable(file))?;
        require_hash(file, hash, BuildHash(*hasher.finalize().as_bytes()))?;
        source.rewind().map_err(unreadable(file))?;
        for old in leaving {
            self.discard(&old)?;
            tracing::info!(hash = %old, by = %hash, "a release artifact made room");
        }
        Ok(())
    }

    /// The executable first, so that a crash leaves a tree without one, which the next start removes.
    fn discard(&self, hash: &BuildHash) -> Result<bool, ArtifactError> {
        let was_held = remove(&self.path_of(hash, Part::Data))?;
        remove(&self.path_of(hash, Part::Tree))?;
        sync_folder(&self.dir)?;
        Ok(was_held)
    }

    /// Removes staged files, and trees without their executable.
    fn clean(&self) -> Result<(), ArtifactError> {
        for name in self.names()? {
            let of_tree = name.strip_suffix(".bin.obao4").and_then(named);
            let alone = of_tree.is_some_and(|hash| !self.path_of(&hash, Part::Data).exists());
            if is_staged(&name) || alone {
                remove(&self.dir.join(&name))?;
                tracing::info!(name, "what an interrupted copy of a release artifact left is removed");
            }
        }
        Ok(())
    }
}

fn require_hash(file: &Path, expected: &BuildHash, found: BuildHash) -> Result<(), ArtifactError> {
    if found == *expected {
        return Ok(());
    }
    Err(ArtifactError::WrongHash { path: file.into(), expected: *expected, found })
}
