//! What is done about what was decided: a build is started again, counted against, given up or retired, or nothing is started any more.

use super::fleet::Fleet;
use super::install::{Move, reason};
use super::node::{STOPPING, State};
use super::power::Why;
use super::properties::BACK_TO_REFUSED;
use primitives::BuildHash;
use releases::InstallStage;
use rollout::{Act, Unwell};
use std::time::Duration;
use update::Step;

/// What becomes of what was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// It is decided anew what may be started.
    Decide,
    /// It goes on by itself.
    GoesOn,
}

impl Fleet<'_> {
    /// Does what was decided. A link that moves for it is followed by a pause.
    pub(super) fn apply(&mut self, n: usize, act: Act, pause: Duration) -> Next {
        match act {
            Act::Again(why) => {
                self.tell(|| format!("n{n}: {why}"));
                Next::Decide
            }
            Act::Count(unwell) => {
                let attempts = self.nodes[n].home.change(|journal| journal.count_attempt());
                self.tell(|| format!("n{n}: attempt {} failed: {unwell}", attempts.unwrap_or_default()));
                Next::Decide
            }
            Act::GoBack { unwell, .. } => self.go_back(n, &unwell, pause),
            Act::Retire(_) => self.retire(n, pause),
            Act::Conclude(conclusion) => {
                self.stands_still(n, &format!("{conclusion:?}"));
                Next::GoesOn
            }
            Act::Fail(why) => {
                self.stands_still(n, &why);
                Next::GoesOn
            }
        }
    }

    /// Brings the build before back, when it may run.
    fn go_back(&mut self, n: usize, unwell: &Unwell, pause: Duration) -> Next {
        let why = unwell.to_string();
        let Step::Trying { hash: failed, .. } = self.nodes[n].home.step() else {
            self.stands_still(n, "there is nothing to go back to");
            return Next::GoesOn;
        };
        let number = self.number_of(&failed);
        let before = self.nodes[n].slot_before().and_then(|slot| Some((slot, self.measured(n, slot)?)));
        let is_asked = !self.setting.broken.goes_back_unasked;
        match before.filter(|(_, build)| !is_asked || self.view.lets_run(*build)) {
            Some((slot, build)) => {
                if !self.view.lets_run(build) {
                    self.broken(&BACK_TO_REFUSED, format!("n{n} goes back to build {build}, which may not run"));
                }
                let gives_up = Some((number, why));
                self.begin_move(n, Move { gives_up, pause, ..Move::to(slot, build) }, STOPPING);
            }
            None => {
                // The link stays where it is, and nothing runs.
                let at = self.clock();
                self.nodes[n].home.change(|journal| {
                    journal.mark_bad(failed, &why, at);
                    journal.step = Step::Settled;
                    journal.report(failed, InstallStage::RolledBack { reason: reason(&why) });
                });
                self.stands_still(n, "the build before may not run either");
            }
        }
        Next::GoesOn
    }

    /// What ran may run no more. What lies ready in the other slot takes its place, if it may.
    fn retire(&mut self, n: usize, pause: Duration) -> Next {
        let slot = self.nodes[n].home.live().other();
        let Some(build) = self.measured(n, slot).filter(|build| self.view.lets_run(*build)) else {
            self.stands_still(n, "no other release lies ready that may run");
            return Next::GoesOn;
        };
        match self.authorize(n, build) {
            Ok(()) => {
                self.tell(|| format!("n{n} may not go on, and build {build} takes the place"));
                self.begin_move(n, Move { pause, ..Move::to(slot, build) }, Duration::ZERO);
                self.is_kept(n, Why::Retires);
            }
            // What could not be asked is no verdict.
            Err(refusal) if refusal.may_pass => {
                let pause = self.nodes[n].supervision.pause_unanswered();
                self.decide_after(n, pause);
            }
            Err(refusal) => self.stands_still(n, refusal.code),
        }
        Next::GoesOn
    }

    /// Nothing is started here any more, which an operator has to look at.
    pub(super) fn stands_still(&mut self, n: usize, why: &str) {
        self.leave(n, State::Still);
        self.is_kept(n, Why::Still);
        self.counts.safe_mode += 1;
        self.tell(|| format!("n{n} stands still: {why}"));
    }

    /// The number of a build.
    fn number_of(&self, hash: &BuildHash) -> usize {
        self.view.builds.iter().position(|known| known.hash == *hash).unwrap_or_default()
    }
}
