//! When a future is over, and what it came to.

use super::fleet::Fleet;
use super::happens::Happens;
use super::home::Content;
use super::node::{Node, State};
use super::outcome::{Counts, Outcome};
use super::pipe::Pipe;
use super::properties::STRANDED;
use crate::world::Moment;
use std::time::Duration;

/// How often it is looked whether all is over.
pub(super) const GLANCE: Duration = Duration::from_secs(120);
/// How long after nothing new begins any more everybody has to come to rest.
const MOST_UNREST: Duration = Duration::from_secs(6 * 60 * 60);

impl Fleet<'_> {
    /// Whether all is over: nothing more is to come, or the time is, and everybody has come to rest.
    pub(super) fn glance(&mut self) -> bool {
        let now = self.now();
        let time_is_over = now >= Moment::BEGIN.plus(Duration::from_secs(self.plan.until_s));
        if !self.is_over && (time_is_over || self.power.has_stopped() || self.is_quiet()) {
            self.is_over = true;
            self.over_since = Some(now);
        }
        let is_late = self.over_since.is_some_and(|since| now >= since.plus(MOST_UNREST));
        let has_stopped = self.is_over && self.power.has_stopped();
        let at_rest = |node: &Node| matches!(node.state, State::Still) || node.is_proven();
        let all_rest = || self.nodes.iter().all(at_rest);
        let nobody_is_away = || !self.nodes.iter().any(|node| matches!(node.state, State::Away | State::Moves(_)));
        if self.is_over && (is_late || all_rest() || (has_stopped && nobody_is_away())) {
            return true;
        }
        self.world.after(GLANCE, Happens::Glance);
        false
    }

    /// Whether nobody has anything left to do.
    fn is_quiet(&self) -> bool {
        let has_what_it_wants = |node: &Node| {
            let Some(process) = node.process() else { return matches!(node.state, State::Still) };
            let is_bad = |next: usize| node.home.journal.read().badness(&self.view.builds[next].hash).is_some();
            node.is_proven() && self.view.builds[process.build].next.is_none_or(is_bad)
        };
        self.to_come == 0
            && self.votes.are_over()
            && !self.view.a_stop_is_to_come()
            && self.nodes.iter().all(has_what_it_wants)
    }

    /// What it came to.
    pub(super) fn end(mut self) -> Outcome {
        for n in 0..self.nodes.len() {
            let home = &self.nodes[n].home;
            let content = home.content(home.live());
            let is_whole = matches!(content, Content::Whole(build) if self.view.lets_run(build));
            let is_away = matches!(self.nodes[n].state, State::Away);
            if !matches!(self.nodes[n].state, State::Still) && (is_away || !is_whole) {
                self.broken(&STRANDED, format!("n{n} ends with {content:?}"));
            }
        }
        for n in 0..self.nodes.len() {
            self.stop_fetching(n);
        }
        let from_peers = self.uplinks.values().map(Pipe::sent).sum::<u64>() + self.counts.from_peers;
        let power = &self.power;
        Outcome {
            nodes: self.nodes.len() as u64,
            of_nodes: self.of_nodes.reached,
            of_stake: self.of_stake.reached,
            most_changing_permille: power.thousandths(power.most_changing),
            most_upgrading_permille: power.thousandths(power.most_upgrading),
            most_away_permille: power.thousandths(power.most_away),
            bytes_of_mirrors: self.mirrors.iter().map(|line| line.pipe.sent()).collect(),
            is_bad: self.plan.releases.first().is_some_and(|release| release.bad.is_some()),
            is_revoked: self.plan.revoke.is_some(),
            network_stopped: !power.decides(),
            counts: Counts { from_peers, ..self.counts },
            without_first: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::power::Why;
    use super::super::testing::with_own_fleet;

    #[test]
    fn a_chain_that_a_bad_build_keeps_down_has_stopped_though_nobody_stands_still() {
        for (why, stops) in [(Why::Up, false), (Why::Tries, true)] {
            with_own_fleet("--nodes 10", |mut fleet| {
                (0..7).for_each(|n| fleet.is_kept(n, why));
                assert!(!fleet.power.has_stopped());
                assert_eq!(fleet.end().network_stopped, stops, "{why:?}");
            });
        }
    }
}
