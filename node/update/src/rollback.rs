//! Back to the build before, when the new one does not come up.
//!
//! Which build that is, the journal says, or `TB_PREVIOUS_BINARY`. It is measured, and it runs again only when it is still
//! approved: a way back to a revoked build would be an attack's way in (T19). When it is not, nothing runs.

use super::audit::{self, Action};
use super::disk::{Disk, sync_folder_of};
use super::error::UpdateError;
use super::install::Installer;
use super::journal::{Journal, Step};
use super::layout::{Releases, Slot};
use crate::release_file::measure_file;
use host::clock;
use primitives::BuildHash;
use std::path::{Path, PathBuf};

/// Names the executable to go back to; set for the node by whoever starts it.
pub const PREVIOUS_VARIABLE: &str = "TB_PREVIOUS_BINARY";

/// Whether a build may run, and why not: asked of certified chain state.
pub type MayRun<'a> = &'a dyn Fn(&BuildHash) -> Result<(), String>;

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
/// When there is no previous build, when it may not run either, or when the disk refuses.
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
    let path = candidate.path(&installer.releases);
    let restored = measure_file(&path).map_err(UpdateError::disk("measure", &path))?;
    journal.mark_bad(failed, reason, clock::now());
    if let Err(why) = may_run(&restored) {
        journal.step = Step::Settled;
        journal.save(&installer.releases, installer.disk)?;
        let reason = format!("{reason}; the build before it, {restored}, may not run: {why}");
        audit::record(&installer.releases, Action::SafeMode { rolled_back: failed, reason })?;
        return Err(UpdateError::PreviousRefused { hash: restored, why });
    }
    match &candidate {
        Candidate::Slot(slot) => installer.repoint(&mut journal, *slot, restored, Some(failed))?,
        Candidate::File(previous) => {
            journal.save(&installer.releases, installer.disk)?;
            replace_executable(installer.disk, previous, live, restored)?;
        }
    }
    let action = Action::RolledBack { rolled_back: failed, restored, reason: reason.into() };
    audit::record(&installer.releases, action)?;
    Ok(RolledBack { rolled_back: failed, restored, path })
}

/// Where the previous build lies.
enum Candidate {
    /// In the other slot.
    Slot(Slot),
    /// In a file of the operator's, for a node that is not started from a slot.
    File(PathBuf),
}

impl Candidate {
    fn path(&self, releases: &Releases) -> PathBuf {
        match self {
            Candidate::Slot(slot) => releases.executable(*slot),
            Candidate::File(path) => path.clone(),
        }
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
    use host::config::Home;
    use std::fs;

    /// A home whose slot B is on trial, with slot A to go back to.
    struct Scene {
        folder: tempfile::TempDir,
        releases: Releases,
    }

    impl Scene {
        fn set() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let releases = Releases::of(&Home::at(folder.path()));
            for (slot, content) in [(Slot::A, "the old build"), (Slot::B, "the new build")] {
                fs::create_dir_all(releases.slot(slot)).unwrap();
                fs::write(releases.executable(slot), content).unwrap();
            }
            std::os::unix::fs::symlink("slots/b", releases.current()).unwrap();
            let step = Step::Trying { slot: Slot::B, hash: hash("the new build"), from: Some(Slot::A), attempts: 1 };
            let mut journal = Journal::default();
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
        let refused = scene.undo(None, &|_| Err("it was revoked".into())).unwrap_err();
        assert_eq!(refused.code(), "E_PREVIOUS_REFUSED");
        assert!(refused.to_string().contains("it was revoked"), "{refused}");
        assert_eq!(scene.releases.live(), Some(Slot::B), "the link is as it was");
        assert!(matches!(&scene.actions()[..], [Action::SafeMode { reason, .. }] if reason.contains("it was revoked")));
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
        let asked = |found: &BuildHash| if *found == hash("an older build") { Ok(()) } else { Err("another".into()) };
        let undone = rollback_failed_startup(&installer, failed, &live, Some(&previous), "refused", &asked).unwrap();
        assert_eq!(undone.restored, hash("an older build"));
        assert_eq!(fs::read_to_string(&live).unwrap(), "an older build");
        assert!(!scene.folder.path().join("the-block.new").exists());
    }
}
