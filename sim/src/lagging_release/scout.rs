//! What a supervisor does beside a node that is well: it looks for a release, brings it here, and waits for the turn of its node.

use super::fleet::Fleet;
use super::looks::Worth;
use super::node::State;
use super::properties::WAVES_WAIT;
use super::view::View;
use primitives::{AccountId, BuildHash, Height, Timestamp};
use rollout::{Before, Change, Hold, WaveTurns, may_wait};
use staking::ValidatorSet;
use std::time::Duration;

/// The peers of every node.
pub(super) const PEERS: u32 = 8;

/// The turns of all nodes for one release, which are the same in all that is to come: nobody's power changes in these futures.
#[derive(Clone, Debug)]
pub(super) struct Turns {
    of: Vec<WaveTurns>,
    others: WaveTurns,
}

impl Turns {
    /// Those by the validators that are approved with a build at a time.
    pub fn of(
        set: &ValidatorSet,
        accounts: &[AccountId],
        build: &BuildHash,
        begin: Timestamp,
        distance: Duration,
    ) -> Self {
        let turns = |who: Option<&AccountId>| WaveTurns::of(set, build, who, begin, distance);
        Self { of: accounts.iter().map(|who| turns(Some(who))).collect(), others: turns(None) }
    }

    fn who(&self, validator: Option<usize>) -> &WaveTurns {
        validator.and_then(|validator| self.of.get(validator)).unwrap_or(&self.others)
    }
}

impl Fleet<'_> {
    /// A look at the chain, if there is a block that was not looked at, and nothing is under way. Gives from when on another look may
    /// come to something.
    pub(super) fn look_at_chain(&mut self, n: usize) -> Worth {
        let now = self.now();
        let (height, time) = (self.view.height, self.view.time);
        let node = &mut self.nodes[n];
        if matches!(node.state, State::Still) {
            return Worth::WithNews;
        }
        if !node.is_scouting(now, self.setting.trial.window)
            || node.scout.is_busy()
            || node.scout.looked_at == Some(height)
        {
            return Worth::AtOnce;
        }
        let Some(running) = node.process().map(|process| process.build) else { return Worth::AtOnce };
        node.scout.looked_at = Some(height);
        if now < node.scout.again {
            return Worth::From(node.scout.again);
        }
        let is_bad = |next: &usize| node.home.journal.read().badness(&self.view.builds[*next].hash).is_some();
        let Some(next) = self.view.builds[running].next.filter(|next| !is_bad(next)) else { return Worth::WithNews };
        node.scout.went_by = time;
        if node.scout.ready == Some(next) {
            self.change_if_turn(n, running, next, time);
        } else if self.authorize(n, next).is_ok() {
            self.bring(n, next);
        }
        Worth::AtOnce
    }

    fn bring(&mut self, n: usize, build: usize) {
        if self.nodes[n].holds(build) {
            self.stage(n, build);
        } else {
            self.fetch(n, build);
        }
    }

    /// A release has just come to lie ready. Whether it is this node's turn is asked by the newest block, and not by that from before
    /// the fetch, which may be hours old.
    pub(super) fn is_ready(&mut self, n: usize, build: usize) {
        let by = if self.setting.broken.by_an_old_block { self.nodes[n].scout.went_by } else { self.view.time };
        let Some(running) = self.nodes[n].process().map(|process| process.build) else { return };
        // By now something newer may be looked for, or nothing.
        if self.view.builds[running].next == Some(build) {
            self.change_if_turn(n, running, build, by);
        }
    }

    /// The node changes to a release that lies ready, unless others say that it failed, or its turn is still to come.
    fn change_if_turn(&mut self, n: usize, running: usize, next: usize, time: Timestamp) {
        if self.is_over {
            return;
        }
        let hold = self.hold(n, running, next, time);
        let hash = self.view.builds[next].hash;
        let validator = self.nodes[n].validator;
        let Some(turns) = &self.turns[next] else { return };
        match Change::of(hold, turns.who(validator), time) {
            Change::Now => self.change_now(n, next),
            Change::HeldBack { percent, .. } => {
                if self.nodes[n].home.journal.read().held_back(&hash).is_none() {
                    self.nodes[n].home.change(|journal| journal.hold_back(hash, time));
                    self.counts.held_back += 1;
                    self.tell(|| format!("n{n} holds build {next} back: {percent} % say that it failed"));
                }
            }
            Change::InWave { .. } => self.run.happened(&WAVES_WAIT),
        }
    }

    /// What the words of others come to.
    fn hold(&self, n: usize, running: usize, next: usize, now: Timestamp) -> Hold {
        let View { builds, minimum, .. } = &self.view;
        if !may_wait(builds[next].release.as_ref(), builds[running].release.as_ref(), minimum) {
            return Hold::No;
        }
        let since = self.nodes[n].home.journal.read().held_back(&builds[next].hash);
        Hold::of(self.setting.hold, builds[next].failed, since, now)
    }

    fn change_now(&mut self, n: usize, next: usize) {
        if self.authorize(n, next).is_err() {
            return;
        }
        let height: Height = self.view.height;
        let before = Before { height, peers: PEERS };
        let slot = self.nodes[n].home.live().other();
        self.change_to(n, slot, next, before);
    }
}
