//! What comes of an end that nobody asked for, and of something that a build lacks: the build before shows in its place whose doing it is.

use super::acts::Next;
use super::fleet::Fleet;
use super::node::{Role, State};
use super::power::Why;
use super::supervise::LOOK;
use rollout::{Act, Compared, Comparison, Doing, End, Ended, Exit, Lack, Seen};
use std::time::Duration;

impl Fleet<'_> {
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
    pub(super) fn take_in(&mut self, n: usize, end: End) {
        let now = self.now();
        let ran = self.nodes[n].process().map_or(Duration::ZERO, |process| now.since(process.began));
        self.nodes[n].supervision.ended(&end);
        let Some(as_long) = end.shown_within(ran) else { return self.answer_for(n, Doing::Unasked, &end, ran) };
        self.is_kept(n, Why::Tries);
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
        // What may run no more is no trial that failed.
        self.is_kept(n, if matches!(act, Act::Retire(_)) { Why::Retires } else { Why::Tries });
        if self.apply(n, act, pause) == Next::Decide {
            self.decide_after(n, pause);
        }
    }

    /// The build before runs for a window in the place of the one on trial, which lacks something.
    pub(super) fn put_to_proof(&mut self, n: usize, lack: Lack) {
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
    pub(super) fn look_at_build_before(&mut self, n: usize) {
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
}
