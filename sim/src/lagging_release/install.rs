//! From bytes that are at hand to the build that the next start runs, in the steps of the real installation: what is written in each
//! is on the disk only once it is synced, and in each the machine may go down.

use super::fleet::Fleet;
use super::happens::Happens;
use super::home::Content;
use super::node::{STOPPING, State, takes};
use super::plan::How;
use super::power::Why;
use super::properties::ROLLED_BACK;
use primitives::Timestamp;
use releases::{InstallStage, StageReason};
use rollout::Before;
use serde::Serialize;
use std::time::Duration;
use update::{Slot, Step};

/// A small write with its sync.
const WRITING: Duration = Duration::from_millis(20);

/// A step of an installation at which a machine may go down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum InstallStep {
    /// The bytes go into the free slot, under another name.
    Copy,
    /// They get their name.
    Name,
    /// The journal says what lies there.
    Record,
    /// The journal says that the link is about to move.
    Announce,
    /// The link moves.
    Link,
    /// The journal says that the new build is on trial, or that the way back was taken.
    Conclude,
}

impl InstallStep {
    /// All, in their order.
    pub const ALL: [Self; 6] = [Self::Copy, Self::Name, Self::Record, Self::Announce, Self::Link, Self::Conclude];
}

/// A release that is brought into the free slot, beside the build that runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Staging {
    build: usize,
    slot: Slot,
    step: InstallStep,
    /// Whether the bytes are on the disk: what gets its name before that may be torn.
    is_synced: bool,
    serial: u64,
}

/// The link that moves, with nothing that runs.
#[derive(Clone, Debug)]
pub(super) struct Move {
    /// To here.
    pub to: Slot,
    /// The build there.
    pub build: usize,
    /// The build that is given up by it, and what for.
    pub gives_up: Option<(usize, String)>,
    /// What the node was like before, where it changes to a release by its own decision.
    pub before: Option<Before>,
    /// How long nothing is started after it.
    pub pause: Duration,
    pub(super) step: InstallStep,
}

impl Move {
    /// The link is to move to a slot.
    pub fn to(to: Slot, build: usize) -> Self {
        let (gives_up, before, pause) = (None, None, Duration::ZERO);
        Self { to, build, gives_up, before, pause, step: InstallStep::Announce }
    }
}

impl Fleet<'_> {
    /// Brings a release that is at hand into the free slot.
    pub(super) fn stage(&mut self, n: usize, build: usize) {
        let (now, size) = (self.now(), self.setting.size);
        let node = &mut self.nodes[n];
        if now < node.has_room {
            self.tell(|| format!("n{n} has no room for build {build}"));
            return;
        }
        let slot = node.home.live().other();
        if node.slot_before() == Some(slot) {
            // A build is on trial that came from there: it is the way back.
            node.scout.pause(now, &mut self.chance);
            return;
        }
        let serial = self.next_serial();
        let node = &mut self.nodes[n];
        node.scout.staging = Some(Staging { build, slot, step: InstallStep::Copy, is_synced: false, serial });
        let after = takes(size, node.speed.hashes);
        self.world.after(after, Happens::Staged(n, serial));
    }

    /// A step of that is done.
    pub(super) fn staged(&mut self, n: usize, serial: u64) {
        let Some(staging) = self.nodes[n].scout.staging.filter(|staging| staging.serial == serial) else { return };
        let Staging { build, slot, step, is_synced, .. } = staging;
        let hash = self.view.builds[build].hash;
        match step {
            InstallStep::Copy => {
                if self.goes_down(n, step) {
                    return;
                }
                if self.nodes[n].ailment(build) == Some(How::FailsItsCheck) {
                    return self.is_unusable(n, build);
                }
                // Before they get their name.
                self.go_on_staging(n, Staging { is_synced: true, ..staging }, InstallStep::Name);
            }
            InstallStep::Name => {
                let content = if is_synced { Content::Whole(build) } else { Content::Torn(build) };
                *self.nodes[n].home.slot(slot).write() = content;
                if self.goes_down(n, step) {
                    return;
                }
                self.nodes[n].home.slot(slot).sync();
                self.go_on_staging(n, staging, InstallStep::Record);
            }
            _ => {
                let mut journal = self.nodes[n].home.journal();
                journal.record(slot, hash);
                *self.nodes[n].home.journal.write() = journal;
                if self.goes_down(n, InstallStep::Record) {
                    return;
                }
                let node = &mut self.nodes[n];
                node.home.journal.sync();
                node.home.change(|journal| journal.report(hash, InstallStage::Staged));
                node.scout.staging = None;
                node.scout.ready = Some(build);
                self.tell(|| format!("n{n} has build {build} ready"));
                self.is_ready(n, build);
            }
        }
    }

    fn go_on_staging(&mut self, n: usize, staging: Staging, step: InstallStep) {
        let serial = staging.serial;
        self.nodes[n].scout.staging = Some(Staging { step, ..staging });
        self.world.after(WRITING, Happens::Staged(n, serial));
    }

    /// The build fails its self-check here: that is said on chain, and it is not tried again.
    fn is_unusable(&mut self, n: usize, build: usize) {
        let (hash, at) = (self.view.builds[build].hash, self.clock());
        let reason = "its self-check fails";
        let node = &mut self.nodes[n];
        node.scout.staging = None;
        node.home.change(|journal| {
            journal.mark_bad(hash, reason, at);
            journal.report(hash, InstallStage::Unusable { reason: StageReason::new(reason).unwrap_or_default() });
        });
        self.tell(|| format!("n{n} cannot use build {build}"));
    }

    /// Moves the link, once what runs has stopped.
    pub(super) fn begin_move(&mut self, n: usize, moves: Move, stopping: Duration) {
        self.leave(n, State::Moves(Box::new(moves)));
        self.wake_after(n, stopping);
    }

    /// The node changes to a release by its own decision.
    pub(super) fn change_to(&mut self, n: usize, slot: Slot, build: usize, before: Before) {
        self.tell(|| format!("n{n} changes to build {build}"));
        self.begin_move(n, Move { before: Some(before), ..Move::to(slot, build) }, STOPPING);
        self.is_kept(n, Why::Changes);
    }

    /// The next step of a move.
    pub(super) fn go_on_moving(&mut self, n: usize, moves: Move) {
        let step = moves.step;
        match step {
            InstallStep::Announce => self.announce(n, &moves),
            InstallStep::Link => *self.nodes[n].home.link.write() = moves.to,
            _ => {
                let home = &mut self.nodes[n].home;
                let mut journal = home.journal.read().clone();
                journal.resolve(Some(moves.to));
                *home.journal.write() = journal;
            }
        }
        if self.goes_down(n, step) {
            return;
        }
        let home = &mut self.nodes[n].home;
        home.journal.sync();
        home.link.sync();
        let next = match step {
            InstallStep::Announce => InstallStep::Link,
            InstallStep::Link => InstallStep::Conclude,
            _ => return self.has_moved(n, &moves),
        };
        self.nodes[n].state = State::Moves(Box::new(Move { step: next, ..moves }));
        self.wake_after(n, WRITING);
    }

    /// Writes into the journal that the link is about to move, and what that means.
    fn announce(&mut self, n: usize, moves: &Move) {
        let at = self.clock();
        let known = &self.view.builds[moves.build];
        let (hash, sequence) = (known.hash, known.release.as_ref().map_or(0, |release| release.sequence));
        let gives_up = moves.gives_up.as_ref().map(|(build, why)| (self.view.builds[*build].hash, why.as_str()));
        let home = &mut self.nodes[n].home;
        let mut journal = home.journal();
        match gives_up {
            Some((failed, why)) => journal.mark_bad(failed, why, at),
            None => journal.change_to(&hash, sequence),
        }
        let from = Some(home.live()).filter(|live| *live != moves.to);
        let gives_up = gives_up.map(|(failed, _)| failed);
        journal.step = Step::Switching { from, to: moves.to, hash, gives_up };
        *home.journal.write() = journal;
    }

    fn has_moved(&mut self, n: usize, moves: &Move) {
        if let Some((failed, why)) = &moves.gives_up {
            let hash = self.view.builds[*failed].hash;
            self.nodes[n].home.change(|journal| journal.report(hash, InstallStage::RolledBack { reason: reason(why) }));
            self.counts.rolled_back += 1;
            self.run.happened(&ROLLED_BACK);
            self.tell(|| format!("n{n} is back at build {} from {failed}: {why}", moves.build));
        }
        if let Some(before) = moves.before {
            self.nodes[n].supervision.changes(before);
        }
        self.decide_after(n, moves.pause);
    }

    /// Whether the machine goes down in this step, before what was written is synced.
    fn goes_down(&mut self, n: usize, step: InstallStep) -> bool {
        let Some((_, back_after)) = self.nodes[n].crash.filter(|(at, _)| *at == step) else { return false };
        self.nodes[n].crash = None;
        self.tell(|| format!("n{n} goes down at {step:?}"));
        self.go_down(n, back_after);
        true
    }

    /// What the clocks of machines say.
    pub(super) fn clock(&self) -> Timestamp {
        self.origin.plus(self.now().0 / 1_000)
    }
}

/// As much of a reason as a report has room for; reasons here are of plain letters.
pub(super) fn reason(why: &str) -> StageReason {
    StageReason::new(why.get(..why.len().min(256)).unwrap_or_default()).unwrap_or_default()
}
