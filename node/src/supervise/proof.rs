//! Putting a build on trial to the proof: the build before runs in its place for one window. Only what that one has and the one
//! on trial lacks is the build's own fault; what both lack, such as a chain that stands still at all peers, is nobody's.
//!
//! Neither the link nor the journal knows of it: a supervisor that is killed meanwhile starts the build on trial again.

use super::child::Child;
use super::signals::Signals;
use super::trial::ask;
use super::verdict::{Lack, Unwell};
use super::{Supervisor, health, notify};
use update::{Slot, Step, UpdateError};

/// What putting a build to the proof has shown.
pub(super) enum Proof {
    /// With the build before there is what it lacks.
    Against(Unwell),
    /// That is not shown; why.
    Open(String),
    /// Nothing, for everything is to stop.
    Stopped,
}

impl Supervisor {
    /// Where the build lies that the one on trial came from.
    pub(super) fn build_before(&self) -> Result<Option<Slot>, UpdateError> {
        let Step::Trying { from, .. } = self.keeper.journal()?.step else { return Ok(None) };
        Ok(from.filter(|slot| self.keeper.releases().executable(*slot).is_file()))
    }

    /// Runs the build before for a window, in the place of the one on trial, which is stopped.
    pub(super) async fn put_to_proof(&self, lack: Lack, signals: &mut Signals) -> anyhow::Result<Proof> {
        let Some(slot) = self.build_before()? else { return Ok(Proof::Open("there is no build before it".into())) };
        notify::status(&format!("the build on trial is put to the proof, and the one before runs meanwhile: {lack}"));
        let (executable, home) = (self.keeper.releases().executable(slot), self.home.path().to_path_buf());
        let path = executable.clone();
        let may_run = tokio::task::spawn_blocking(move || ask(&path, &home)).await;
        if let Err(why) = may_run.unwrap_or_else(|failed| Err(failed.to_string())) {
            return Ok(Proof::Open(format!("the build before may not run: {why}")));
        }
        let mut child = match Child::start(&executable, self.home.path(), None, self.log.as_deref()) {
            Ok(child) => child,
            Err(error) => return Ok(Proof::Open(format!("the build before does not start: {error}"))),
        };
        let compared = health::compare(&self.node, lack, self.health_window());
        tokio::pin!(compared);
        let proof = loop {
            tokio::select! {
                ended = child.ended() => return Ok(Proof::Open(format!("the build before does not run: {}", ended?))),
                found = &mut compared => break match found {
                    Some(unwell) => Proof::Against(unwell),
                    None => Proof::Open("with the build before it is so too".into()),
                },
                signal = signals.next() => match signal {
                    Some(passed_on) => child.signal(passed_on),
                    None => break Proof::Stopped,
                },
            }
        };
        if matches!(proof, Proof::Stopped) {
            notify::stopping();
        }
        child.stop().await?;
        Ok(proof)
    }
}
