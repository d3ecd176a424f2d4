//! What the end of a node means: whether it is started again, given up for the build before, or not started any more.

use super::child::Ended;
use super::verdict::Unwell;
use super::{Conclusion, Supervisor, notify, reports};
use primitives::BuildHash;
use releases::InstallStage;
use std::path::Path;
use std::process::{Command, Stdio};
use update::{RolledBack, Step, UpdateError, rollback_failed_startup};

impl Supervisor {
    /// Whether the build that `current` names has still to prove itself.
    pub(super) fn is_on_trial(&self) -> Result<bool, UpdateError> {
        Ok(matches!(self.keeper.journal()?.step, Step::Trying { .. }))
    }

    /// Counts an attempt of the build on trial that failed by the build's own doing.
    pub(super) async fn count(&self, unwell: &Unwell) -> Result<(), UpdateError> {
        if let Some(attempts) = self.keeper.with(|installer| installer.count_attempt()).await? {
            let most = self.config.supervise.max_attempts;
            notify::status(&format!("attempt {attempts} of {most} of the build on trial failed: {unwell}"));
        }
        Ok(())
    }

    /// Gives the build on trial up when it failed often enough; `last` is how it did the last time, as far as that was seen.
    pub(super) async fn give_up_if_exhausted(&self, last: Option<&Unwell>) -> Result<Option<Conclusion>, UpdateError> {
        match self.keeper.journal()?.step {
            Step::Trying { attempts, .. } if attempts >= self.config.supervise.max_attempts => {
                let tries = attempts.min(self.config.supervise.max_attempts);
                self.roll_back(Unwell::often(tries, last), 1).await
            }
            _ => Ok(None),
        }
    }

    /// What follows from how the node ended; none when it is to be started (again).
    pub(super) async fn judge(&self, ended: Ended) -> Result<Option<Conclusion>, UpdateError> {
        let on_trial = self.is_on_trial()?;
        match ended {
            // Who is on trial and ends, has not proven itself, however well it ended.
            Ended::Well | Ended::Crashed(_) if on_trial => {
                self.count(&Unwell::ended(ended)).await?;
                Ok(None)
            }
            Ended::Well => Ok(Some(Conclusion::Stopped)),
            Ended::Misconfigured => Ok(Some(Conclusion::Refused(2, format!("the node cannot start: {ended}")))),
            Ended::Damaged => Ok(Some(Conclusion::Refused(12, format!("the node cannot start: {ended}")))),
            Ended::Refused(code) if on_trial => self.roll_back(Unwell::ended(ended), code).await,
            Ended::Refused(code) => self.retire(code).await,
            Ended::Crashed(_) => {
                notify::status(&format!("the node is started again: {ended}"));
                Ok(None)
            }
        }
    }

    /// Brings the build before back, when it may run.
    async fn roll_back(&self, unwell: Unwell, code: u8) -> Result<Option<Conclusion>, UpdateError> {
        let reason = unwell.to_string();
        let home = self.home.path().to_path_buf();
        let said = reason.clone();
        let done = self
            .keeper
            .with(move |installer| {
                let releases = installer.releases.clone();
                let live = releases.running();
                let failed = match installer.journal()?.step {
                    Step::Trying { hash, .. } => hash,
                    _ => return Err(UpdateError::NoPrevious(releases.path().into())),
                };
                let may_run = |_: &BuildHash| {
                    releases.live().map_or(Ok(()), |slot| ask(&releases.executable(slot.other()), &home))
                };
                let undone = rollback_failed_startup(installer, failed, &live, None, &said, &may_run);
                let mut journal = installer.journal()?;
                journal.report(failed, InstallStage::RolledBack { reason: reports::shortened(&said) });
                journal.save(&installer.releases, installer.disk)?;
                Ok(undone)
            })
            .await?;
        match done {
            Ok(RolledBack { rolled_back, restored, .. }) => {
                notify::status(&format!("build {rolled_back} is given up ({reason}); build {restored} runs again"));
                Ok(None)
            }
            Err(error @ (UpdateError::NoPrevious(_) | UpdateError::PreviousRefused { .. })) => {
                let sentence = format!("the build on trial failed: {reason}; {error} ({})", error.code());
                Ok(Some(Conclusion::Refused(code, sentence)))
            }
            Err(error) => Err(error),
        }
    }

    /// The build that ran may run no more. What lies ready in the other slot takes its place when the operator lets this
    /// supervisor change builds, and chain state lets that build run.
    async fn retire(&self, code: u8) -> Result<Option<Conclusion>, UpdateError> {
        let releases = self.keeper.releases();
        let refused = |why: &str| {
            Ok(Some(Conclusion::Refused(
                code,
                format!("the build that `current` names may not run (exit code {code}); {why}"),
            )))
        };
        if !self.config.supervise.switch {
            return refused("install the active release with `contract gov fetch-release --install`");
        }
        let Some(next) = releases.live().map(|slot| slot.other()).filter(|slot| releases.executable(*slot).is_file())
        else {
            return refused("no other release lies ready");
        };
        let (executable, home) = (releases.executable(next), self.home.path().to_path_buf());
        let moved = self.keeper.with(move |installer| match ask(&executable, &home) {
            Ok(()) => installer.switch_to_slot(next).map(Ok),
            Err(why) => Ok(Err(why)),
        });
        match moved.await? {
            Ok(()) => Ok(None),
            Err(why) => refused(&why),
        }
    }
}

/// Asks a build itself whether it may run on a home: its own boot check, over the home's verified store.
pub(super) fn ask(executable: &Path, home: &Path) -> Result<(), String> {
    let checked = Command::new(executable)
        .arg("check")
        .arg("--home")
        .arg(home)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match checked {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("its boot check ends with {status}")),
        Err(error) => Err(format!("it does not start: {error}")),
    }
}
