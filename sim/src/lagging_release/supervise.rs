//! What a supervisor asks, in the order in which the real one does, and what it does about the answers.
//!
//! The decisions are those of `rollout`, the journal is that of `update`. What is here is what the node's `supervise` has around them,
//! with a future in the place of processes and files.

use super::fleet::{Fleet, Happens};
use super::home::Content;
use super::install::{Move, reason};
use super::node::{Process, Role, STOPPING, State};
use super::plan::How;
use super::power::Why;
use super::properties::{BACK_TO_REFUSED, CRASHED_AND_BACK, MIXTURE, UNAPPROVED};
use primitives::BuildHash;
use releases::InstallStage;
use rollout::{
    Act, Compared, Comparison, Doing, End, Ended, Exit, Judge, Lack, NotKnown, Seen, Supervision, TrialVerdict, Unwell,
};
use std::time::Duration;
use update::{Slot, Step, UpdateError};

/// How often a node on trial is asked how it is. The real supervisor asks four times as often.
pub(super) const LOOK: Duration = Duration::from_secs(2);

/// What becomes of what was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// It is decided anew what may be started.
    Decide,
    /// It goes on by itself.
    GoesOn,
}

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
    fn measured(&self, n: usize, slot: Slot) -> Option<usize> {
        let home = &self.nodes[n].home;
        match home.content(slot) {
            Content::Whole(build) => {
                (home.journal.read().recorded(slot) == Some(self.view.builds[build].hash)).then_some(build)
            }
            Content::Nothing | Content::Torn(_) => None,
        }
    }

    /// The number of a build.
    fn number_of(&self, hash: &BuildHash) -> usize {
        self.view.builds.iter().position(|known| known.hash == *hash).unwrap_or_default()
    }

    /// Starts a build that may run.
    fn start(&mut self, n: usize, build: usize, role: Role) {
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

    /// What runs is asked how it is.
    pub(super) fn look_at_process(&mut self, n: usize) {
        let Some(process) = self.nodes[n].process() else { return };
        let (build, answers, is_current) =
            (process.build, process.answers, matches!(process.role, Role::Current { .. }));
        if self.now() >= answers && !self.view.lets_run(build) {
            return self.has_ended(n, Ended::refused_with(self.view.exit_code(build)));
        }
        if is_current {
            self.look_at_current(n);
        } else {
            self.look_at_build_before(n);
        }
    }

    fn look_at_current(&mut self, n: usize) {
        let now = self.now();
        if self.nodes[n].process().is_some_and(|process| now >= process.answers && !process.has_booted) {
            self.has_booted(n);
        }
        let seen = self.seen(n);
        let State::Runs(process) = &mut self.nodes[n].state else { return };
        let began = process.began;
        let Role::Current { judge, is_proven: false } = &mut process.role else { return };
        let Some(verdict) = judge.look(now.since(began), seen) else { return self.wake_after(n, LOOK) };
        self.take_in_verdict(n, verdict);
    }

    fn take_in_verdict(&mut self, n: usize, verdict: TrialVerdict) {
        match verdict {
            TrialVerdict::Well => self.has_proven_itself(n),
            TrialVerdict::Unwell(unwell) => self.take_in(n, End::Unwell(unwell)),
            TrialVerdict::NotKnown(NotKnown::Lacks(lack)) if self.nodes[n].slot_before().is_some() => {
                self.put_to_proof(n, lack);
            }
            TrialVerdict::NotKnown(NotKnown::Lacks(_) | NotKnown::Unasked(_)) => {
                let (trial, supervision) = (self.setting.trial, self.nodes[n].supervision.clone());
                let windows = self.nodes[n].home.is_on_trial().then(|| trial.windows(supervision.open_comparisons()));
                if let State::Runs(process) = &mut self.nodes[n].state {
                    let judge = Judge::new(supervision.before(), windows);
                    process.role = Role::Current { judge, is_proven: false };
                }
                self.wake_after(n, LOOK);
            }
        }
    }

    /// The node answers for the first time.
    fn has_booted(&mut self, n: usize) {
        let node = &mut self.nodes[n];
        let State::Runs(process) = &mut node.state else { return };
        process.has_booted = true;
        let build = process.build;
        if std::mem::take(&mut node.was_cut) {
            self.run.happened(&CRASHED_AND_BACK);
        }
        let node = &mut self.nodes[n];
        let is_up = !matches!(node.ailment(build), Some(How::Hangs | How::StandsStill));
        if node.ailment(build) != Some(How::Hangs) && node.validator.is_some() {
            node.receipt_due = Some(build);
        }
        self.is_kept(n, if is_up { Why::Up } else { Why::Tries });
    }

    /// The build that runs has proven itself: that is put on record, where it was on trial.
    fn has_proven_itself(&mut self, n: usize) {
        if let State::Runs(process) = &mut self.nodes[n].state
            && let Role::Current { is_proven, .. } = &mut process.role
        {
            *is_proven = true;
        }
        if self.nodes[n].home.is_on_trial() {
            self.nodes[n].home.change(|journal| {
                if let Some(hash) = journal.settle() {
                    journal.report(hash, InstallStage::Healthy);
                }
            });
            self.tell(|| format!("n{n} is healthy"));
        }
        self.is_kept(n, Why::Up);
        self.count_if_new(n);
    }

    /// What runs came to an end.
    pub(super) fn has_ended(&mut self, n: usize, ended: Ended) {
        let Some(role) = self.nodes[n].process().map(|process| process.role.clone()) else { return };
        self.tell(|| format!("n{n}: {ended}"));
        match role {
            Role::Current { .. } => self.take_in(n, End::Ended(ended)),
            Role::Shows { end, ran, .. } => self.answer_for(n, Doing::OfBoth(ended), &end, ran),
            Role::Compares { lack, .. } => {
                self.has_compared(n, lack, Compared::Open(format!("the build before does not run: {ended}")));
            }
        }
    }

    /// How a build ends that crashes.
    pub(super) fn crashes_by_itself(&mut self, n: usize) {
        self.has_ended(n, Ended::from(Exit::Signal(11)));
    }

    /// Takes in an end that nobody asked for.
    fn take_in(&mut self, n: usize, end: End) {
        let now = self.now();
        let ran = self.nodes[n].process().map_or(Duration::ZERO, |process| now.since(process.began));
        self.nodes[n].supervision.ended(&end);
        self.is_kept(n, Why::Tries);
        let Some(as_long) = end.shown_within(ran) else { return self.answer_for(n, Doing::Unasked, &end, ran) };
        match self.build_before(n) {
            Ok(build) => {
                let until = now.plus(as_long.min(self.setting.trial.window));
                self.start(n, build, Role::Shows { end, ran, until });
            }
            Err(doing) => self.answer_for(n, doing, &end, ran),
        }
    }

    /// The build before, if it may be run in the place of the one on trial; else what follows from that it is not.
    fn build_before(&self, n: usize) -> Result<usize, Doing> {
        let slot = self.nodes[n].slot_before().ok_or(Doing::Unasked)?;
        let build = self.measured(n, slot).ok_or(Doing::Unasked)?;
        if self.view.lets_run(build) { Ok(build) } else { Err(Doing::where_refused(self.view.exit_code(build))) }
    }

    /// Does what follows from an end, and starts again after a pause.
    fn answer_for(&mut self, n: usize, doing: Doing, end: &End, ran: Duration) {
        let act = doing.answer(end, self.nodes[n].home.is_on_trial());
        let pause = self.nodes[n].supervision.pause_after(ran);
        self.leave(n, State::Waits);
        self.is_kept(n, Why::Tries);
        if self.apply(n, act, pause) == Next::Decide {
            self.decide_after(n, pause);
        }
    }

    /// The build before runs for a window in the place of the one on trial, which lacks something.
    fn put_to_proof(&mut self, n: usize, lack: Lack) {
        self.is_kept(n, Why::Tries);
        match self.build_before(n) {
            Ok(build) => {
                let until = self.now().plus(self.setting.trial.window);
                self.start(n, build, Role::Compares { lack, comparison: Comparison::with(lack), until });
            }
            Err(_) => self.has_compared(n, lack, Compared::Open("the build before is not run".into())),
        }
    }

    /// Looks at the build before, which runs in the place of the one on trial.
    fn look_at_build_before(&mut self, n: usize) {
        let (now, seen, window) = (self.now(), self.seen(n), self.setting.trial.window);
        if let Seen::Health(_) = seen {
            // While it runs, the validator decides blocks.
            self.is_kept(n, Why::Up);
        }
        let State::Runs(process) = &mut self.nodes[n].state else { return };
        let late = now >= process.began.plus(window);
        match &mut process.role {
            Role::Shows { end, ran, until } => {
                let (end, ran) = (end.clone(), *ran);
                match seen {
                    Seen::Health(_) if now >= *until => self.answer_for(n, Doing::OfTheBuild, &end, ran),
                    Seen::Health(_) => {
                        let left = until.since(now);
                        self.wake_after(n, left);
                    }
                    _ if late => {
                        let why = "the build before does not say how it is either";
                        self.answer_for(n, Doing::Open(why.into()), &end, ran);
                    }
                    _ => self.wake_after(n, LOOK),
                }
            }
            Role::Compares { lack, comparison, until } => {
                let (lack, is_over) = (*lack, now >= *until);
                let against = match &seen {
                    Seen::Health(vitals) => comparison.look(vitals),
                    _ => None,
                };
                match against {
                    Some(unwell) => self.has_compared(n, lack, Compared::Against(unwell)),
                    None if is_over => {
                        self.has_compared(n, lack, Compared::Open("with the build before it is so too".into()));
                    }
                    None => self.wake_after(n, LOOK),
                }
            }
            Role::Current { .. } => {}
        }
    }

    fn has_compared(&mut self, n: usize, lack: Lack, compared: Compared) {
        let act = self.nodes[n].supervision.compared(lack, compared);
        self.leave(n, State::Waits);
        self.is_kept(n, Why::Tries);
        if self.apply(n, act, Duration::ZERO) == Next::Decide {
            self.decide(n);
        }
    }

    /// Does what was decided. A link that moves for it is followed by a pause.
    fn apply(&mut self, n: usize, act: Act, pause: Duration) -> Next {
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
            Ok(_) => {
                self.tell(|| format!("n{n} may not go on, and build {build} takes the place"));
                self.begin_move(n, Move { pause, ..Move::to(slot, build) }, Duration::ZERO);
                self.is_kept(n, Why::Retires);
            }
            // What could not be asked is no verdict.
            Err(error) if error.may_pass() => {
                let pause = self.nodes[n].supervision.pause_unanswered();
                self.decide_after(n, pause);
            }
            Err(error) => self.stands_still(n, said(&error)),
        }
        Next::GoesOn
    }

    /// Nothing is started here any more, which an operator has to look at.
    fn stands_still(&mut self, n: usize, why: &str) {
        self.leave(n, State::Still);
        self.is_kept(n, Why::Still);
        self.counts.safe_mode += 1;
        self.tell(|| format!("n{n} stands still: {why}"));
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

fn said(error: &UpdateError) -> &'static str {
    error.code()
}
