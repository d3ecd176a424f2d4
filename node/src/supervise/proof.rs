//! Putting a build on trial to the proof: the build before runs in its place for one window. Only what that one has and the one
//! on trial lacks is the build's own fault, once it lacks it again when it runs once more; what both lack, such as a chain that
//! stands still at all peers, is nobody's. So it is with an end that nobody asked for: it counts when the build before goes on
//! where the one on trial ended.
//!
//! Neither the link nor the journal knows of it: a supervisor that is killed meanwhile starts the build on trial again.

use super::child::{Child, Ended};
use super::signals::Signals;
use super::verdict::{Comparisons, Lack, Unwell};
use super::{Supervisor, health, notify};
use anyhow::Context as _;
use std::sync::Arc;
use std::time::Duration;
use update::{Journal, MeasuredExecutable, Slot, Step, UpdateError};

/// What putting a build to the proof has shown.
pub(super) enum Proof {
    /// With the build before there is what it lacks.
    Against(Unwell),
    /// Nothing; why.
    Open(String),
    /// Nothing, for everything is to stop.
    Stopped,
}

/// Whose doing it is that a node ended, or was not even started, though nobody asked for it.
pub(super) enum Doing {
    /// The build's that is on trial: the one before goes on in its place.
    OfTheBuild,
    /// Not that build's, for the one before ends too; how.
    OfBoth(Ended),
    /// Not known, for the one before does not say how it is either; why.
    Open(String),
    /// Nothing is on trial, or no build before it may be run.
    Unasked,
    /// Not known, for everything is to stop.
    Stopped,
}

/// What follows for the one on trial from why the build before is not run.
fn unasked(error: &UpdateError) -> Doing {
    let UpdateError::PreviousRefused { why, .. } = error else {
        // What was altered stays so; all else is around it, and may pass.
        return if error.spoiled().is_some() { Doing::Unasked } else { Doing::Open(error.to_string()) };
    };
    match Ended::refused_with(why.exit_code) {
        of_the_home @ (Ended::Misconfigured | Ended::Damaged) => Doing::OfBoth(of_the_home),
        // The chain does not let it run.
        Ended::Refused(_) => Doing::Unasked,
        _ => Doing::Open(error.to_string()),
    }
}

impl Supervisor {
    /// Runs the build before for as long as the one on trial ran, and until it says how it is.
    pub(super) async fn whose_doing(self: &Arc<Self>, ran: Duration, signals: &mut Signals) -> anyhow::Result<Doing> {
        let looking = self.apart(|this| async move { this.build_before() });
        let Some(found) = signals.or_stop(looking).await else { return Ok(Doing::Stopped) };
        let Some(slot) = found? else { return Ok(Doing::Unasked) };
        notify::status("the build on trial did not go on, and the one before shows whether it goes on here");
        let starting = self.apart(move |this| async move { this.start_build_before(slot).await });
        let Some(started) = signals.or_stop(starting).await else { return Ok(Doing::Stopped) };
        let mut child = match started? {
            Ok(child) => child,
            Err(error) => {
                notify::status(&format!("the build before is not run: {error} ({})", error.code()));
                return Ok(unasked(&error));
            }
        };
        let goes_on = self.apart(move |this| async move {
            let window = this.health_window();
            let as_long = tokio::time::sleep(ran.min(window));
            tokio::join!(health::compare(&this.node, Lack::Health, window), as_long).0
        });
        let doing = tokio::select! {
            ended = child.ended() => return Ok(Doing::OfBoth(ended?)),
            found = goes_on => match found {
                Some(_) => Doing::OfTheBuild,
                None => Doing::Open("the build before does not say how it is either".into()),
            },
            () = signals.stop() => Doing::Stopped,
        };
        child.stop().await?;
        Ok(doing)
    }

    /// Where the build lies that the one on trial came from.
    pub(super) fn build_before(&self) -> Result<Option<Slot>, UpdateError> {
        let Step::Trying { from, .. } = self.keeper.journal()?.step else { return Ok(None) };
        Ok(from.filter(|slot| self.keeper.releases().executable(*slot).is_file()))
    }

    /// Runs the build before for a window, in the place of the one on trial, which is stopped; and counts against that one what
    /// it shows for the second time.
    pub(super) async fn put_to_proof(
        self: &Arc<Self>,
        lack: Lack,
        comparisons: &mut Comparisons,
        signals: &mut Signals,
    ) -> anyhow::Result<Proof> {
        notify::status(&format!("the build on trial is put to the proof, and the one before runs meanwhile: {lack}"));
        let proof = self.run_build_before(lack, signals).await?;
        match signals.or_stop(self.weigh(&proof, lack, comparisons)).await {
            None => {
                notify::stopping();
                return Ok(Proof::Stopped);
            }
            // It is shown again.
            Some(Err(error)) if error.may_pass() => {
                notify::status(&format!("what was shown does not count: {error} ({})", error.code()));
            }
            Some(weighed) => weighed?,
        }
        Ok(proof)
    }

    pub(super) async fn weigh(
        &self,
        proof: &Proof,
        lack: Lack,
        comparisons: &mut Comparisons,
    ) -> Result<(), UpdateError> {
        match proof {
            Proof::Against(unwell) if comparisons.take(true) => self.count(unwell).await?,
            Proof::Against(unwell) => {
                notify::status(&format!("the build on trial runs once more, which does not count yet: {unwell}"));
            }
            Proof::Open(why) => {
                comparisons.take(false);
                notify::status(&format!("the build on trial goes on, though {lack}: {why}"));
            }
            Proof::Stopped => notify::stopping(),
        }
        Ok(())
    }

    async fn run_build_before(self: &Arc<Self>, lack: Lack, signals: &mut Signals) -> anyhow::Result<Proof> {
        let looking = self.apart(|this| async move { this.build_before() });
        let Some(found) = signals.or_stop(looking).await else { return Ok(Proof::Stopped) };
        let Some(slot) = found? else { return Ok(Proof::Open("there is no build before it".into())) };
        let starting = self.apart(move |this| async move { this.start_build_before(slot).await });
        let Some(started) = signals.or_stop(starting).await else { return Ok(Proof::Stopped) };
        let mut child = match started? {
            Ok(child) => child,
            Err(error) => return Ok(Proof::Open(format!("the build before is not run: {error} ({})", error.code()))),
        };
        let comparing =
            self.apart(move |this| async move { health::compare(&this.node, lack, this.health_window()).await });
        let proof = tokio::select! {
            ended = child.ended() => return Ok(Proof::Open(format!("the build before does not run: {}", ended?))),
            found = comparing => match found {
                Some(unwell) => Proof::Against(unwell),
                None => Proof::Open("with the build before it is so too".into()),
            },
            () = signals.stop() => Proof::Stopped,
        };
        child.stop().await?;
        Ok(proof)
    }

    /// Executes the build before, when it is what was installed and may take the place of the one on trial.
    async fn start_build_before(&self, slot: Slot) -> anyhow::Result<Result<Child, UpdateError>> {
        let (gate, releases) = (self.gate.clone(), self.keeper.releases().clone());
        let decided = tokio::task::spawn_blocking(move || -> Result<MeasuredExecutable, UpdateError> {
            let executable = MeasuredExecutable::in_slot(&releases, &Journal::open(&releases)?, slot)?;
            gate.may_take_over(&executable)?;
            Ok(executable)
        });
        let admitted = decided.await.context("deciding about the build before failed")?;
        let (gate, log) = (&self.gate, self.log.as_deref());
        let start = |executable| Child::start(&executable, &gate.confinement, gate.home.path(), None, log);
        Ok(admitted.and_then(start))
    }
}
