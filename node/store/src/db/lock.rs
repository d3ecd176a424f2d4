//! Who may write to a store: one process at a time.
//!
//! RocksDB has a lock of its own, and says that it did not get it in the same words as that its file cannot be opened. So this lock is
//! taken first, on the directory, where the system itself tells that another process has it.

use super::DbError;
use rustix::fs::{FlockOperation, fcntl_lock};
use rustix::io::Errno;
use std::fs::{File, TryLockError};
use std::path::Path;

/// The right to write to a store; given back when dropped, or when the process ends.
pub(super) struct WriteLock(File);

impl Drop for WriteLock {
    /// Not only by closing it: a process that is just being started may have a copy of the file for a moment.
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

/// Takes the right to write to the store in a directory; none where the file system has no such locks, and RocksDB's has to do.
pub(super) fn take(path: &Path) -> Result<Option<WriteLock>, DbError> {
    let directory = File::open(path).map_err(|error| DbError::system(path, &error))?;
    match directory.try_lock() {
        Ok(()) => Ok(Some(WriteLock(directory))),
        Err(TryLockError::WouldBlock) => Err(DbError::Locked { path: path.into() }),
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

/// Whether another process has RocksDB's lock: a tool of RocksDB's, or a build that takes no other. Asked only once RocksDB could not
/// open the store; this process would lose a lock of its own by asking.
pub(super) fn is_held(path: &Path) -> bool {
    let file = File::options().write(true).open(path.join("LOCK"));
    file.is_ok_and(|file| {
        matches!(fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive), Err(Errno::AGAIN | Errno::ACCESS))
    })
}
