//! Where releases lie in a home: two slots, and a link to the one that runs.
//!
//! ```text
//! releases/current          -> slots/a or slots/b; what starts the node runs current/the-block
//! releases/slots/{a,b}/     one executable each
//! releases/journal.json     what was installed, what is being tried, what failed
//! releases/audit.log        a line of JSON for everything that changed
//! releases/lock             held by whoever updates
//! ```

use super::error::UpdateError;
use host::config::Home;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// The file name of the executable in a slot.
pub const EXECUTABLE: &str = "the-block";

/// One of the two places for an executable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// The first.
    A,
    /// The second.
    B,
}

impl Slot {
    /// Both.
    pub const ALL: [Slot; 2] = [Slot::A, Slot::B];

    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Slot::A => Slot::B,
            Slot::B => Slot::A,
        }
    }

    /// Its letter, which is its folder.
    pub fn letter(self) -> char {
        match self {
            Slot::A => 'a',
            Slot::B => 'b',
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.letter())
    }
}

/// The releases of a home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Releases(PathBuf);

/// The right to change the releases of a home; given back when dropped, or when the process ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Releases {
    /// Those of a home.
    pub fn of(home: &Home) -> Self {
        Self(home.releases())
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The link to the slot that runs.
    pub fn current(&self) -> PathBuf {
        self.0.join("current")
    }

    /// The executable to start.
    pub fn running(&self) -> PathBuf {
        self.current().join(EXECUTABLE)
    }

    /// What is typed to run on a home of these releases what `current` leads to.
    pub fn start_command(&self, home: &Home) -> String {
        format!("{} start --home {}", self.running().display(), home.path().display())
    }

    /// The folder of a slot.
    pub fn slot(&self, slot: Slot) -> PathBuf {
        self.0.join(target(slot))
    }

    /// The executable of a slot.
    pub fn executable(&self, slot: Slot) -> PathBuf {
        self.slot(slot).join(EXECUTABLE)
    }

    /// The journal.
    pub fn journal(&self) -> PathBuf {
        self.0.join("journal.json")
    }

    /// The audit log.
    pub fn audit(&self) -> PathBuf {
        self.0.join("audit.log")
    }

    /// The slot that holds an executable, by its path.
    pub fn slot_of(&self, executable: &Path) -> Option<Slot> {
        let executable = executable.canonicalize().ok()?;
        Slot::ALL.into_iter().find(|slot| self.executable(*slot).canonicalize().is_ok_and(|path| path == executable))
    }

    /// Takes the right to change anything here.
    ///
    /// # Errors
    /// When somebody has it, or the folder cannot be written.
    pub fn lock(&self) -> Result<Lock, UpdateError> {
        self.lock_file("lock")
    }

    /// Takes the right to run the node of this home; one supervisor has it at a time.
    ///
    /// # Errors
    /// When another one has it, or the folder cannot be written.
    pub fn lock_supervisor(&self) -> Result<Lock, UpdateError> {
        self.lock_file("supervisor.lock")
    }

    fn lock_file(&self, name: &str) -> Result<Lock, UpdateError> {
        std::fs::create_dir_all(&self.0).map_err(UpdateError::disk("make the folder", &self.0))?;
        let path = self.0.join(name);
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(UpdateError::disk("open", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(UpdateError::Busy(self.0.clone())),
            Err(TryLockError::Error(error)) => Err(UpdateError::disk("lock", &path)(error)),
        }
    }
}

/// What `current` points to, relative to its own folder.
pub(super) fn target(slot: Slot) -> PathBuf {
    Path::new("slots").join(slot.letter().to_string())
}
