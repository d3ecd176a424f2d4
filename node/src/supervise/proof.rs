//! Putting a build on trial to the proof: the build before runs in its place for one window. Only what that one has and the one
//! on trial lacks is the build's own fault, once it lacks it again when it runs once more; what both lack, such as a chain that
//! stands still at all peers, is nobody's. So it is with an end that nobody asked for: it counts when the build before goes on
//! where the one on trial ended.
//!
//! Neither the link nor the journal knows of it: a supervisor that is killed meanwhile starts the build on trial again.

use super::child::Child;
use super::own_node::{Answering, Stray};
use super::signals::Signals;
use super::{AGAIN, Supervisor, health, may_pass, notify};
use anyhow::Context as _;
use rollout::{Compared, Doing, Lack, Supervision, Unwell};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use update::{Journal, MeasuredExecutable, Slot, Step, UpdateError};

/// What follows for the one on trial from why the build before is not run.
fn unasked(error: &UpdateError) -> Doing {
    match error {
        UpdateError::PreviousRefused { why, .. } => Doing::where_refused(why.exit_code),
        // What was altered stays so; all else is around it, and may pass.
        error if error.spoiled().is_some() => Doing::Unasked,
        error => Doing::Open(error.to_string()),
    }
}

impl Supervisor {
    /// Runs the build before for as long as the one on trial ran, and until it says how it is; none when everything is to stop.
    pub(super) async fn whose_doing(
        self: &Arc<Self>,
        ran: Duration,
        signals: &mut Signals,
    ) -> anyhow::Result<Option<Doing>> {
        let looking = self.apart(|this| async move { this.build_before() });
        let Some(found) = signals.or_stop(looking).await else { return Ok(None) };
        let Some(slot) = found? else { return Ok(Some(Doing::Unasked)) };
        notify::status("the build on trial did not go on, and the one before shows whether it goes on here");
        let starting = self.apart(move |this| async move { this.start_build_before(slot).await });
        let Some(started) = signals.or_stop(starting).await else { return Ok(None) };
        let mut child = match started? {
            Ok(child) => child,
            Err(error) => {
                notify::status(&format!("the build before is not run: {error} ({})", error.code()));
                return Ok(Some(unasked(&error)));
            }
        };
        let goes_on = self.apart(move |this| async move {
            let window = this.health_window();
            let as_long = sleep(ran.min(window));
            tokio::join!(this.compare(Lack::Health), as_long).0
        });
        let doing = tokio::select! {
            ended = child.ended() => return Ok(Some(Doing::OfBoth(ended?))),
            found = goes_on => Some(match found {
                Ok(_) => Doing::OfTheBuild,
                Err(instead) => Doing::Open(instead.unwrap_or("the build before does not say how it is either".into())),
            }),
            () = signals.stop() => None,
        };
        child.stop().await?;
        Ok(doing)
    }

    /// Where the build lies that the one on trial came from.
    pub(super) fn build_before(&self) -> Result<Option<Slot>, UpdateError> {
        let Step::Trying { from, .. } = self.keeper.journal()?.step else { return Ok(None) };
        Ok(from.filter(|slot| self.keeper.releases().executable(*slot).is_file()))
    }

    /// Runs the build before for a window, in the place of the one on trial, which is stopped, and does what follows from what that
    /// shows; false when everything is to stop.
    pub(super) async fn put_to_proof(
        self: &Arc<Self>,
        lack: Lack,
        supervision: &mut Supervision,
        signals: &mut Signals,
    ) -> anyhow::Result<bool> {
        notify::status(&format!("the build on trial is put to the proof, and the one before runs meanwhile: {lack}"));
        let Some(compared) = self.run_build_before(lack, signals).await? else {
            notify::stopping();
            return Ok(false);
        };
        let before = supervision.clone();
        let act = supervision.compared(lack, compared);
        let acting = self.apart(move |this| async move { this.apply(act).await });
        match signals.or_stop(acting).await {
            None => {
                notify::stopping();
                return Ok(false);
            }
            // It is shown again, and then counts.
            Some(Err(error)) if may_pass(&error) => {
                *supervision = before;
                notify::status(&format!("what was shown does not count: {error:#}"));
            }
            Some(applied) => drop(applied?),
        }
        Ok(true)
    }

    /// What the build before has of what the one on trial lacks; none when everything is to stop.
    async fn run_build_before(self: &Arc<Self>, lack: Lack, signals: &mut Signals) -> anyhow::Result<Option<Compared>> {
        let open = |why: String| Ok(Some(Compared::Open(why)));
        let looking = self.apart(|this| async move { this.build_before() });
        let Some(found) = signals.or_stop(looking).await else { return Ok(None) };
        let Some(slot) = found? else { return open("there is no build before it".into()) };
        let starting = self.apart(move |this| async move { this.start_build_before(slot).await });
        let Some(started) = signals.or_stop(starting).await else { return Ok(None) };
        let mut child = match started? {
            Ok(child) => child,
            Err(error) => return open(format!("the build before is not run: {error} ({})", error.code())),
        };
        let comparing = self.apart(move |this| async move { this.compare(lack).await });
        let compared = tokio::select! {
            ended = child.ended() => return open(format!("the build before does not run: {}", ended?)),
            found = comparing => Some(match found {
                Ok(unwell) => Compared::Against(unwell),
                Err(instead) => Compared::Open(instead.unwrap_or("with the build before it is so too".into())),
            }),
            () = signals.stop() => None,
        };
        child.stop().await?;
        Ok(compared)
    }

    /// What the build before has that the one on trial lacks, in a window.
    ///
    /// # Errors
    /// That it has nothing of it; who answered in its place, if somebody did: what that one has is nothing.
    pub(super) async fn compare(&self, lack: Lack) -> Result<Unwell, Option<String>> {
        let (window, mut instead) = (self.health_window(), None);
        let in_its_place = |stray: Stray| Some(format!("{stray} answered in its place"));
        let comparing = async {
            loop {
                if let Some(found) = health::compare(&self.node, lack, window).await {
                    match self.answering().await {
                        Answering::Own => return found,
                        Answering::Another(stray) => instead = in_its_place(stray),
                        Answering::Unknown(error) => {
                            instead = Some(format!("it cannot be told which process answered: {error}"));
                        }
                    }
                }
                sleep(AGAIN).await;
            }
        };
        if let Ok(found) = timeout(window, comparing).await {
            return Ok(found);
        }
        // One that lacks the same may have answered all the time.
        Err(match self.answering().await {
            Answering::Another(stray) => in_its_place(stray),
            Answering::Own | Answering::Unknown(_) => instead,
        })
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
        Ok(admitted.and_then(start).inspect(|child| self.own.is(child.id())))
    }
}
