//! How far this home has come, as consensus remembers it apart from the store.
//!
//! A store that lost its newest file still fits together: it is the store of an earlier height. A validator that went on from
//! there would decide heights anew that it has decided already. Consensus' own files know better. Malachite's write-ahead log
//! begins with the height being decided, and the next height begins only after the block of the last is committed with a
//! synced write. The log of undecided blocks begins with the height of the first, which is the one being decided, too.

use crate::db::DbError;
use primitives::Height;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// The height that was being decided when this home last ran. The store has, or had, every block before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watermark {
    height: Height,
    file: PathBuf,
}

/// The store lacks blocks that this home has committed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the store ends at height {head}, but {file} shows that this home was deciding height {height}: the store lost the blocks \
     between, and a validator that decided them again would contradict itself; restore this home's newest backup, or fill it \
     with `the-block import-state` from a snapshot of height {need} or later",
    file = .mark.file.display(),
    height = .mark.height,
    need = .mark.height.minus(1)
)]
pub struct Behind {
    /// The height of the store.
    pub head: Height,
    /// What remembers more.
    pub mark: Watermark,
}

/// The marks of a folder of consensus, as far as they are there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watermarks {
    highest: Option<Watermark>,
    logged: Option<Height>,
}

impl Watermarks {
    /// Reads what the folder of consensus remembers; nothing where no node has run.
    ///
    /// # Errors
    /// When a file is there and cannot be read.
    pub fn read(folder: &Path) -> Result<Self, DbError> {
        let kept = height_of(&folder.join("undecided.log"))?;
        let signed = height_of(&log_in(folder))?;
        let logged = signed.as_ref().map(|mark| mark.height);
        let highest = kept.into_iter().chain(signed).max_by_key(|mark| mark.height);
        Ok(Self { highest, logged })
    }

    /// The height that was being decided; none where no node has run.
    pub fn height(&self) -> Option<Height> {
        self.highest.as_ref().map(|mark| mark.height)
    }

    /// The height that the log of whoever signs is at; who only follows leaves it as it was.
    pub fn logged(&self) -> Option<Height> {
        self.logged
    }

    /// Refuses a store whose head is before what this home has committed.
    ///
    /// # Errors
    /// What remembers more than the store.
    pub fn admit(self, head: Height) -> Result<(), Behind> {
        match self.highest {
            Some(mark) if mark.height > head.next() => Err(Behind { head, mark }),
            _ => Ok(()),
        }
    }
}

/// Where the log of whoever signs is in the folder of consensus.
pub(crate) fn log_in(folder: &Path) -> PathBuf {
    folder.join("wal").join("consensus.wal")
}

/// The height that a log of consensus is at: version (4 bytes), height (8 bytes), both big-endian. A log that ends before is
/// being begun, and says nothing.
fn height_of(file: &Path) -> Result<Option<Watermark>, DbError> {
    let mut header = [0; 12];
    match File::open(file).and_then(|mut log| log.read_exact(&mut header)) {
        Ok(()) => {}
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::UnexpectedEof) => return Ok(None),
        Err(error) => return Err(DbError::system(file, &error)),
    }
    let [_, _, _, _, height @ ..] = header;
    Ok(Some(Watermark { height: Height(u64::from_be_bytes(height)), file: file.to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn log(file: &Path, height: u64) {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, [&1u32.to_be_bytes()[..], &height.to_be_bytes(), b"entries"].concat()).unwrap();
    }

    #[test]
    fn a_store_may_be_one_block_behind_the_height_being_decided_and_no_more() {
        let dir = tempfile::tempdir().unwrap();
        let read = || Watermarks::read(dir.path()).unwrap();
        assert_eq!(read().height(), None);
        read().admit(Height(0)).unwrap();
        log(&log_in(dir.path()), 13);
        for head in [12, 13, 99] {
            read().admit(Height(head)).unwrap();
        }
        let behind = read().admit(Height(11)).unwrap_err().to_string();
        assert!(behind.contains("ends at height 11") && behind.contains("consensus.wal"), "{behind}");
        assert!(behind.contains("deciding height 13") && behind.contains("snapshot of height 12"), "{behind}");
    }

    #[test]
    fn a_kept_block_is_remembered_also_when_the_log_is_gone_or_was_being_made() {
        let dir = tempfile::tempdir().unwrap();
        log(&dir.path().join("undecided.log"), 10);
        assert_eq!(Watermarks::read(dir.path()).unwrap().height(), Some(Height(10)));
        assert_eq!(Watermarks::read(dir.path()).unwrap().logged(), None);
        log(&log_in(dir.path()), 7);
        assert_eq!(Watermarks::read(dir.path()).unwrap().logged(), Some(Height(7)));
        assert_eq!(Watermarks::read(dir.path()).unwrap().height(), Some(Height(10)));
        fs::write(log_in(dir.path()), b"short").unwrap();
        let behind = Watermarks::read(dir.path()).unwrap().admit(Height(3)).unwrap_err().to_string();
        assert!(behind.contains("undecided.log"), "{behind}");
    }

    #[test]
    fn the_log_is_read_as_malachite_writes_it() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("wal")).unwrap();
        let mut log = arc_malachitebft_wal::Log::open(dir.path().join("wal/consensus.wal")).unwrap();
        log.reset(258).unwrap();
        assert_eq!(Watermarks::read(dir.path()).unwrap().height(), Some(Height(258)));
    }
}
