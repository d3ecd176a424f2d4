//! How a node stands: what keeps its validator, whether it counts as one that runs the release, and what is seen of it.

use super::fleet::Fleet;
use super::plan::How;
use super::power::Why;
use super::properties::THIRD_CHANGES;
use super::scout::PEERS;
use super::setting::BETWEEN_BLOCKS;
use rollout::{Seen, Vitals};
use std::time::Duration;

impl Fleet<'_> {
    /// What keeps the validator of a node from deciding blocks, if it has one.
    pub(super) fn is_kept(&mut self, n: usize, why: Why) {
        let Some(validator) = self.nodes[n].validator else { return };
        self.power.set(validator, why);
        if self.power.has_a_third_changing() {
            let most = self.power.thousandths(self.power.most_changing);
            self.broken(&THIRD_CHANGES, format!("{most} thousandths of the power change at one time"));
        }
    }

    /// Counts a node as one that runs the release, once.
    pub(super) fn count_if_new(&mut self, n: usize) {
        let now = self.now();
        let node = &mut self.nodes[n];
        let runs_it = node.process().is_some_and(|process| process.build > 0);
        if !runs_it || std::mem::replace(&mut node.is_counted, true) {
            return;
        }
        self.of_nodes.add(1, now);
        if let Some(validator) = node.validator {
            self.of_stake.add(self.power.of(validator), now);
        }
    }

    /// What is seen of the node that runs.
    pub(super) fn seen(&self, n: usize) -> Seen {
        let (node, now) = (&self.nodes[n], self.now());
        let Some(process) = node.process().filter(|_| node.answers(now)) else { return Seen::Silence };
        let block_age_ms = self.clock().0.saturating_sub(self.view.time.0);
        let stands = node.ailment(process.build) == Some(How::StandsStill);
        let is_recent = Duration::from_millis(block_age_ms) <= 3 * BETWEEN_BLOCKS;
        let height = if stands { process.first } else { self.view.height };
        Seen::Health(Vitals { ok: is_recent && !stands, height, peers: PEERS, block_age_ms })
    }
}
