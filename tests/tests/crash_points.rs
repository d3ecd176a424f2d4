//! An installation that is cut off at every step of it, by a power cut and by a disk that refuses: what boots afterwards is the
//! old release or the new one, whole.

use host::config::Home;
use primitives::BuildHash;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use tests::binaries;
use update::release_file::measure_file;
use update::{Installer, Journal, MeasuredExecutable, RealDisk, Releases, Slot, Step};

/// A home with an old release in a slot, and a new one that waits to be installed.
struct Scene {
    folder: tempfile::TempDir,
    old: BuildHash,
    new: BuildHash,
}

impl Scene {
    fn set() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let build = |name: &str| {
            let path = binaries::variant("the-block", &folder.path().join(name), name).unwrap();
            // As an installation leaves it, for it is put back into a slot.
            fs::set_permissions(&path, Permissions::from_mode(0o555)).unwrap();
            measure_file(&path).unwrap()
        };
        let (old, new) = (build("old"), build("new"));
        let scene = Self { folder, old, new };
        assert!(scene.install("old", 1, "kill", u64::MAX).success());
        Installer::open(scene.releases(), &RealDisk).unwrap().settle().unwrap();
        scene
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    fn releases(&self) -> Releases {
        Releases::of(&Home::at(self.home()))
    }

    fn artifact(&self, name: &str) -> PathBuf {
        self.folder.path().join(name).join("the-block")
    }

    fn install(&self, name: &str, sequence: u64, how: &str, step: u64) -> ExitStatus {
        let artifact = if name == "-" { PathBuf::from("-") } else { self.artifact(name) };
        let output = Command::new(binaries::built("crash_install").unwrap())
            .arg(self.home())
            .arg(artifact)
            .args([&sequence.to_string(), how, &step.to_string()])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() || !said.contains("panicked"), "{said}");
        output.status
    }

    /// Puts the old release back into its slot, as if nothing had been tried.
    fn reset(&self) {
        let releases = self.releases();
        let slots = releases.path().join("slots");
        fs::remove_dir_all(&slots).unwrap();
        fs::create_dir_all(slots.join("a")).unwrap();
        fs::hard_link(self.artifact("old"), slots.join("a/the-block")).unwrap();
        let _ = fs::remove_file(releases.current());
        std::os::unix::fs::symlink("slots/a", releases.current()).unwrap();
        let mut journal = Journal::default();
        journal.record(Slot::A, self.old);
        journal.save(&releases, &RealDisk).unwrap();
    }

    /// What the next start runs is whole, and what the journal says fits to it.
    fn require_bootable(&self, at: &str) -> BuildHash {
        let releases = self.releases();
        let found = measure_file(&releases.running()).unwrap_or_else(|error| panic!("{at}: nothing boots: {error}"));
        assert!(found == self.old || found == self.new, "{at}: {found} is neither the old nor the new release");
        let checked = Command::new(releases.running()).arg("--self-check").output().unwrap();
        assert!(checked.status.success(), "{at}: what is linked does not run");
        let installer = Installer::open(releases.clone(), &RealDisk).unwrap();
        let journal = installer.journal().unwrap();
        // A supervisor would start it, too: it is what the journal has for the slot.
        let slot = releases.live().unwrap_or_else(|| panic!("{at}: nothing is linked"));
        let executable = MeasuredExecutable::in_slot(&releases, &journal, slot).map(|executable| executable.hash());
        assert_eq!(executable.unwrap_or_else(|error| panic!("{at}: {error}")), found, "{at}");
        match journal.step {
            Step::Settled => {}
            Step::Trying { hash, slot, .. } => {
                assert_eq!((hash, Some(slot)), (self.new, releases.live()), "{at}");
                assert_eq!(found, self.new, "{at}: the trial is of what runs");
            }
            other => panic!("{at}: {other:?} is left to whoever opens the journal"),
        }
        assert_eq!(leftovers(releases.path()), Vec::<PathBuf>::new(), "{at}");
        found
    }
}

fn leftovers(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(leftovers(&path));
        } else if path.extension().is_some_and(|extension| extension == "new") {
            found.push(path);
        }
    }
    found
}

/// Goes through all steps of an installation; gives how many there are, and at how many the new release was left linked.
fn go_through(scene: &Scene, how: &str) -> (u64, u64) {
    let mut switched = 0;
    for step in 0.. {
        scene.reset();
        let status = scene.install("new", 2, how, step);
        let at = format!("{how} at step {step}");
        let found = scene.require_bootable(&at);
        if status.success() {
            assert_eq!(found, scene.new, "an installation that ends well is one");
            return (step, switched);
        }
        assert_eq!(status.signal(), (how == "kill").then_some(9), "{at}: {status}");
        switched += u64::from(found == scene.new);
        // Whatever was left, the next installation goes through.
        if step % 5 == 0 || found == scene.new {
            assert!(scene.install("new", 2, "kill", u64::MAX).success(), "{at}: the next one does not go through");
            assert_eq!(scene.require_bootable(&at), scene.new);
        }
    }
    unreachable!("steps end")
}

#[test]
fn t15_a_power_cut_at_every_step_boots_the_old_or_the_new_release() {
    let scene = Scene::set();
    let (steps, switched) = go_through(&scene, "kill");
    assert!(steps > 15 && switched > 0 && switched < steps, "{steps} steps, {switched} of them after the switch");
}

#[test]
fn t15_a_disk_that_refuses_at_every_step_leaves_the_old_or_the_new_release() {
    let scene = Scene::set();
    let (steps, switched) = go_through(&scene, "fail");
    assert!(steps > 15 && switched > 0 && switched < steps, "{steps} steps, {switched} of them after the switch");
}

#[test]
fn t15_a_power_cut_at_every_step_of_the_way_back_leaves_it_to_be_taken_or_taken() {
    let scene = Scene::set();
    assert!(scene.install("new", 2, "kill", u64::MAX).success());
    let on_trial = fs::read(scene.releases().journal()).unwrap();
    let mut undone = 0;
    for step in 0.. {
        // The new release is on trial again.
        fs::write(scene.releases().journal(), &on_trial).unwrap();
        let _ = fs::remove_file(scene.releases().current());
        std::os::unix::fs::symlink("slots/b", scene.releases().current()).unwrap();
        let status = scene.install("-", 0, "kill", step);
        let at = format!("the way back, killed at step {step}");
        let found = scene.require_bootable(&at);
        let journal = Installer::open(scene.releases(), &RealDisk).unwrap().journal().unwrap();
        let waits = matches!(journal.step, Step::Trying { from: Some(Slot::A), .. });
        assert_eq!(waits, found == scene.new, "{at}: who is still linked is still to be given up");
        if status.success() {
            assert_eq!(found, scene.old);
            assert!(journal.badness(&scene.new).is_some(), "it is remembered");
            assert!(step > 5 && undone > 0, "{step} steps, {undone} of them after the switch");
            return;
        }
        assert_eq!(status.signal(), Some(9), "{at}: {status}");
        undone += u64::from(found == scene.old);
    }
}

#[test]
fn a_slot_folder_on_another_file_system_is_no_obstacle() {
    let scene = Scene::set();
    let elsewhere = tempfile::tempdir_in("/dev/shm").unwrap();
    let slots = scene.releases().path().join("slots");
    let moved = elsewhere.path().join("slots");
    assert!(Command::new("cp").arg("-a").arg(&slots).arg(&moved).status().unwrap().success());
    fs::remove_dir_all(&slots).unwrap();
    std::os::unix::fs::symlink(&moved, &slots).unwrap();
    assert!(scene.install("new", 2, "kill", u64::MAX).success());
    assert_eq!(scene.require_bootable("on another file system"), scene.new);
}

#[test]
fn t02_the_highest_number_survives_and_older_releases_are_refused() {
    let scene = Scene::set();
    assert!(scene.install("new", 5, "kill", u64::MAX).success());
    Installer::open(scene.releases(), &RealDisk).unwrap().settle().unwrap();
    // A database from an older backup changes nothing: the number is not kept there.
    assert!(!scene.install("old", 4, "kill", u64::MAX).success());
    assert_eq!(scene.require_bootable("after the refusal"), scene.new);
    assert_eq!(scene.releases().live(), Some(Slot::B));
}

#[test]
fn t15_the_way_back_is_not_overwritten_while_the_new_release_is_on_trial() {
    let scene = Scene::set();
    assert!(scene.install("new", 2, "kill", u64::MAX).success());
    binaries::variant("the-block", &scene.folder.path().join("third"), "third").unwrap();
    assert!(!scene.install("third", 3, "kill", u64::MAX).success(), "the slot of the old release is the way back");
    assert_eq!(measure_file(&scene.releases().executable(Slot::A)).unwrap(), scene.old);
}

#[test]
fn h05_an_installed_build_that_somebody_could_change_is_installed_anew() {
    let scene = Scene::set();
    let releases = scene.releases();
    assert!(scene.install("old", 1, "kill", u64::MAX).success());
    assert_eq!(releases.live(), Some(Slot::A), "what is installed already is not installed again");
    fs::set_permissions(releases.executable(Slot::A), Permissions::from_mode(0o755)).unwrap();
    assert!(scene.install("old", 1, "kill", u64::MAX).success());
    assert_eq!(releases.live(), Some(Slot::B));
    let journal = Journal::open(&releases).unwrap();
    assert_eq!(MeasuredExecutable::in_slot(&releases, &journal, Slot::B).unwrap().hash(), scene.old);
}
