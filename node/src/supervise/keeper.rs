//! The one place where the parts of a supervisor meet: the journal and the right to change it, held no longer than needed.

use primitives::BuildHash;
use std::time::Duration;
use tokio::sync::Mutex;
use update::audit::{self, Action};
use update::{Confinement, Installer, Journal, RealDisk, Releases, UpdateError};

/// How often somebody else who updates is waited for, and how long each time.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(200);

/// The releases of a home, as its supervisor changes them.
pub struct ReleaseKeeper {
    releases: Releases,
    /// Within what a new build is asked for its hash.
    confinement: Confinement,
    /// The parts of this process wait for each other here, and for other processes at the lock on disk.
    turn: Mutex<()>,
}

impl ReleaseKeeper {
    /// Keeps the releases of a home, and asks new builds for their hash within a confinement.
    pub fn new(releases: Releases, confinement: Confinement) -> Self {
        Self { releases, confinement, turn: Mutex::new(()) }
    }

    /// Where the releases lie.
    pub fn releases(&self) -> &Releases {
        &self.releases
    }

    /// The journal as it stands.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn journal(&self) -> Result<Journal, UpdateError> {
        Journal::open(&self.releases)
    }

    /// Does something to the releases, on a thread that may block.
    ///
    /// # Errors
    /// What it was refused for; also when another process updates and does not come to an end.
    pub async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Installer) -> Result<T, UpdateError> + Send + 'static,
    ) -> Result<T, UpdateError> {
        let _turn = self.turn.lock().await;
        let (releases, confinement) = (self.releases.clone(), self.confinement.clone());
        let path = releases.path().to_path_buf();
        let done = tokio::task::spawn_blocking(move || work(&open_patiently(&releases)?.confining(confinement))).await;
        done.unwrap_or_else(|failed| Err(UpdateError::disk("update", &path)(std::io::Error::other(failed))))
    }

    /// Changes the journal.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn change(&self, change: impl FnOnce(&mut Journal) + Send + 'static) -> Result<(), UpdateError> {
        self.with(|installer| {
            let mut journal = installer.journal()?;
            change(&mut journal);
            journal.save(&installer.releases, installer.disk)
        })
        .await
    }

    /// Puts on record that nothing runs in the place of a build, with the release that was refused for it, if any: once, however
    /// often that is found again.
    pub fn record_safe_mode(&self, given_up: BuildHash, reason: &str, refused: Option<(BuildHash, &UpdateError)>) {
        let action = Action::SafeMode { rolled_back: given_up, reason: reason.into() };
        let newest = audit::read(&self.releases).unwrap_or_default().pop();
        if newest.is_some_and(|entry| entry.action == action) {
            return;
        }
        if let Some((hash, error)) = refused {
            audit::refused(&self.releases, hash, error);
        }
        self.record(action);
    }

    /// Writes a line into the audit log; a log that cannot be written is said, and stops nothing.
    pub fn record(&self, action: Action) {
        if let Err(error) = audit::record(&self.releases, action) {
            tracing::error!(%error, "the audit log misses a line");
        }
    }
}

/// The right to change releases, once whoever has it is done. Blocks.
fn open_patiently(releases: &Releases) -> Result<Installer<'static>, UpdateError> {
    for _ in 1..TRIES {
        match Installer::open(releases.clone(), &RealDisk) {
            Err(UpdateError::Busy(_)) => std::thread::sleep(PAUSE),
            other => return other,
        }
    }
    Installer::open(releases.clone(), &RealDisk)
}
