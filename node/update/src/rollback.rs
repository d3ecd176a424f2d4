//! Back to the build before, when the new one does not come up.
//!
//! Which build that is, the journal says, or `TB_PREVIOUS_BINARY`. It is opened and measured, a slot must hold what was installed
//! there, and it runs again only when it is still approved: a way back to a revoked build would be an attack's way in (T19). When
//! it is not, nothing runs.

use super::audit::{self, Action};
use super::disk::{Disk, sync_folder_of};
use super::error::UpdateError;
use super::executable::MeasuredExecutable;
use super::install::Installer;
use super::journal::{Journal, Step};
use super::layout::{Releases, Slot};
use crate::release_file::measure_file;
use host::clock;
use primitives::BuildHash;
use std::path::{Path, PathBuf};

/// Names the executable to go back to; set for the node by whoever starts it.
pub const PREVIOUS_VARIABLE: &str = "TB_PREVIOUS_BINARY";

/// Whether what was measured may run: asked of certified chain state, never of the build alone. What may not is
/// [`UpdateError::PreviousRefused`]; another error is that it could not be asked, and decides nothing.
pub type MayRun<'a> = &'a dyn Fn(&MeasuredExecutable) -> Result<(), UpdateError>;

/// What a rollback did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolledBack {
    /// The build that was given up.
    pub rolled_back: BuildHash,
    /// The build that the next start runs.
    pub restored: BuildHash,
    /// Where it lies.
    pub path: PathBuf,
}

/// After a start that was refused: brings the previous build back to where the refused one was started from, and says so in
/// the audit log. The refused build does not count as installed. `previous` is what `TB_PREVIOUS_BINARY` names, `live` the
/// executable that was refused.
///
/// # Errors
/// When there is no previous build, when it is not what was installed or may not run either, when that cannot be asked, or when
/// the disk refuses.
pub fn rollback_failed_startup(
    installer: &Installer,
    failed: BuildHash,
    live: &Path,
    previous: Option<&Path>,
    reason: &str,
    may_run: MayRun,
) -> Result<RolledBack, UpdateError> {
    let mut journal = installer.journal()?;
    let candidate = candidate(&installer.releases, &journal, live, previous)
        .ok_or_else(|| UpdateError::NoPrevious(installer.releases.path().into()))?;
    journal.mark_bad(failed, reason, clock::now());
    let executable = match candidate.permitted(&installer.releases, &journal, may_run) {
        Ok(executable) => executable,
        Err(error) if error.spoiled().is_some() || matches!(error, UpdateError::PreviousRefused { .. }) => {
            stay(installer, journal, failed, &format!("{reason}; {error} ({})", error.code()))?;
            return Err(error);
        }
        Err(error) => return Err(error),
    };
    let (restored, path) = (executable.hash(), executable.path().to_path_buf());
    match &candidate {
        Candidate::Slot(slot) => installer.repoint(&mut journal, *slot, restored, Some(failed))?,
        Candidate::File(previous) => {
            if let Some(slot) = installer.releases.slot_of(live) {
                journal.record(slot, restored);
            }
            journal.save(&installer.releases, installer.disk)?;
            replace_executable(installer.disk, previous, live, restored)?;
        }
    }
    let action = Action::RolledBack { rolled_back: failed, restored, reason: reason.into() };
    audit::record(&installer.releases, action)?;
    Ok(RolledBack { rolled_back: failed, restored, path })
}

/// Leaves the link where it is: there is nothing to go back to that may run.
fn stay(installer: &Installer, mut journal: Journal, failed: BuildHash, reason: &str) -> Result<(), UpdateError> {
    journal.step = Step::Settled;
    journal.save(&installer.releases, installer.disk)?;
    audit::record(&installer.releases, Action::SafeMode { rolled_back: failed, reason: reason.into() })
}

/// Where the previous build lies.
enum Candidate {
    /// In the other slot.
    Slot(Slot),
    /// In a file of the operator's, for a node that is not started from a slot.
    File(PathBuf),
}

impl Candidate {
    /// It, measured, when it may run.
    fn permitted(
        &self,
        releases: &Releases,
        journal: &Journal,
        may_run: MayRun,
    ) -> Result<MeasuredExecutable, UpdateError> {
        let executable = match self {
            Candidate::Slot(slot) => MeasuredExecutable::in_slot(releases, journal, *slot)?,
            Candidate::File(path) => MeasuredExecutable::open(path)?,
        };
        may_run(&executable)?;
        Ok(executable)
    }
}

/// The named file, else the build that the one on trial came from, else the other slot.
fn candidate(releases: &Releases, journal: &Journal, live: &Path, previous: Option<&Path>) -> Option<Candidate> {
    let live_slot = releases.slot_of(live);
    if let Some(previous) = previous.filter(|path| path.is_file()) {
        return match releases.slot_of(previous) {
            Some(slot) if live_slot == Some(slot) => None,
            Some(slot) => Some(Candidate::Slot(slot)),
            None => Some(Candidate::File(previous.into())),
        };
    }
    let from = match journal.step {
        Step::Trying { from, .. } => from,
        _ => live_slot.map(Slot::other),
    };
    from.filter(|slot| releases.executable(*slot).is_file()).map(Candidate::Slot)
}

/// Replaces an executable that may be running: a new file beside it, and one rename. (Writing into it would fail with
/// ETXTBSY, or worse, succeed.)
fn replace_executable(disk: &dyn Disk, from: &Path, live: &Path, expected: BuildHash) -> Result<(), UpdateError> {
    let live = std::fs::canonicalize(live).map_err(UpdateError::disk("find", live))?;
    let new = live.with_extension("new");
    let copied = || -> Result<(), UpdateError> {
        std::fs::copy(from, &new).map_err(UpdateError::disk("write", &new))?;
        let found = measure_file(&new).map_err(UpdateError::disk("measure", &new))?;
        if found != expected {
            return Err(UpdateError::OtherBuild { path: new.clone(), expected, found });
        }
        let file = std::fs::File::open(&new).map_err(UpdateError::disk("open", &new))?;
        disk.make_executable(&file).map_err(UpdateError::disk("write", &new))?;
        disk.sync(&file).map_err(UpdateError::disk("sync", &new))?;
        disk.rename(&new, &live).map_err(UpdateError::disk("replace", &live))?;
        sync_folder_of(disk, &live).map_err(UpdateError::disk("sync", &live))
    };
    copied().inspect_err(|_| {
        let _ = disk.remove(&new);
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::RealDisk;
    use crate::error::StartRefusal;
    use host::config::Home;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    /// A home whose slot B is on trial, with slot A to go back to.
    struct Scene {
        folder: tempfile::TempDir,
        releases: Releases,
    }

    impl Scene {
        fn set() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let releases = Releases::of(&Home::at(folder.path()));
            let mut journal = Journal::default();
            for (slot, content) in [(Slot::A, "the old build"), (Slot::B, "the new build")] {
                fs::create_dir_all(releases.slot(slot)).unwrap();
                put(&releases, slot, content);
                journal.record(slot, hash(content));
            }
            std::os::unix::fs::symlink("slots/b", releases.current()).unwrap();
            let step = Step::Trying { slot: Slot::B, hash: hash("the new build"), from: Some(Slot::A), attempts: 1 };
            journal.step = step;
            journal.highest_sequence = 2;
            journal.save(&releases, &RealDisk).unwrap();
            Self { folder, releases }
        }

        fn undo(&self, previous: Option<&Path>, may_run: MayRun) -> Result<RolledBack, UpdateError> {
            let installer = Installer::open(self.releases.clone(), &RealDisk).unwrap();
            let live = self.releases.executable(Slot::B);
            rollback_failed_startup(&installer, hash("the new build"), &live, previous, "it crashed", may_run)
        }

        fn actions(&self) -> Vec<Action> {
            audit::read(&self.releases).unwrap().into_iter().map(|entry| entry.action).collect()
        }
    }

    /// Puts an executable into a slot, sealed as an installation leaves it.
    fn put(releases: &Releases, slot: Slot, content: &str) {
        let path = releases.executable(slot);
        let _ = fs::remove_file(&path);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o555)).unwrap();
    }

    fn refused(executable: &MeasuredExecutable, why: &str) -> Result<(), UpdateError> {
        let why = StartRefusal { exit_code: 11, why: why.into() };
        Err(UpdateError::PreviousRefused { hash: executable.hash(), why })
    }

    fn hash(content: &str) -> BuildHash {
        BuildHash(*blake3::hash(content.as_bytes()).as_bytes())
    }

    #[test]
    fn the_build_before_is_linked_again_and_the_failed_one_is_marked() {
        let scene = Scene::set();
        let undone = scene.undo(None, &|_| Ok(())).unwrap();
        assert_eq!((undone.rolled_back, undone.restored), (hash("the new build"), hash("the old build")));
        assert_eq!(scene.releases.live(), Some(Slot::A));
        let journal = Journal::open(&scene.releases).unwrap();
        assert_eq!((&journal.step, journal.highest_sequence), (&Step::Settled, 2));
        assert_eq!(journal.badness(&hash("the new build")).unwrap().reason, "it crashed");
        assert!(matches!(scene.actions()[..], [Action::RolledBack { .. }]));
    }

    #[test]
    fn t19_a_build_that_may_not_run_is_not_gone_back_to() {
        let scene = Scene::set();
        let refused = scene.undo(None, &|executable| refused(executable, "it was revoked")).unwrap_err();
        assert_eq!(refused.code(), "E_PREVIOUS_REFUSED");
        assert!(matches!(&refused, UpdateError::PreviousRefused { why, .. } if why.exit_code == 11), "{refused}");
        assert!(refused.to_string().contains("it was revoked"), "{refused}");
        assert_eq!(scene.releases.live(), Some(Slot::B), "the link is as it was");
        assert!(matches!(&scene.actions()[..], [Action::SafeMode { reason, .. }] if reason.contains("it was revoked")));
    }

    #[test]
    fn h05_what_cannot_be_asked_is_no_verdict() {
        let scene = Scene::set();
        let silent = |executable: &MeasuredExecutable| -> Result<(), UpdateError> {
            Err(UpdateError::Unproven { hash: executable.hash(), why: "the disk does not answer".into() })
        };
        assert_eq!(scene.undo(None, &silent).unwrap_err().code(), "E_PROOF");
        assert_eq!(scene.releases.live(), Some(Slot::B));
        let journal = Journal::open(&scene.releases).unwrap();
        assert!(matches!(journal.step, Step::Trying { .. }), "it is to be asked again: {:?}", journal.step);
        assert!(scene.actions().is_empty() && journal.bad.is_empty());
    }

    #[test]
    fn h05_t18_t19_a_slot_that_holds_something_else_is_not_gone_back_to_whatever_it_is() {
        let scene = Scene::set();
        put(&scene.releases, Slot::A, "a build that was never installed here");
        let unasked = |_: &MeasuredExecutable| -> Result<(), UpdateError> { panic!("it is not even asked about") };
        assert_eq!(scene.undo(None, &unasked).unwrap_err().code(), "E_SELF_HASH");
        assert_eq!(scene.releases.live(), Some(Slot::B), "the link is as it was");
        assert!(matches!(&scene.actions()[..], [Action::SafeMode { reason, .. }] if reason.contains("(E_SELF_HASH)")));

        let scene = Scene::set();
        fs::set_permissions(scene.releases.executable(Slot::A), Permissions::from_mode(0o755)).unwrap();
        assert_eq!(scene.undo(None, &unasked).unwrap_err().code(), "E_UNSAFE_FILE");
        assert_eq!(scene.releases.live(), Some(Slot::B));
    }

    #[test]
    fn a_way_back_that_a_crash_interrupted_is_taken_at_the_next_start() {
        let scene = Scene::set();
        let mut journal = Journal::open(&scene.releases).unwrap();
        let gives_up = Some(hash("the new build"));
        journal.step = Step::Switching { from: Some(Slot::B), to: Slot::A, hash: hash("the old build"), gives_up };
        journal.save(&scene.releases, &RealDisk).unwrap();
        let found = Journal::open(&scene.releases).unwrap().step;
        assert!(
            matches!(found, Step::Trying { slot: Slot::B, from: Some(Slot::A), attempts: u32::MAX, .. }),
            "{found:?}"
        );
        scene.undo(None, &|_| Ok(())).unwrap();
        assert_eq!(scene.releases.live(), Some(Slot::A));
    }

    #[test]
    fn without_anything_to_go_back_to_nothing_changes() {
        let scene = Scene::set();
        fs::remove_file(scene.releases.executable(Slot::A)).unwrap();
        assert_eq!(scene.undo(None, &|_| Ok(())).unwrap_err().code(), "E_NO_PREVIOUS");
        assert_eq!(scene.releases.live(), Some(Slot::B));
    }

    #[test]
    fn a_node_outside_the_slots_gets_the_named_file_back_in_its_place() {
        let scene = Scene::set();
        let (live, previous) = (scene.folder.path().join("the-block"), scene.folder.path().join("the-block.old"));
        fs::write(&live, "the new build").unwrap();
        fs::write(&previous, "an older build").unwrap();
        let installer = Installer::open(scene.releases.clone(), &RealDisk).unwrap();
        let failed = hash("the new build");
        let asked = |found: &MeasuredExecutable| {
            if found.hash() == hash("an older build") { Ok(()) } else { refused(found, "another") }
        };
        let undone = rollback_failed_startup(&installer, failed, &live, Some(&previous), "refused", &asked).unwrap();
        assert_eq!(undone.restored, hash("an older build"));
        assert_eq!(fs::read_to_string(&live).unwrap(), "an older build");
        assert!(!scene.folder.path().join("the-block.new").exists());
    }
}
