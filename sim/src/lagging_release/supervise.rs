//! What a supervisor starts, in the order in which the real one asks whether it may.
//!
//! The decisions are those of `rollout`, the journal is that of `update`. What is here and in `trial.rs`, `ends.rs` and `acts.rs` is what
//! the node's `supervise` has around them, with a future in the place of processes and files.

use super::acts::Next;
use super::fleet::Fleet;
use super::happens::Happens;
use super::home::Content;
use super::node::{Process, Role, State};
use super::plan::How;
use super::power::Why;
use super::properties::{MIXTURE, UNAPPROVED};
use rollout::{Ended, Judge, Supervision};
use std::time::Duration;
use update::{Slot, Step};

/// How often a node on trial is asked how it is. The real supervisor asks four times as often.
pub(super) const LOOK: Duration = Duration::from_secs(2);

impl Fleet<'_> {
    /// Decides what is started now, with nothing that runs.
    pub(super) fn decide(&mut self, n: usize) {
        let (trial, last) = (self.setting.trial, self.nodes[n].supervision.last().cloned());
        if let Step::Trying { attempts, .. } = self.nodes[n].home.step()
            && let Some(act) = trial.exhausted(attempts, last.as_ref())
            && self.apply(n, act, Duration::ZERO) == Next::GoesOn
        {
            return;
        }
        let slot = self.nodes[n].home.live();
        let Some(build) = self.measured(n, slot) else {
            let content = self.nodes[n].home.content(slot);
            self.broken(
                &MIXTURE,
                format!("n{n} was to start {content:?} of slot {slot}, and its journal has another build"),
            );
            return self.stands_still(n, "what lies in its slot is not what was installed");
        };
        if self.view.lets_run(build) {
            let windows = self.nodes[n].home.is_on_trial().then(|| {
                let open = self.nodes[n].supervision.open_comparisons();
                trial.windows(open)
            });
            let judge = Judge::new(self.nodes[n].supervision.before(), windows);
            return self.start(n, build, Role::Current { judge, is_proven: false });
        }
        let ended = Ended::refused_with(self.view.exit_code(build));
        let act = ended.answer(self.nodes[n].home.is_on_trial());
        if self.apply(n, act, Duration::ZERO) == Next::Decide {
            self.decide_after(n, LOOK);
        }
    }

    /// Decides in a while; at once, where that is none.
    pub(super) fn decide_after(&mut self, n: usize, pause: Duration) {
        if pause.is_zero() {
            return self.decide(n);
        }
        self.nodes[n].life += 1;
        self.nodes[n].state = State::Waits;
        self.wake_after(n, pause);
    }

    /// The build in a slot, where it is whole and what was installed there.
    pub(super) fn measured(&self, n: usize, slot: Slot) -> Option<usize> {
        let home = &self.nodes[n].home;
        match home.content(slot) {
            Content::Whole(build) => {
                (home.journal.read().recorded(slot) == Some(self.view.builds[build].hash)).then_some(build)
            }
            Content::Nothing | Content::Torn(_) => None,
        }
    }

    /// Starts a build that may run.
    pub(super) fn start(&mut self, n: usize, build: usize, role: Role) {
        if !self.view.lets_run(build) {
            self.broken(&UNAPPROVED, format!("n{n} starts build {build}, which may not run"));
        }
        let (now, first, window) = (self.now(), self.view.height, self.setting.trial.window);
        let boots_in = self.nodes[n].speed.boots_in;
        self.leave(n, State::Still);
        if self.nodes[n].validator.is_some_and(|validator| self.power.why(validator) == Why::Up) {
            self.is_kept(n, Why::Tries);
        }
        let process = Process { build, began: now, answers: now.plus(boots_in), has_booted: false, first, role };
        self.nodes[n].state = State::Runs(Box::new(process));
        self.tell(|| format!("n{n} starts build {build}"));
        if let Some(How::Crashes { after_s }) = self.nodes[n].ailment(build) {
            let life = self.nodes[n].life;
            self.world.after(Duration::from_secs(after_s), Happens::Ends(n, life));
        }
        self.wake_after(n, boots_in.min(window));
    }

    /// The machine goes down, and is there again after a while.
    pub(super) fn go_down(&mut self, n: usize, back_after: Duration) {
        self.leave(n, State::Away);
        let node = &mut self.nodes[n];
        node.home.crash(&mut self.chance);
        node.was_cut = true;
        node.receipt_due = None;
        self.counts.crashed += 1;
        self.is_kept(n, Why::Crashed);
        self.world.after(back_after, Happens::Back(n));
    }

    /// The machine is there again, with a supervisor that has nothing in mind.
    pub(super) fn come_back(&mut self, n: usize) {
        self.nodes[n].supervision = Supervision::default();
        self.tell(|| format!("n{n} is back"));
        self.decide(n);
    }
}
