//! From a verified file to the executable that the next start runs.
//!
//! 1. The bytes go from the open file into the free slot, hashed once more on the way, so that what is installed is what was
//!    verified, whatever happened to the path meanwhile. 2. They are synced, and looked at and run alone ([`preflight`]); the
//!    journal says what lies in the slot. 3. The journal says that the link is about to move, and keeps the release's number.
//!    4. The link moves, by one rename. 5. The journal says that the new build is on trial.
//!
//! # Invariants
//! - At every step, and after a crash at every step, `current` leads to a whole executable: the old one or the new one.
//! - What a start finds through `current` is what the journal has for that slot.
//! - The slot that `current` names, and the one that a build on trial came from, are not written to.

use super::audit::{self, Action};
use super::authorize::{Approval, Authorized, Rules, ensure_release_authorized};
use super::confine::Confinement;
use super::disk::{Disk, repoint, sync_folder_of};
use super::error::UpdateError;
use super::executable::MeasuredExecutable;
use super::fetch::{DownloadedRelease, require_space};
use super::journal::{Journal, Step};
use super::layout::{Lock, Releases, Slot, target};
use super::preflight;
use super::progress::{FetchProgress, Tell};
use crate::release_file;
use crate::release_file::measure_file;
use primitives::{BuildHash, Reading};
use releases::InstallStage;
use rpc::views::NodeVersion;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// How much is copied at a time.
const CHUNK: usize = 8 << 20;

/// A home whose releases this process may change.
pub struct Installer<'a> {
    /// Where they lie.
    pub releases: Releases,
    /// What is done to the disk.
    pub disk: &'a dyn Disk,
    /// Within what a new build is asked for its hash.
    confinement: Confinement,
    _lock: Lock,
}

/// A release in a slot, ready to be switched to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staged {
    /// The slot.
    pub slot: Slot,
    /// What lies there.
    pub release: Authorized,
}

/// Installs a release: authorizes it, stages it, and switches to it. The node runs it from its next start on.
///
/// # Errors
/// Whatever keeps it from being installed; what ran before still runs.
pub fn install_release(
    installer: &Installer,
    downloaded: &DownloadedRelease,
    approval: &Approval,
    rules: &Rules,
    reading: Reading,
    tell: &Tell,
) -> Result<Staged, UpdateError> {
    let journal = installer.journal()?;
    let authorized = ensure_release_authorized(downloaded.release.build_hash, approval, rules, &journal, reading)?;
    // What `current` leads to already is not installed again: its slot runs, and the other one is the way back.
    if let Some(slot) = installer.live_slot_of(authorized.hash())? {
        installer.record(slot, authorized.hash())?;
        return Ok(Staged { slot, release: authorized });
    }
    let staged = installer.stage(&downloaded.file, authorized)?;
    installer.switch(&staged)?;
    tell(FetchProgress::Installed { hash: staged.release.hash(), slot: staged.slot.letter() });
    Ok(staged)
}

impl<'a> Installer<'a> {
    /// Takes the right to change the releases of a home.
    ///
    /// # Errors
    /// When another process has it, or the folder cannot be written.
    pub fn open(releases: Releases, disk: &'a dyn Disk) -> Result<Self, UpdateError> {
        let lock = releases.lock()?;
        let installer = Self { releases, disk, confinement: Confinement::none(), _lock: lock };
        installer.clear_leftovers()?;
        Ok(installer)
    }

    /// The same right, of somebody who confines what is executed.
    pub fn confining(self, confinement: Confinement) -> Self {
        Self { confinement, ..self }
    }

    /// The journal as it stands.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn journal(&self) -> Result<Journal, UpdateError> {
        Journal::open(&self.releases)
    }

    /// Removes what an interrupted installation left unfinished.
    fn clear_leftovers(&self) -> Result<(), UpdateError> {
        let half_written = Slot::ALL.map(|slot| self.releases.executable(slot).with_extension("new"));
        let names = [self.releases.journal().with_extension("new"), self.releases.current().with_extension("new")];
        for path in half_written.iter().chain(&names) {
            self.disk.remove(path).map_err(UpdateError::disk("remove", path))?;
        }
        Ok(())
    }

    /// Writes a release into the free slot and makes sure that it runs. Nothing points to it yet.
    ///
    /// # Errors
    /// When a build is on trial, the disk refuses, the bytes are not the approved ones, or it cannot run here.
    pub fn stage(&self, file: &File, release: Authorized) -> Result<Staged, UpdateError> {
        let slot = self.free_slot()?;
        let path = self.releases.executable(slot);
        let new = path.with_extension("new");
        let staged = self.write_and_check(file, &new, &release).and_then(|()| {
            self.disk.rename(&new, &path).map_err(UpdateError::disk("write", &path))?;
            sync_folder_of(self.disk, &path).map_err(UpdateError::disk("sync", &path))
        });
        if let Err(error) = staged {
            // What could not be written completely may not be removable either; the next installation tries again.
            let _ = self.disk.remove(&new);
            return Err(error);
        }
        self.record(slot, release.hash())?;
        Ok(Staged { slot, release })
    }

    /// Puts down what was installed into a slot, which is what may be executed there.
    fn record(&self, slot: Slot, hash: BuildHash) -> Result<(), UpdateError> {
        let mut journal = self.journal()?;
        if journal.recorded(slot) == Some(hash) {
            return Ok(());
        }
        journal.record(slot, hash);
        journal.save(&self.releases, self.disk)
    }

    /// The slot that runs, when it holds a build as an installation leaves it.
    fn live_slot_of(&self, hash: BuildHash) -> Result<Option<Slot>, UpdateError> {
        let Some(slot) = self.releases.live() else { return Ok(None) };
        let executable = MeasuredExecutable::open(&self.releases.executable(slot))?;
        Ok((executable.hash() == hash && executable.is_sealed()).then_some(slot))
    }

    /// The slot that neither runs nor is the way back.
    fn free_slot(&self) -> Result<Slot, UpdateError> {
        let free = match self.releases.linked() {
            Ok(live) => live.map_or(Slot::A, Slot::other),
            // A first installation that was cut short: what it wrote stays.
            Err(altered) if !self.releases.has_current() => {
                Slot::ALL.into_iter().find(|slot| !self.releases.holds_one(*slot)).ok_or(altered)?
            }
            Err(altered) => return Err(altered),
        };
        match self.journal()?.step {
            Step::Trying { hash, from: Some(from), .. } if from == free => Err(UpdateError::OnTrial(hash)),
            _ => Ok(free),
        }
    }

    fn write_and_check(&self, file: &File, new: &Path, release: &Authorized) -> Result<(), UpdateError> {
        let folder = new.parent().unwrap_or(self.releases.path());
        self.disk.make_folder(folder).map_err(UpdateError::disk("make the folder", folder))?;
        let size = file.metadata().map_err(UpdateError::disk("read", new))?.len();
        require_space(new, size)?;
        self.copy(file, new, release.hash())?;
        let executable = MeasuredExecutable::open(new)?;
        executable.require(release.hash())?;
        preflight::inspect(&executable, &release.target().platform)?;
        let version = self.ask(&executable)?;
        preflight::require_level(&version, release.level())?;
        preflight::require_source(&version, release.source())
    }

    /// What a new build says of itself. Where it fails and the build that runs fails in its place as well, it is this machine's fault.
    fn ask(&self, new: &MeasuredExecutable) -> Result<NodeVersion, UpdateError> {
        let failed = match preflight::run_self_check(new, &self.confinement) {
            Err(failed @ UpdateError::SelfCheck { .. }) => failed,
            asked => return asked,
        };
        match self.failure_of_running(new.path())? {
            None => Err(failed),
            Some(too) => {
                let why = format!("{failed}, and where it lies the build that runs does not answer either ({too})");
                Err(UpdateError::NotChecked { hash: new.hash(), why })
            }
        }
    }

    /// How the build that runs fails its self-check in the place of a new one; none when it passes, or none was installed yet.
    fn failure_of_running(&self, place: &Path) -> Result<Option<UpdateError>, UpdateError> {
        let Some(slot) = self.releases.live() else { return Ok(None) };
        let running = MeasuredExecutable::open(&self.releases.executable(slot))?;
        self.disk.remove(place).map_err(UpdateError::disk("remove", place))?;
        self.copy(running.file(), place, running.hash())?;
        Ok(preflight::run_self_check(&MeasuredExecutable::open(place)?, &self.confinement).err())
    }

    fn copy(&self, from: &File, to: &Path, expected: BuildHash) -> Result<(), UpdateError> {
        let refused = || UpdateError::disk("write", to);
        let mut target = self.disk.create(to).map_err(refused())?;
        let (mut hasher, mut buffer, mut at) = (blake3::Hasher::new(), vec![0; CHUNK], 0);
        loop {
            let read = from.read_at(&mut buffer, at).map_err(UpdateError::disk("read", to))?;
            if read == 0 {
                break;
            }
            hasher.update_rayon(&buffer[..read]);
            self.disk.append(&mut target, &buffer[..read]).map_err(refused())?;
            at = at.saturating_add(read as u64);
        }
        let found = BuildHash(*hasher.finalize().as_bytes());
        if found != expected {
            return Err(UpdateError::OtherBuild { path: to.into(), expected, found });
        }
        self.disk.make_executable(&target).map_err(refused())?;
        self.disk.sync(&target).map_err(refused())
    }

    /// Makes an executable the first release of a new home; it has nothing to prove, since it is what runs. Gives the hash of
    /// the first release; nothing that is there is written over.
    ///
    /// # Errors
    /// [`UpdateError::Altered`] when the home is not new; when the disk refuses.
    pub fn adopt(&self, executable: &File) -> Result<BuildHash, UpdateError> {
        let path = self.releases.executable(Slot::A);
        let unreadable = UpdateError::disk("read", &path);
        let hash = release_file::inspect_open(executable).map_err(unreadable)?.build_hash;
        if !self.was_adopting(hash)? {
            match self.releases.linked()? {
                // Somebody was quicker.
                Some(live) => return Ok(MeasuredExecutable::open(&self.releases.executable(live))?.hash()),
                None => self.put_first(executable, hash)?,
            }
        }
        self.record(Slot::A, hash)?;
        let link = self.releases.current();
        repoint(self.disk, &link, &target(Slot::A)).map_err(UpdateError::disk("repoint", &link))?;
        Ok(hash)
    }

    /// Whether an adoption of this very build was cut short before the link.
    fn was_adopting(&self, hash: BuildHash) -> Result<bool, UpdateError> {
        if self.releases.has_current() || self.releases.holds_one(Slot::B) || !self.releases.holds_one(Slot::A) {
            return Ok(false);
        }
        let executable = MeasuredExecutable::open(&self.releases.executable(Slot::A))?;
        Ok(executable.hash() == hash && executable.is_sealed())
    }

    fn put_first(&self, executable: &File, hash: BuildHash) -> Result<(), UpdateError> {
        let path = self.releases.executable(Slot::A);
        let new = path.with_extension("new");
        let folder = self.releases.slot(Slot::A);
        self.disk.make_folder(&folder).map_err(UpdateError::disk("make the folder", &folder))?;
        self.copy(executable, &new, hash)?;
        self.disk.rename(&new, &path).map_err(UpdateError::disk("write", &path))?;
        sync_folder_of(self.disk, &path).map_err(UpdateError::disk("sync", &path))
    }

    /// Makes the next start run a staged release, on trial.
    ///
    /// # Errors
    /// When the slot holds something else by now, or the disk refuses; the link then is as it was, or as it was to be.
    pub fn switch(&self, staged: &Staged) -> Result<(), UpdateError> {
        let (slot, release) = (staged.slot, &staged.release);
        let path = self.releases.executable(slot);
        let found = measure_file(&path).map_err(UpdateError::disk("measure", &path))?;
        if found != release.hash() {
            // Somebody installed something else meanwhile, or the file was changed (T18).
            return Err(UpdateError::OtherBuild { path, expected: release.hash(), found });
        }
        let mut journal = self.journal()?;
        journal.change_to(&release.hash(), release.sequence());
        self.repoint(&mut journal, slot, release.hash(), None)?;
        audit::record(
            &self.releases,
            Action::Installed { hash: release.hash(), sequence: release.sequence(), slot: slot.letter() },
        )
    }

    /// Moves the link, with the journal written before and after.
    pub(super) fn repoint(
        &self,
        journal: &mut Journal,
        to: Slot,
        hash: BuildHash,
        gives_up: Option<BuildHash>,
    ) -> Result<(), UpdateError> {
        let from = self.releases.live().filter(|live| *live != to);
        journal.step = Step::Switching { from, to, hash, gives_up };
        journal.save(&self.releases, self.disk)?;
        let link = self.releases.current();
        repoint(self.disk, &link, &target(to)).map_err(UpdateError::disk("repoint", &link))?;
        journal.resolve(Some(to));
        journal.save(&self.releases, self.disk)
    }

    /// Counts a failed attempt of the build on trial; none when nothing is on trial.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn count_attempt(&self) -> Result<Option<u32>, UpdateError> {
        let mut journal = self.journal()?;
        let Some(counted) = journal.count_attempt() else { return Ok(None) };
        journal.save(&self.releases, self.disk)?;
        Ok(Some(counted))
    }

    /// Ends the trial of the build that runs: it has proven itself.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn settle(&self) -> Result<Option<BuildHash>, UpdateError> {
        self.settle_with(|_, _| ())
    }

    /// Ends it, and has that said on chain: whoever is killed between the two has done both or neither.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn settle_and_report(&self) -> Result<Option<BuildHash>, UpdateError> {
        self.settle_with(|journal, hash| journal.report(hash, InstallStage::Healthy))
    }

    fn settle_with(&self, change: impl FnOnce(&mut Journal, BuildHash)) -> Result<Option<BuildHash>, UpdateError> {
        let mut journal = self.journal()?;
        let Some(hash) = journal.settle() else { return Ok(None) };
        change(&mut journal, hash);
        journal.save(&self.releases, self.disk)?;
        audit::record(&self.releases, Action::Healthy { hash })?;
        Ok(Some(hash))
    }
}
