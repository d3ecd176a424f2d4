//! The laws of what nodes and builders say about builds, counted from facts and not by the questions the rules ask.

use crate::cells::{REBUILDS, RECEIPTS, RUNNING, STAGES};
use crate::network::{Done, Network};
use primitives::{AccountId, Amount, BuildHash, Epoch};
use releases::StageName;
use releases::queries::{installs, node, node_count, rebuild, rebuild_count, release, running, uptake};
use runtime::{Cause, Event, Fact, Motion};
use std::collections::{BTreeMap, BTreeSet};

/// What was said in earlier blocks.
#[derive(Default)]
pub struct Stages {
    /// The latest stage of each build on each node.
    latest: BTreeMap<(BuildHash, AccountId), StageName>,
    /// Every report there ever was, by epoch.
    said: BTreeSet<(BuildHash, AccountId, StageName, Epoch)>,
    /// What each node runs.
    running: BTreeMap<AccountId, BuildHash>,
    /// Who built which build.
    rebuilt: BTreeSet<(BuildHash, AccountId)>,
}

impl Stages {
    pub fn check(&mut self, network: &Network, done: &Done) {
        for fact in &done.executed.facts {
            nobody_speaks_for_another(fact);
            let (build, node, stage) = match &fact.outcome {
                Ok(Event::Releases(releases::Event::Installed { build_hash, node, .. })) => {
                    (*build_hash, *node, StageName::Booted)
                }
                Ok(Event::Releases(releases::Event::Reported { build_hash, node, report, .. })) => {
                    (*build_hash, *node, report.stage.name())
                }
                Ok(Event::Releases(releases::Event::Held { build_hash, node, .. })) => {
                    self.hear_holder(network, *build_hash, *node);
                    continue;
                }
                Ok(Event::Releases(releases::Event::Rebuilt { build_hash, builder, .. })) => {
                    self.hear_builder(network, *build_hash, *builder);
                    continue;
                }
                _ => continue,
            };
            self.hear(network, build, node, stage);
        }
        self.every_node_stands_where_it_last_said(network);
        self.the_uptake_counts_each_node_once(network);
        self.h06_lists_and_totals_are_those_of_all_rows(network);
    }

    fn hear(&mut self, network: &Network, build: BuildHash, node: AccountId, stage: StageName) {
        assert!(release(&network.state(), &build).is_some(), "{build} was never approved");
        let (state, now) = (network.state(), network.epoch());
        let decides = staking::queries::validator_set(&state, now).power_of(&node).is_some();
        let enough = network.genesis.releases.params.reporter_stake;
        let has_stake = staking::queries::stake_at(&state, &node, now) >= enough;
        assert!(decides || has_stake, "h06: {node} has nothing at stake");
        assert!(self.said.insert((build, node, stage, network.epoch())), "{stage} twice in an epoch");
        self.latest.insert((build, node), stage);
        match stage {
            StageName::Booted | StageName::Healthy => drop(self.running.insert(node, build)),
            StageName::RolledBack | StageName::Unusable if self.running.get(&node) == Some(&build) => {
                self.running.remove(&node);
            }
            _ => {}
        }
    }

    /// What is held while it is voted on is said for each proposal, and so more than once an epoch.
    fn hear_holder(&mut self, network: &Network, build: BuildHash, node: AccountId) {
        assert!(release(&network.state(), &build).is_none(), "{build} is approved, and its stage is a report");
        self.said.insert((build, node, StageName::Held, network.epoch()));
        self.latest.insert((build, node), StageName::Held);
    }

    fn hear_builder(&mut self, network: &Network, build: BuildHash, builder: AccountId) {
        let proposed = governance::queries::proposals::<Motion>(&network.state()).any(|proposal| {
            matches!(&proposal.motion, Motion::Releases(releases::Motion::Approve(vote)) if vote.build_hash == build)
        });
        let approved = release(&network.state(), &build).is_some();
        assert!(proposed || approved, "{build} was never proposed");
        assert!(self.rebuilt.insert((build, builder)), "{builder} counts twice");
    }

    fn every_node_stands_where_it_last_said(&self, network: &Network) {
        let state = network.state();
        let kept = STAGES.iter(&state).map(|(key, report)| (key, report.stage.name()));
        assert_eq!(kept.collect::<BTreeMap<_, _>>(), self.latest);
        let kept = RUNNING.iter(&state).collect::<BTreeMap<_, _>>();
        assert_eq!(kept, self.running);
        let kept: BTreeSet<_> = REBUILDS.iter(&state).map(|(key, _)| key).collect();
        assert_eq!(kept, self.rebuilt);
        assert!(self.running.iter().all(|(node, build)| running(&state, node) == Some(*build)));
    }

    fn the_uptake_counts_each_node_once(&self, network: &Network) {
        let (state, now) = (network.state(), network.epoch());
        let set = staking::queries::validator_set(&state, now);
        for build in self.latest.keys().map(|(build, _)| *build).collect::<BTreeSet<_>>() {
            let uptake = uptake(&state, &build, now);
            let nodes: u64 = uptake.stages().iter().map(|(_, count)| count.nodes).sum();
            let stake: Amount = uptake.stages().iter().map(|(_, count)| count.stake).sum();
            assert_eq!(nodes, node_count(&state, &build));
            assert!(stake <= uptake.total_stake && uptake.total_stake == set.total_power());
            let failed = self.latest.iter().filter(|((of, _), stage)| *of == build && stage.is_failure());
            let failed = failed.filter_map(|((_, node), _)| set.power_of(node)).sum();
            assert_eq!(uptake.failed_stake, failed);
        }
    }

    /// H6: what is read by its number, and counted without being read, is what the rows are.
    fn h06_lists_and_totals_are_those_of_all_rows(&self, network: &Network) {
        let state = network.state();
        for build in self.latest.keys().map(|(build, _)| *build).collect::<BTreeSet<_>>() {
            let listed = (1..=node_count(&state, &build)).map(|number| {
                let (who, report) = node(&state, &build, number).expect("numbers have no gaps");
                assert_eq!(report.number, number);
                ((build, who), report.stage.name())
            });
            let latest = self.latest.iter().filter(|((of, _), _)| *of == build).map(|(key, stage)| (*key, *stage));
            let latest: BTreeMap<_, _> = latest.collect();
            assert_eq!(listed.collect::<BTreeMap<_, _>>(), latest);
            for (stage, count) in uptake(&state, &build, network.epoch()).stages() {
                assert_eq!(count.nodes as usize, latest.values().filter(|other| **other == stage).count(), "{stage}");
            }
            let all: u64 = RECEIPTS.iter_under(&state, &build).map(|(_, receipt)| receipt.count).sum();
            assert_eq!(installs(&state, &build).count, all);
        }
        for build in self.rebuilt.iter().map(|(build, _)| *build).collect::<BTreeSet<_>>() {
            let listed = (1..=rebuild_count(&state, &build)).map(|number| {
                let (builder, rebuild) = rebuild(&state, &build, number).expect("numbers have no gaps");
                assert_eq!(rebuild.number, number);
                (build, builder)
            });
            let rebuilt: BTreeSet<_> = self.rebuilt.iter().filter(|(of, _)| *of == build).copied().collect();
            assert_eq!(listed.collect::<BTreeSet<_>>(), rebuilt);
        }
    }
}

fn nobody_speaks_for_another(fact: &Fact) {
    let Ok(Event::Releases(event)) = &fact.outcome else { return };
    let Some(speaker) = event.speaker() else { return };
    let is_own = matches!(fact.cause, Cause::Transaction { account, .. } if account == speaker);
    assert!(is_own, "somebody spoke for {speaker}: {fact:?}");
}
