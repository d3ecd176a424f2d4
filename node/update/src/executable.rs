//! An executable that is opened once: measured, judged and executed through one descriptor, so that what runs is what was judged,
//! whatever happens to its path meanwhile (T18).
//!
//! Its bytes stay what they were, too: a file that anybody may write to, that another user owns, or that was changed since it was
//! measured is not executed.

use super::confine::Confinement;
use super::error::UpdateError;
use super::journal::Journal;
use super::layout::{Releases, Slot};
use crate::release_file::measure_open;
use primitives::BuildHash;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

/// How often a file that somebody still writes to is tried again.
const BUSY: u32 = 50;
/// The pause before it is.
const PAUSE: Duration = Duration::from_millis(20);
/// The user who may do everything on a machine.
const ROOT: u32 = 0;
/// The permission bits that let somebody write.
const WRITABLE: u32 = 0o222;

/// An open file with the hash of what it holds.
#[derive(Debug)]
pub struct MeasuredExecutable {
    path: PathBuf,
    file: File,
    hash: BuildHash,
    seen: Seen,
}

/// What the system changes together with a file's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    size: u64,
    modified: (i64, i64),
    /// Nobody can set this one.
    changed: (i64, i64),
}

impl MeasuredExecutable {
    /// Opens and measures a file.
    ///
    /// # Errors
    /// When it cannot be opened or read.
    pub fn open(path: &Path) -> Result<Self, UpdateError> {
        let file = File::open(path).map_err(UpdateError::disk("open", path))?;
        let measured = Seen::of(&file).and_then(|seen| Ok((seen, measure_open(&file)?)));
        let (seen, hash) = measured.map_err(UpdateError::disk("measure", path))?;
        Ok(Self { path: path.into(), file, hash, seen })
    }

    /// The executable of a slot, which must be the one that was installed there.
    ///
    /// # Errors
    /// When the journal has another hash for the slot, or none; when the file may be written to or is another user's.
    pub fn in_slot(releases: &Releases, journal: &Journal, slot: Slot) -> Result<Self, UpdateError> {
        let executable = Self::open(&releases.executable(slot))?;
        let (path, expected, found) = (executable.path.clone(), journal.recorded(slot), executable.hash);
        if expected != Some(found) {
            return Err(UpdateError::SelfHash { path, expected, found });
        }
        executable.require_sealed()?;
        Ok(executable)
    }

    /// The hash of what it holds.
    pub fn hash(&self) -> BuildHash {
        self.hash
    }

    /// Where it was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The open file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Requires that it holds a build.
    ///
    /// # Errors
    /// When it holds another one.
    pub fn require(&self, expected: BuildHash) -> Result<(), UpdateError> {
        if self.hash == expected {
            return Ok(());
        }
        Err(UpdateError::OtherBuild { path: self.path.clone(), expected, found: self.hash })
    }

    /// Executes what was measured, within a confinement. `start` gets a command that goes by the path's name, without arguments and
    /// with an empty environment: what the process is to know, `start` names.
    ///
    /// # Errors
    /// When the file may be written to, is another user's or was changed since it was measured; when it cannot be started.
    pub fn execute<T: Send>(
        &self,
        confinement: &Confinement,
        mut start: impl FnMut(Command) -> io::Result<T> + Send,
    ) -> Result<T, UpdateError> {
        self.require_sealed()?;
        self.require_unchanged()?;
        // The new process has a copy of the descriptor until the file is executed; it closes then, as all of this process do.
        let descriptor = format!("/proc/self/fd/{}", self.file.as_raw_fd());
        let started = confinement.within(|| {
            patiently(|| {
                let mut command = Command::new(&descriptor);
                command.arg0(&self.path).env_clear();
                start(command)
            })
        });
        started.map_err(UpdateError::disk("execute", &self.path))
    }

    /// Whether it is as an installation leaves it.
    pub(super) fn is_sealed(&self) -> bool {
        self.require_sealed().is_ok()
    }

    /// Nobody but its owner could write to it, who is this user, and who would have to allow it first.
    fn require_sealed(&self) -> Result<(), UpdateError> {
        let metadata = self.file.metadata().map_err(UpdateError::disk("read", &self.path))?;
        match open_to(metadata.mode(), metadata.uid(), rustix::process::geteuid().as_raw()) {
            Some(what) => Err(self.unsafe_file(what)),
            None => Ok(()),
        }
    }

    /// It holds what was measured. Whatever the system saw change since may be its name alone, so it is measured again then.
    fn require_unchanged(&self) -> Result<(), UpdateError> {
        let seen = Seen::of(&self.file).map_err(UpdateError::disk("read", &self.path))?;
        if seen == self.seen {
            return Ok(());
        }
        let hash = measure_open(&self.file).map_err(UpdateError::disk("measure", &self.path))?;
        if hash == self.hash { Ok(()) } else { Err(self.unsafe_file("was changed since it was measured".into())) }
    }

    fn unsafe_file(&self, what: String) -> UpdateError {
        UpdateError::UnsafeFile { path: self.path.clone(), hash: self.hash, what }
    }
}

impl Seen {
    fn of(file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(Self {
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }
}

/// Who else could change a file of this mode and owner, seen by the user `me`; none when nobody could but root, who could do
/// anything.
fn open_to(mode: u32, owner: u32, me: u32) -> Option<String> {
    if ![me, ROOT].contains(&owner) {
        return Some(format!("belongs to user {owner}, and user {me} is to run it"));
    }
    (mode & WRITABLE != 0).then(|| format!("may be written to (mode {:04o})", mode & 0o7777))
}

/// Starts a process, and tries again while the system says that its file is busy: a process that another thread starts at the
/// same moment may hold the file open for writing until it has become another program.
pub(super) fn patiently<T>(mut start: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    for _ in 0..BUSY {
        match start() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => thread::sleep(PAUSE),
            other => return other,
        }
    }
    start()
}

/// Waits for the end of a process; none when it does not end within `limit`, and is killed.
///
/// # Errors
/// When the system cannot wait for it.
pub fn ended_within(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if began.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::RealDisk;
    use host::config::Home;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;
    use std::process::Stdio;

    /// A copy of the executable that runs these tests, which lists them when asked; sealed, as an installation leaves it.
    fn copy(folder: &Path) -> PathBuf {
        let path = folder.join("build");
        // By another process: a file that this one has open for writing while a thread of it forks cannot be executed.
        let own = std::env::current_exe().unwrap();
        assert!(Command::new("cp").arg(own).arg(&path).status().unwrap().success());
        set_mode(&path, 0o555);
        path
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    /// What the tests say when they are listed; this very test is among them.
    fn listed(executable: &MeasuredExecutable) -> Result<String, UpdateError> {
        let listing = |mut command: Command| command.arg("--list").stdin(Stdio::null()).output();
        let output = executable.execute(&Confinement::none(), listing)?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Something else that can be executed, and leaves a mark when it is.
    fn marking(folder: &Path) -> (PathBuf, PathBuf) {
        let (script, mark) = (folder.join("other"), folder.join("mark"));
        fs::write(&script, format!("#!/bin/sh\ntouch {:?}\n", mark.display().to_string())).unwrap();
        set_mode(&script, 0o555);
        (script, mark)
    }

    #[test]
    fn h05_t18_the_measured_bytes_run_whatever_takes_their_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = copy(folder.path());
        let executable = MeasuredExecutable::open(&path).unwrap();
        let (other, mark) = marking(folder.path());
        fs::rename(&other, &path).unwrap();
        // The path leads to something else now, and it does run.
        assert!(patiently(|| Command::new(&path).status()).unwrap().success() && mark.exists());
        fs::remove_file(&mark).unwrap();
        assert!(listed(&executable).unwrap().contains("h05_t18_the_measured_bytes_run"), "it is not what was measured");
        assert!(!mark.exists());
        assert_ne!(MeasuredExecutable::open(&path).unwrap().hash(), executable.hash());
    }

    #[test]
    fn h05_t18_what_was_changed_in_place_does_not_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = copy(folder.path());
        let executable = MeasuredExecutable::open(&path).unwrap();
        assert!(listed(&executable).is_ok());
        set_mode(&path, 0o755);
        fs::write(&path, "#!/bin/sh\nexit 0\n").unwrap();
        assert!(listed(&executable).unwrap_err().to_string().contains("mode 0755"));
        set_mode(&path, 0o555);
        let refused = listed(&executable).unwrap_err();
        assert_eq!(refused.code(), "E_UNSAFE_FILE");
        assert!(refused.to_string().contains("was changed since it was measured"), "{refused}");
    }

    #[test]
    fn h05_a_file_that_can_be_written_to_or_is_another_users_does_not_run() {
        assert_eq!(open_to(0o100_555, 7, 7), None);
        for mode in [0o755, 0o575, 0o557, 0o644] {
            assert!(open_to(0o100_000 | mode, 7, 7).unwrap().contains(&format!("mode {mode:04o}")));
        }
        assert!(open_to(0o100_555, 8, 7).unwrap().contains("belongs to user 8"));
        assert_eq!(open_to(0o100_555, 0, 7), None, "root could change it whoever owns it");
        assert!(open_to(0o100_755, 0, 7).unwrap().contains("mode 0755"));
        let folder = tempfile::tempdir().unwrap();
        let path = copy(folder.path());
        set_mode(&path, 0o755);
        let executable = MeasuredExecutable::open(&path).unwrap();
        assert_eq!(listed(&executable).unwrap_err().code(), "E_UNSAFE_FILE");
    }

    #[test]
    fn h05_t01_a_slot_holds_what_the_journal_has_for_it_or_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let releases = Releases::of(&Home::at(folder.path()));
        fs::create_dir_all(releases.slot(Slot::A)).unwrap();
        let path = releases.executable(Slot::A);
        fs::rename(copy(folder.path()), &path).unwrap();
        let mut journal = Journal::default();
        let nothing = MeasuredExecutable::in_slot(&releases, &journal, Slot::A).unwrap_err();
        assert_eq!(nothing.code(), "E_SELF_HASH", "absence grants nothing");
        journal.record(Slot::A, MeasuredExecutable::open(&path).unwrap().hash());
        journal.save(&releases, &RealDisk).unwrap();
        let journal = Journal::open(&releases).unwrap();
        assert!(listed(&MeasuredExecutable::in_slot(&releases, &journal, Slot::A).unwrap()).is_ok());
        set_mode(&path, 0o755);
        let refused = MeasuredExecutable::in_slot(&releases, &journal, Slot::A).unwrap_err();
        assert_eq!(refused.code(), "E_UNSAFE_FILE");
        fs::write(&path, "other bytes").unwrap();
        set_mode(&path, 0o555);
        let refused = MeasuredExecutable::in_slot(&releases, &journal, Slot::A).unwrap_err();
        assert_eq!(refused.code(), "E_SELF_HASH");
    }

    #[test]
    fn h05_t08_nothing_of_the_environment_passes_that_is_not_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("env");
        assert!(Command::new("cp").args(["-L", "/usr/bin/env"]).arg(&path).status().unwrap().success());
        set_mode(&path, 0o555);
        let executable = MeasuredExecutable::open(&path).unwrap();
        let shown = executable.execute(&Confinement::none(), |mut command| command.env("NAMED", "1").output()).unwrap();
        assert_eq!(String::from_utf8_lossy(&shown.stdout).trim(), "NAMED=1");
    }

    #[test]
    fn a_process_that_does_not_end_is_ended() {
        let mut child = Command::new("sleep").arg("1000").spawn().unwrap();
        assert_eq!(ended_within(&mut child, Duration::from_millis(100)).unwrap(), None);
        let mut child = Command::new("true").spawn().unwrap();
        assert!(ended_within(&mut child, Duration::from_secs(60)).unwrap().is_some_and(|status| status.success()));
    }
}
