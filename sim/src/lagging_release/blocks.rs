//! The chain goes on by a block: what validators say with it, and what follows from it at every node at once.

use super::fleet::Fleet;
use super::happens::Happens;
use super::node::Node;
use super::plan::How;
use super::power::Why;
use super::properties::UNAPPROVED;
use super::scout::Turns;
use super::setting::{BETWEEN_BLOCKS, Setting};
use super::supervise::LOOK;
use super::view::{Known, View};
use super::votes::{Votes, Word};
use crate::run::Run;
use crate::world::Moment;
use releases::InstallStage;
use rollout::Ended;
use std::time::Duration;

/// How often it is asked again whether enough validators are up for a block.
const STALLED: Duration = Duration::from_secs(1);
/// The most blocks until the first release is approved.
const MOST_BLOCKS_BEFORE: usize = 200;

impl Fleet<'_> {
    /// A block, if more than two thirds of the power are up; what follows from it at once.
    pub(super) fn block(&mut self) -> bool {
        if !self.power.decides() {
            self.chain_stands_still();
            return true;
        }
        self.stall_s = 0;
        let words = self.words();
        let (now, height) = (self.now(), self.view.height.0 as usize);
        let count = self.votes.accounts().len();
        let up = |validator: &usize| self.power.why(*validator) == Why::Up;
        let proposer = (0..count).map(|step| (height + step) % count).find(up).unwrap_or_default();
        let passed = self.clock().0.saturating_sub(self.view.time.0).max(1);
        if !self.votes.block(now, Duration::from_millis(passed), proposer, &words, self.run) {
            return false;
        }
        self.are_said(&words);
        self.see_block();
        self.world.after(BETWEEN_BLOCKS, Happens::Block);
        true
    }

    fn chain_stands_still(&mut self) {
        self.stall_s += STALLED.as_secs();
        self.counts.stalled_s += STALLED.as_secs();
        self.counts.longest_stall_s = self.counts.longest_stall_s.max(self.stall_s);
        self.world.after(STALLED, Happens::Block);
    }

    /// What the newest block says is known to all, and what may run no more by it ends.
    fn see_block(&mut self) {
        let hashes: Vec<_> = self.view.builds.iter().map(|known| known.hash).collect();
        let view = View::of(&self.votes, self.setting, &hashes);
        let before = std::mem::replace(&mut self.view, view);
        self.give_turns();
        let looked_for = |view: &View| view.builds.iter().map(|known: &Known| known.next).collect::<Vec<_>>();
        if looked_for(&before) != looked_for(&self.view) {
            (0..self.nodes.len()).for_each(|n| self.look_soon(n));
        }
        for build in 0..hashes.len() {
            if before.lets_run(build) && !self.view.lets_run(build) && !self.setting.broken.runs_past_notice {
                self.stop_all(build);
            }
        }
        self.require_allowed();
    }

    /// What validators say with the next block: each the first thing that waits in its journal, or that it has started.
    fn words(&self) -> Vec<Word> {
        let (now, window) = (self.now(), self.setting.trial.window);
        let mut words = Vec::new();
        for (validator, node) in self.nodes.iter().enumerate().take(self.setting.validators()) {
            let follows = node.process().is_some_and(|process| node.ailment(process.build) != Some(How::StandsStill));
            if !follows || !node.answers(now) {
                continue;
            }
            if let Some(build) = node.receipt_due {
                let build = self.view.builds[build].hash;
                words.push(Word { validator, build, stage: InstallStage::Booted });
            }
            let report = node.home.journal.read().reports.first();
            if let Some(report) = report.filter(|_| node.is_scouting(now, window)) {
                words.push(Word { validator, build: report.hash, stage: report.stage.clone() });
            }
        }
        words
    }

    /// They are on chain, whatever came of them.
    fn are_said(&mut self, words: &[Word]) {
        for word in words {
            let node = &mut self.nodes[word.validator];
            if word.stage == InstallStage::Booted {
                node.receipt_due = None;
            } else {
                node.home.change(|journal| {
                    journal.reports.retain(|waits| waits.hash != word.build || waits.stage != word.stage);
                });
            }
        }
    }

    /// A build may run no more: all nodes that run it end.
    fn stop_all(&mut self, build: usize) {
        self.tell(|| format!("build {build} may run no more"));
        let now = self.now();
        // What has not answered yet ends by its own boot check, as soon as it would.
        let ends = |node: &Node| node.process().is_some_and(|process| process.build == build && now >= process.answers);
        let ending: Vec<usize> = (0..self.nodes.len()).filter(|n| ends(&self.nodes[*n])).collect();
        let ended = Ended::refused_with(self.view.exit_code(build));
        for n in ending {
            self.is_kept(n, Why::Retires);
            self.has_ended(n, ended);
        }
    }

    /// No node goes on with a build that may not run. Whether one does is asked of all nodes, whoever was to end it.
    pub(super) fn require_allowed(&mut self) {
        if (0..self.view.builds.len()).all(|build| self.view.lets_run(build)) {
            return;
        }
        let now = self.now();
        // The boot check of what has just come up is looked at once in so long.
        let goes_on = |node: &Node| {
            let process = node.process()?;
            (now >= process.answers.plus(LOOK) && !self.view.lets_run(process.build)).then_some(process.build)
        };
        let found = self.nodes.iter().enumerate().find_map(|(n, node)| Some((n, goes_on(node)?)));
        if let Some((n, build)) = found {
            self.broken(&UNAPPROVED, format!("n{n} goes on with build {build}, which may not run"));
        }
    }

    /// Whose turn it is to change to what has just been approved.
    pub(super) fn give_turns(&mut self) {
        for (number, known) in self.view.builds.iter().enumerate().skip(1) {
            let activated = known.release.as_ref().and_then(|release| release.activated);
            if let Some(moment) = activated.filter(|_| self.turns[number].is_none()) {
                let set = self.votes.chain.validators();
                let (accounts, distance) = (self.votes.accounts(), self.setting.distance);
                self.turns[number] = Some(Turns::of(&set, accounts, &known.hash, moment.time, distance));
            }
        }
    }
}

/// All validators say what they run, and vote for the first release, until it is approved. None where a law is broken.
pub(super) fn approve_the_first(votes: &mut Votes, setting: &Setting, run: &mut Run) -> Option<()> {
    let (build, stage) = (setting.first_build, InstallStage::Booted);
    let first = (0..setting.validators()).map(|validator| Word { validator, build, stage: stage.clone() });
    let mut words: Vec<Word> = first.collect();
    votes.approve(setting, 1);
    for _ in 0..MOST_BLOCKS_BEFORE {
        if !votes.block(Moment::BEGIN, BETWEEN_BLOCKS, 0, &std::mem::take(&mut words), run) {
            return None;
        }
        if votes.are_over() {
            break;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{wait_until, with_fleet};
    use super::*;

    fn keep_all(fleet: &mut Fleet<'_>, why: Why) {
        (0..fleet.setting.validators()).for_each(|n| fleet.is_kept(n, why));
    }

    #[test]
    fn stalls_are_counted_together_and_the_longest_by_itself() {
        with_fleet("--nodes 10", |fleet| {
            wait_until(fleet, Moment::BEGIN.plus(BETWEEN_BLOCKS));
            for stalls in [3, 0, 2] {
                keep_all(fleet, Why::Tries);
                (0..stalls).for_each(|_| assert!(fleet.block()));
                keep_all(fleet, Why::Up);
                let (height, now) = (fleet.view.height, fleet.now());
                assert!(fleet.block());
                assert!(fleet.view.height > height, "the chain goes on");
                wait_until(fleet, now.plus(BETWEEN_BLOCKS));
            }
            assert_eq!((fleet.counts.stalled_s, fleet.counts.longest_stall_s, fleet.stall_s), (5, 3, 0));
        });
    }

    #[test]
    fn whoever_goes_on_with_what_may_not_run_is_found() {
        with_fleet("--nodes 10", |fleet| {
            wait_until(fleet, Moment::BEGIN.plus(BETWEEN_BLOCKS));
            fleet.require_allowed();
            assert!(!fleet.run.is_broken());
            fleet.view.builds[0].verdict = releases::queries::Verdict::NotApproved;
            fleet.require_allowed();
            assert!(fleet.run.is_broken());
        });
    }
}
