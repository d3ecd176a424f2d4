//! How what runs is looked at: whether it answers, whether it has proven itself, and what follows from a verdict.

use super::fleet::Fleet;
use super::node::{Role, State};
use super::plan::How;
use super::power::Why;
use super::properties::CRASHED_AND_BACK;
use super::supervise::LOOK;
use releases::InstallStage;
use rollout::{End, Ended, Judge, NotKnown, TrialVerdict};

impl Fleet<'_> {
    /// What runs is asked how it is.
    pub(super) fn look_at_process(&mut self, n: usize) {
        let Some(process) = self.nodes[n].process() else { return };
        let (build, answers, is_current) =
            (process.build, process.answers, matches!(process.role, Role::Current { .. }));
        let is_checked = self.now() >= answers && !self.setting.broken.runs_past_notice;
        if is_checked && !self.view.lets_run(build) {
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
}

#[cfg(test)]
mod tests {
    use super::super::testing::{wait_until, with_broken_fleet};
    use super::*;
    use releases::queries::Verdict;
    use rollout::Before;

    /// A node that comes up with a release that may run no more by then.
    const WHO: usize = 9;

    #[test]
    fn what_may_run_no_more_ends_as_it_comes_up_or_is_found_to_go_on() {
        for (rule, goes_on) in [(None, false), (Some("runs-past-notice"), true)] {
            with_broken_fleet("--nodes 10", rule, |mut fleet| {
                fleet.start(WHO, 1, Role::Current { judge: Judge::new(Before::default(), None), is_proven: false });
                let answers = fleet.nodes[WHO].process().unwrap().answers;
                fleet.view.builds[1].verdict = Verdict::NotApproved;
                wait_until(&mut fleet, answers);
                fleet.look_at_process(WHO);
                assert_eq!(fleet.nodes[WHO].process().is_some(), goes_on, "{rule:?}");
                wait_until(&mut fleet, answers.plus(LOOK));
                assert!(!fleet.run.is_broken());
                fleet.require_allowed();
                assert_eq!(fleet.run.is_broken(), goes_on, "{rule:?}");
            });
        }
    }
}
