//! The latest time that was seen in a home: by this machine's clock, and by the blocks that were proven there.
//!
//! One small file, `boot/clock.toml`, that every process of the home reads and writes: so a clock that is set back between two commands,
//! or while the node is down, is found out as well as one that is set back while somebody looks.
//!
//! # Invariants
//! - What is kept never becomes earlier, but by an operator's word ([`HomeClock::accept`]).
//! - Nothing is judged by a reading that could not be kept.
//! - Nobody waits for good for a process that holds the folder, and no other user can hold it.

use crate::config::Home;
use primitives::{Reading, Timestamp};
use serde::Deserialize;
use std::fs::{DirBuilder, File, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The latest time that a file can hold, which TOML sets.
const LATEST: u64 = i64::MAX as u64;
/// How long whoever asks waits for others who read and write the file, which takes them milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is tried meanwhile.
const TRY: Duration = Duration::from_millis(2);
/// The folder's permission bits: who can open a folder can hold it.
const OWNER_ALONE: u32 = 0o700;

/// Why it is not known what time was seen in a home.
#[derive(Debug, thiserror::Error)]
pub enum ClockError {
    /// The file is not what was written.
    #[error(
        "{}, which holds the latest time that was seen here, is damaged: {why}; look whether this machine's clock is right, then \
         confirm it with `the-block clock accept`",
        .file.display()
    )]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The file cannot be read or written.
    #[error("the latest time that was seen here cannot be kept in {}: {source}; let the user that asks write there", .file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

/// What a home remembers of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HomeClock {
    file: PathBuf,
}

/// The file: times in milliseconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    /// The latest time of a block that was proven.
    proven: Timestamp,
    /// The latest that the clock said.
    read: Timestamp,
}

impl HomeClock {
    /// That of a home.
    pub fn of(home: &Home) -> Self {
        Self { file: home.clock() }
    }

    /// Reads the clock, and remembers what it said; and that a block of a time was proven, when one was.
    ///
    /// # Errors
    /// When what was seen before is not known, or the reading cannot be kept.
    pub fn read(&self, proven: Option<Timestamp>) -> Result<Reading, ClockError> {
        self.read_at(super::now(), proven)
    }

    /// As [`read`](Self::read), of a clock that says this.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub fn read_at(&self, clock: Timestamp, proven: Option<Timestamp>) -> Result<Reading, ClockError> {
        let _alone = self.lock(PATIENCE)?;
        let before = self.seen()?;
        let now = Seen { proven: before.proven.max(proven.unwrap_or_default()), read: before.read.max(clock) };
        if now != before {
            self.write(now)?;
        }
        Ok(now.at(clock))
    }

    /// Reads the clock, and remembers nothing: for looking, never for deciding.
    ///
    /// # Errors
    /// When what was seen before is not known.
    pub fn look(&self) -> Result<Reading, ClockError> {
        self.seen().map(|seen| seen.at(super::now()))
    }

    /// Takes an operator's word that a clock which says this is right, whatever was seen before.
    ///
    /// # Errors
    /// When that cannot be kept.
    pub fn accept(&self, clock: Timestamp) -> Result<(), ClockError> {
        let _alone = self.lock(PATIENCE)?;
        let proven = self.seen().map_or(clock, |seen| seen.proven.min(clock));
        self.write(Seen { proven, read: clock })
    }

    fn seen(&self) -> Result<Seen, ClockError> {
        let bytes = files::if_there(std::fs::read(&self.file)).map_err(|source| self.refused(source))?;
        let Some(bytes) = bytes else { return Ok(Seen::default()) };
        toml::from_str(&String::from_utf8_lossy(&bytes))
            .map_err(|error| ClockError::Damaged { file: self.file.clone(), why: error.message().to_owned() })
    }

    fn write(&self, seen: Seen) -> Result<(), ClockError> {
        let Seen { proven, read } = seen;
        let text = format!(
            "# The latest times that were seen here, in milliseconds since 1970: of a block that was proven, and of this machine's \
             clock.\nproven = {}\nread = {}\n",
            proven.0.min(LATEST),
            read.0.min(LATEST)
        );
        files::replace(&self.file, None, text.as_bytes()).map_err(|source| self.refused(source))
    }

    /// The folder, which is held while the file is read and written, so that of two processes none undoes what the other has kept.
    fn lock(&self, patience: Duration) -> Result<File, ClockError> {
        let opened = opened(files::folder_of(&self.file)).map_err(|source| self.refused(source))?;
        let came = Instant::now();
        loop {
            match opened.try_lock() {
                Err(TryLockError::WouldBlock) if came.elapsed() < patience => std::thread::sleep(TRY),
                Err(TryLockError::WouldBlock) => {
                    let held = io::Error::new(io::ErrorKind::TimedOut, "another process holds its folder");
                    return Err(self.refused(held));
                }
                // On a disk that knows no locks, what was written last is kept, which is a moment earlier at most.
                Ok(()) | Err(TryLockError::Error(_)) => return Ok(opened),
            }
        }
    }

    fn refused(&self, source: io::Error) -> ClockError {
        ClockError::Io { file: self.file.clone(), source }
    }
}

/// Makes and opens a folder that nobody but its owner can open.
fn opened(folder: &Path) -> io::Result<File> {
    DirBuilder::new().recursive(true).mode(OWNER_ALONE).create(folder)?;
    let opened = File::open(folder)?;
    if opened.metadata()?.permissions().mode() & 0o077 != 0 {
        // Where it belongs to somebody else, it is theirs to close.
        let _ = opened.set_permissions(Permissions::from_mode(OWNER_ALONE));
    }
    Ok(opened)
}

impl Seen {
    fn at(self, clock: Timestamp) -> Reading {
        Reading { clock, latest: clock.max(self.proven).max(self.read) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp(1_700_000_000_000);

    fn home() -> (tempfile::TempDir, Home) {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::at(dir.path().join("home"));
        (dir, home)
    }

    #[test]
    fn h12_what_was_seen_outlives_its_process_and_only_becomes_later() {
        let (_dir, home) = home();
        // Each is a process of its own, as far as the file goes.
        let read = |clock, proven| HomeClock::of(&home).read_at(clock, proven).unwrap();
        assert_eq!(read(NOON, None), Reading::alone(NOON));
        let later = NOON.plus(5_000);
        assert_eq!(read(NOON, Some(later)), Reading { clock: NOON, latest: later });
        assert_eq!(read(NOON.minus(1), None), Reading { clock: NOON.minus(1), latest: later });
        let latest = NOON.plus(9_000);
        assert_eq!(read(latest, Some(NOON)).latest, latest);
        assert_eq!(read(NOON, None).behind_ms(), 9_000);
        assert!(HomeClock::of(&home).look().unwrap().latest > latest, "the machine's own clock is later");
        assert_eq!(read(NOON, None).latest, latest, "looking keeps nothing");
        assert!(read(Timestamp(u64::MAX), None).latest > latest);
        assert_eq!(read(NOON, None).latest, Timestamp(LATEST));
    }

    #[test]
    fn h12_only_an_operators_word_makes_it_earlier() {
        let (_dir, home) = home();
        let clock = HomeClock::of(&home);
        let read = |at| clock.read_at(at, None).unwrap();
        clock.read_at(NOON.plus(86_400_000), Some(NOON.plus(1_000))).unwrap();
        assert_eq!(read(NOON).behind_ms(), 86_400_000);
        clock.accept(NOON).unwrap();
        assert_eq!(read(NOON), Reading::alone(NOON));
        clock.read_at(NOON.minus(500), Some(NOON.minus(500))).unwrap();
        clock.accept(NOON.minus(100)).unwrap();
        assert_eq!(read(NOON.minus(200)).behind_ms(), 100);
    }

    #[test]
    fn h12_what_cannot_be_read_or_kept_lets_nothing_be_judged() {
        let (_dir, home) = home();
        let clock = HomeClock::of(&home);
        clock.read_at(NOON, None).unwrap();
        std::fs::write(home.clock(), "proven = 1\n").unwrap();
        let damaged = clock.read_at(NOON, None).unwrap_err();
        assert!(matches!(damaged, ClockError::Damaged { .. }), "{damaged}");
        assert!(damaged.to_string().contains("`the-block clock accept`"), "{damaged}");
        clock.accept(NOON).unwrap();
        assert_eq!(clock.read_at(NOON, None).unwrap(), Reading::alone(NOON));

        std::fs::remove_dir_all(home.path()).unwrap();
        std::fs::write(home.path(), "a file in place of the folder").unwrap();
        assert!(matches!(clock.read_at(NOON, None), Err(ClockError::Io { .. })));
    }

    #[test]
    fn h12_who_holds_the_folder_hangs_nobody_and_no_other_user_can() {
        let (_dir, home) = home();
        let (clock, folder) = (HomeClock::of(&home), home.clock().parent().unwrap().to_owned());
        let mode = || std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777;
        clock.read_at(NOON, None).unwrap();
        assert_eq!(mode(), OWNER_ALONE);
        // One that was left open to everybody is closed.
        std::fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
        clock.read_at(NOON, None).unwrap();
        assert_eq!(mode(), OWNER_ALONE);

        let held = File::open(&folder).unwrap();
        held.lock().unwrap();
        let refused = clock.lock(Duration::from_millis(20)).unwrap_err();
        let ClockError::Io { source, .. } = &refused else { panic!("{refused}") };
        assert_eq!(source.kind(), io::ErrorKind::TimedOut, "{refused}");
        drop(held);
        assert_eq!(clock.read_at(NOON.plus(1), None).unwrap(), Reading::alone(NOON.plus(1)));
    }

    #[test]
    fn h12_of_two_processes_none_undoes_what_the_other_has_kept() {
        let (_dir, home) = home();
        std::thread::scope(|scope| {
            for process in 0..8u64 {
                let clock = HomeClock::of(&home);
                scope.spawn(move || {
                    for step in 0..20 {
                        let at = NOON.plus(step * 8 + process);
                        assert!(clock.read_at(at, None).unwrap().latest >= at);
                    }
                });
            }
        });
        assert_eq!(HomeClock::of(&home).read_at(NOON, None).unwrap().latest, NOON.plus(19 * 8 + 7));
    }
}
