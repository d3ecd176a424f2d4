//! Doing what follows from the end of a node: it is started again, given up for the build before, or not started any more.

use super::signals::Signals;
use super::{Supervisor, notify, reports};
use crate::boot::Decision;
use primitives::BuildHash;
use releases::InstallStage;
use rollout::{Act, Conclusion, Doing, End, Ended, Unwell};
use std::sync::Arc;
use std::time::Duration;
use update::{MeasuredExecutable, RolledBack, Step, UpdateError, rollback_failed_startup};

impl Supervisor {
    /// Whether the build that `current` names has still to prove itself.
    pub(super) fn is_on_trial(&self) -> Result<bool, UpdateError> {
        Ok(matches!(self.keeper.journal()?.step, Step::Trying { .. }))
    }

    /// Counts an attempt of the build on trial that failed by the build's own doing.
    pub(super) async fn count(&self, unwell: &Unwell) -> Result<(), UpdateError> {
        if let Some(attempts) = self.keeper.with(|installer| installer.count_attempt()).await? {
            let most = self.gate.config.supervise.max_attempts;
            notify::status(&format!("attempt {attempts} of {most} of the build on trial failed: {unwell}"));
        }
        Ok(())
    }

    /// Gives the build on trial up when it failed often enough; `last` is how it did the last time, as far as that was seen.
    pub(super) async fn give_up_if_exhausted(&self, last: Option<&Unwell>) -> anyhow::Result<Option<Conclusion>> {
        let Step::Trying { attempts, .. } = self.keeper.journal()?.step else { return Ok(None) };
        match self.rules().exhausted(attempts, last) {
            Some(act) => self.apply(act).await,
            None => Ok(None),
        }
    }

    /// What follows from an end of the running node that nobody asked for, or from that it could not be started; none when it is to
    /// be started (again). On trial it is the build's, if the build before goes on in its place (O20).
    pub(super) async fn weigh_end(
        self: &Arc<Self>,
        end: &End,
        ran: Duration,
        signals: &mut Signals,
    ) -> anyhow::Result<Option<Conclusion>> {
        let doing = match end.shown_within(ran) {
            Some(as_long) => self.whose_doing(as_long, signals).await?,
            None => Some(Doing::Unasked),
        };
        let Some(doing) = doing else {
            notify::stopping();
            return Ok(Some(Conclusion::Stopped));
        };
        let end = end.clone();
        let answering = self.apart(move |this| async move { this.answer_for(doing, &end).await });
        signals.or_stop(answering).await.unwrap_or(Ok(Some(Conclusion::Stopped)))
    }

    /// What follows from an end, once it is known whose doing it was.
    pub(super) async fn answer_for(&self, doing: Doing, end: &End) -> anyhow::Result<Option<Conclusion>> {
        let act = doing.answer(end, self.is_on_trial()?);
        self.apply(act).await
    }

    /// What follows from how the node ended; none when it is to be started (again).
    pub(super) async fn judge(&self, ended: Ended) -> anyhow::Result<Option<Conclusion>> {
        let act = ended.answer(self.is_on_trial()?);
        self.apply(act).await
    }

    /// Does what was decided; a conclusion when nothing is started any more.
    pub(super) async fn apply(&self, act: Act) -> anyhow::Result<Option<Conclusion>> {
        match act {
            Act::Again(why) => notify::status(&why),
            Act::Count(unwell) => self.count(&unwell).await?,
            Act::GoBack { unwell, code } => return Ok(self.roll_back(unwell, code).await?),
            Act::Retire(code) => return Ok(self.retire(code).await?),
            Act::Conclude(conclusion) => return Ok(Some(conclusion)),
            Act::Fail(why) => return Err(anyhow::anyhow!(why)),
        }
        Ok(None)
    }

    /// Brings the build before back, when it may run.
    async fn roll_back(&self, unwell: Unwell, code: u8) -> Result<Option<Conclusion>, UpdateError> {
        let reason = unwell.to_string();
        let (gate, said) = (self.gate.clone(), reason.clone());
        let done = self
            .keeper
            .with(move |installer| {
                let live = installer.releases.running();
                let Step::Trying { hash: failed, .. } = installer.journal()?.step else {
                    return Err(UpdateError::NoPrevious(installer.releases.path().into()));
                };
                let may_run = |executable: &MeasuredExecutable| gate.may_take_over(executable);
                let undone = match rollback_failed_startup(installer, failed, &live, None, &said, &may_run) {
                    Err(error) if !leaves_nothing(&error) => return Err(error),
                    decided => decided,
                };
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
            Err(error) => {
                let code = match &error {
                    UpdateError::PreviousRefused { why, .. } => why.exit_code,
                    error if error.spoiled().is_some() => Decision::NotApproved.exit_code(),
                    _ => code,
                };
                let sentence = format!("the build on trial failed: {reason}; {error} ({})", error.code());
                Ok(Some(Conclusion::Refused(code, sentence)))
            }
        }
    }

    /// The build that ran may run no more. What lies ready in the other slot takes its place when the operator lets this
    /// supervisor change builds, chain state lets that build run, and it could be installed now.
    async fn retire(&self, code: u8) -> Result<Option<Conclusion>, UpdateError> {
        let releases = self.keeper.releases();
        let journal = self.keeper.journal()?;
        let Some((live, retired)) = releases.live().and_then(|live| Some((live, journal.recorded(live)?))) else {
            return Err(UpdateError::NoPrevious(releases.path().into()));
        };
        let next = live.other();
        let stay = |why: &str, refused: Option<(BuildHash, &UpdateError)>| {
            let sentence = format!("the build that `current` names may not run (exit code {code}); {why}");
            self.keeper.record_safe_mode(retired, &sentence, refused);
            Ok(Some(Conclusion::Refused(code, sentence)))
        };
        if !self.gate.config.supervise.switch {
            return stay("install the active release with `contract gov fetch-release --install`", None);
        }
        if !releases.executable(next).is_file() {
            return stay("no other release lies ready", None);
        }
        let gate = self.gate.clone();
        let moved = self.keeper.with(move |installer| {
            let staged = gate.successor(&installer.releases, &installer.journal()?, next)?;
            installer.switch(&staged)
        });
        match moved.await {
            Ok(()) => Ok(None),
            // What could not be asked or done is no verdict; it is tried again.
            Err(
                error @ (UpdateError::Unproven { .. }
                | UpdateError::ClockBehind { .. }
                | UpdateError::ClockSetBack { .. }
                | UpdateError::Clock(_)
                | UpdateError::Disk { .. }
                | UpdateError::Busy(_)
                | UpdateError::Damaged { .. }),
            ) => Err(error),
            Err(error) => {
                let refused = error.spoiled().or(journal.recorded(next)).map(|hash| (hash, &error));
                stay(&format!("{error} ({})", error.code()), refused)
            }
        }
    }
}

/// Whether a build that failed stays where it is because there is none that may take its place.
fn leaves_nothing(error: &UpdateError) -> bool {
    error.spoiled().is_some() || matches!(error, UpdateError::NoPrevious(_) | UpdateError::PreviousRefused { .. })
}
